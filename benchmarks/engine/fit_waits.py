"""Fit what each kernel waits for the board's flash: the second formula of the plan's cost model.

    python benchmarks/engine/fit_waits.py           # M1 to M6; writes firmware/planning/wait_rates.py
    python benchmarks/engine/fit_waits.py --check   # ends with 1 where a program is off by 6 %

Every kernel that a layer of M1 to M6 can have is in one program at least. A program's waits are the sum over
its layers of cycles times the rate of the kernel. Rates have the least squares of the relative errors, held
near the mean where few programs tell. Needs arm-none-eabi-gcc, and the extra `dev` (tf_keras) for M6.
"""

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import models
from zerotap.firmware import Graph, find_compiler, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators import Implementation
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.cost_model import BOARD_WITHIN
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import MODEL_NAME, build_model
from zerotap.firmware.simulation.simulator import Run, Simulator
from zerotap.firmware.simulation.toolchain import Compiler

RATES = Path(plan.__code__.co_filename).with_name("wait_rates.py")
HELD_BY = 0.02  # how strongly a rate is held near the mean: a program's relative error of so much, squared
HEAD = '''"""How often a kernel waits for the flash, a cycle at zero wait states: fitted.

`python benchmarks/engine/fit_waits.py` writes this file, of {programs} programs of M1 to M6 by
{compiler}; the fit misses their cycles on the board by {worst:.1%} at most.
"""

from __future__ import annotations

from typing import Final

USUAL: Final = {usual}
"""Of a kernel that is not listed."""

RATES: Final[dict[str, float]] = {{
{rows}
}}
'''


@dataclass(frozen=True)
class Measured:
    """One program: its name, its plan, and a run with waits."""

    name: str
    planned: Plan
    run: Run


def plans(graph: Graph) -> Iterator[Plan]:
    """The plan that is chosen, and one with each other kernel that a layer of it can have."""
    chosen = plan(graph)
    yield chosen
    seen = {layer.choice.kernel for layer in chosen.running}
    for position, layer in enumerate(chosen.layers):
        for choice in () if layer.alias else layer.implementations:
            if choice.kernel not in seen:
                seen.add(choice.kernel)
                yield _with(chosen, position, choice)


def _with(planned: Plan, position: int, choice: Implementation) -> Plan:
    layers = list(planned.layers)
    layers[position] = replace(layers[position], choice=choice)
    return replace(planned, layers=tuple(layers), arena=lay_out(planned.graph, layers))


def measure(name: str, planned: Plan, compiler: Compiler) -> Measured:
    """Link it and run one input."""
    source, target = (planned.graph.tensors[end] for end in (planned.graph.input, planned.graph.output))
    sources = generate_plan(planned, MODEL_NAME)
    program = build_model(sources, source.dtype, source.size, target.size, compiler, target.dtype)
    board, symbols = Simulator(program, with_waits=True), program.symbols
    board.write(symbols["harness_input"], models.inputs(name, 1)[0].tobytes())
    run = board.call(f"{MODEL_NAME}_invoke", symbols["harness_input"], symbols["harness_output"])
    return Measured(name, planned, run)


def fitted(programs: list[Measured]) -> tuple[float, dict[str, float]]:
    """The mean rate, and each kernel's."""
    usual = float(np.mean([each.run.waits / each.run.cycles for each in programs]))
    kernels = sorted({layer.choice.kernel for each in programs for layer in each.planned.running})
    rows = np.array([_row(each, kernels) for each in programs])
    waits = np.array([each.run.waits / each.run.board_cycles for each in programs])
    held = HELD_BY * np.eye(len(kernels))
    left, right = (
        np.vstack([rows, held]),
        np.concatenate([waits - rows.sum(1) * usual, np.zeros(len(kernels))]),
    )
    rates = usual + np.linalg.lstsq(left, right, rcond=None)[0]
    return round(usual, 3), dict(zip(kernels, np.round(np.maximum(rates, 0), 3).tolist(), strict=True))


def _row(measured: Measured, kernels: list[str]) -> list[float]:
    """Cycles by kernel, as parts of what the program takes on the board."""
    row = dict.fromkeys(kernels, 0.0)
    for layer in measured.planned.running:
        row[layer.choice.kernel] += layer.choice.cycles / measured.run.board_cycles
    return list(row.values())


def off(measured: Measured, usual: float, rates: dict[str, float]) -> float:
    """By which part of its cycles on the board a program is missed."""
    choices = [layer.choice for layer in measured.planned.running]
    waits = sum(choice.cycles * rates.get(choice.kernel, usual) for choice in choices)
    return (measured.planned.cycles + waits) / measured.run.board_cycles - 1


def _source(programs: list[Measured], compiler: str) -> str:
    usual, rates = fitted(programs)
    rows = "\n".join(f'    "{kernel}": {rate},' for kernel, rate in rates.items())
    worst = max(abs(off(each, usual, rates)) for each in programs)
    return HEAD.format(programs=len(programs), compiler=compiler, worst=worst, usual=usual, rows=rows)


def _missed(programs: list[Measured]) -> list[str]:
    found = [(each, each.planned.board_cycles / each.run.board_cycles - 1) for each in programs]
    return [
        f"{each.name} ({', '.join(layer.choice.kernel for layer in each.planned.running)}): {by:+.1%}"
        for each, by in found
        if abs(by) > BOARD_WITHIN
    ]


def main() -> int:
    """Fit and write, or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("models", nargs="*", metavar="M1", help="of these alone; default: all")
    arguments, compiler = parser.parse_args(), find_compiler("gcc")
    programs = [
        measure(name, planned, compiler)
        for name in arguments.models or models.MODELS
        for planned in plans(read_tflite(models.MODELS[name]()))
    ]
    if arguments.check:
        missed = _missed(programs)
        print("\n".join(missed) or f"{len(programs)} programs within {BOARD_WITHIN:.0%}")
        return int(bool(missed))
    RATES.write_text(_source(programs, compiler.name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Fit what each kernel waits for the board's flash: the second formula of the plan's cost model.

    python benchmarks/engine/fit_waits.py           # M1 to M6, demo; writes planning/clock/wait_rates.py
    python benchmarks/engine/fit_waits.py --missing # of kernels that have no rates; others' stay
    python benchmarks/engine/fit_waits.py --check   # ends with 1 where a program is off by 6 %

Every kernel that a layer of M1 to M6 or of the demo's conv can have is in one program at least, once with its
code in flash, and once in RAM, as far as it can move; layers of two kernels are left out, and wait as usual.
A program's waits are the sum over its layers of cycles times the rate of the kernel; so are the cycles that
calls of code in RAM take more. Rates have the least squares of relative errors, held near the mean where few
tell. Needs arm-none-eabi-gcc, and the extra `dev` for M6.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

import models
from zerotap.firmware import Graph, find_compiler, plan, read_tflite
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators import Implementation
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.clock import wait_rates
from zerotap.firmware.planning.clock.board_time import WITHIN, movable
from zerotap.firmware.planning.clock.rates import Rates
from zerotap.firmware.planning.clock.wait_rates import RATES, USUAL
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.program import MODEL_NAME, build_model
from zerotap.firmware.simulation.simulator import Run, Simulator
from zerotap.firmware.simulation.toolchain import Compiler

OF_TWO = "; "
_RAM_MARGIN = 2048  # what the harness has beside a plan
TABLE = Path(wait_rates.__file__)
HELD_BY = 0.02  # how strongly a rate is held near the mean: a program's relative error of so much, squared
HEAD = '''"""How often kernels wait for the flash that run from it, or from RAM; and cycles of calls to RAM.

`python benchmarks/engine/fit_waits.py` writes this file, of {programs} programs of M1 to M6 and of demo,
compiled by {compiler}; the fit misses their cycles on the board by {worst:.1%} at most.{kept}
"""

from __future__ import annotations

from typing import Final

from .rates import Rates

USUAL: Final = Rates{usual}
"""Of a kernel that is not listed."""

RATES: Final[dict[str, Rates]] = {{
{rows}
}}
'''


@dataclass(frozen=True)
class Measured:
    """One program: its name, its plan, and runs with waits, with its code in flash and in RAM."""

    name: str
    planned: Plan
    flash: Run
    ram: Run


def plans(graph: Graph, known: set[str]) -> Iterator[Plan]:
    """The plan that is chosen, and one with each other kernel that a layer can have, but for ``known``."""
    chosen = plan(graph)
    kernels = {layer.choice.kernel for layer in chosen.running}
    if kernels - known:
        yield chosen
    seen = kernels | known
    for position, layer in enumerate(chosen.layers):
        for choice in () if layer.alias else layer.implementations:
            if choice.kernel not in seen and OF_TWO not in choice.kernel:
                seen.add(choice.kernel)
                yield _with(chosen, position, choice)


def _with(planned: Plan, position: int, choice: Implementation) -> Plan:
    layers = list(planned.layers)
    layers[position] = replace(layers[position], choice=choice)
    return replace(planned, layers=tuple(layers), arena=lay_out(planned.graph, layers))


def measure(name: str, planned: Plan, compiler: Compiler) -> Measured:
    """Link it twice, and run one input."""
    return Measured(name, planned, _run(name, planned, compiler), _run(name, _in_ram(planned), compiler))


def _in_ram(planned: Plan) -> Plan:
    """The plan with all code in RAM that can be there and has room, the smallest functions first."""
    sizes = {name: size for each in planned.running for name, size in movable(each).items()}
    room, moved = planned.options.board.ram_bytes - planned.ram_total_bytes - _RAM_MARGIN, {}
    for name, size in sorted(sizes.items(), key=lambda each: each[1]):
        if size <= room:
            moved[name] = size
            room -= size
    return replace(planned, code_in_ram=moved)


def _run(name: str, planned: Plan, compiler: Compiler) -> Run:
    source, target = (planned.graph.tensors[end] for end in (planned.graph.input, planned.graph.output))
    sources = generate_plan(planned, MODEL_NAME)
    program = build_model(sources, source.dtype, source.size, target.size, compiler, target.dtype)
    board, symbols = Simulator(program, with_waits=True), program.symbols
    board.write(symbols["harness_input"], models.inputs(name, 4)[-1].tobytes())
    return board.call(f"{MODEL_NAME}_invoke", symbols["harness_input"], symbols["harness_output"])


def fitted(programs: list[Measured], kept: dict[str, Rates]) -> tuple[Rates, dict[str, Rates]]:
    """The mean rates, and each kernel's that is not ``kept``."""
    used = {layer.choice.kernel for each in programs for layer in each.planned.running}
    kernels = sorted(used - kept.keys())
    columns = [
        _rates(programs, kernels, lambda each: each.flash.waits, _one(kept, 0)),
        _rates(programs, kernels, lambda each: each.ram.waits, _one(kept, 1)),
        _rates(programs, kernels, lambda each: each.ram.cycles - each.flash.cycles, _one(kept, 2)),
    ]
    rows = [Rates(*row) for row in zip(*columns, strict=True)]
    return rows[0], dict(zip(kernels, rows[1:], strict=True))


def _one(rates: dict[str, Rates], which: int) -> dict[str, float]:
    return {kernel: each[which] for kernel, each in rates.items()}


def _rates(
    programs: list[Measured], kernels: list[str], of: Callable[[Measured], int], kept: dict[str, float]
) -> list[float]:
    """The mean of a figure a cycle, and each kernel's; those ``kept`` explain their part."""
    usual = float(np.mean([of(each) / each.flash.cycles for each in programs]))
    rows = np.array([_row(each, kernels) for each in programs])
    found = np.array([(of(each) - _explained(each, kept)) / each.flash.board_cycles for each in programs])
    left = np.vstack([rows, HELD_BY * np.eye(len(kernels))])
    right = np.concatenate([found - rows.sum(1) * usual, np.zeros(len(kernels))])
    rates = usual + np.linalg.lstsq(left, right, rcond=None)[0]
    return [round(usual, 3), *np.round(np.maximum(rates, 0), 3).tolist()]


def _explained(measured: Measured, kept: dict[str, float]) -> float:
    """What kernels of known rates take of a figure."""
    layers = (layer.choice for layer in measured.planned.running)
    return sum(each.cycles * kept.get(each.kernel, 0.0) for each in layers)


def _row(measured: Measured, kernels: list[str]) -> list[float]:
    """Cycles by kernel, as parts of what the program takes on the board."""
    row = dict.fromkeys(kernels, 0.0)
    for layer in (each for each in measured.planned.running if each.choice.kernel in row):
        row[layer.choice.kernel] += layer.choice.cycles / measured.flash.board_cycles
    return list(row.values())


def off(measured: Measured, usual: Rates, rates: dict[str, Rates]) -> list[float]:
    """By which part of its cycles on the board a program is missed, with its code in flash and in RAM."""
    layers = [
        (layer.choice.cycles, rates.get(layer.choice.kernel, usual)) for layer in measured.planned.running
    ]
    flash = sum(cycles * each.flash for cycles, each in layers)
    ram = sum(cycles * (each.ram + each.calls) for cycles, each in layers)
    cycles = measured.planned.cycles
    return [
        (cycles + flash) / measured.flash.board_cycles - 1,
        (cycles + ram) / measured.ram.board_cycles - 1,
    ]


def _source(programs: list[Measured], compiler: str, kept: dict[str, Rates]) -> str:
    """The table's text: rates of these programs, and those that are ``kept``."""
    mean, found = fitted(programs, kept)
    usual, rates = (USUAL if kept else mean), dict(sorted({**found, **kept}.items()))
    rows = "\n".join(f'    "{kernel}": Rates{tuple(each)},' for kernel, each in rates.items())
    worst = max(abs(by) for each in programs for by in off(each, usual, rates))
    return HEAD.format(
        programs=2 * len(programs),
        compiler=compiler,
        worst=worst,
        kept="\nRates of other kernels are those of an earlier fit." if kept else "",
        usual=tuple(usual),
        rows=rows,
    )


def _missed(programs: list[Measured]) -> list[str]:
    found = [(each, by) for each in programs for by in off(each, USUAL, RATES)]
    return [
        f"{each.name} ({', '.join(layer.choice.kernel for layer in each.planned.running)}): {by:+.1%}"
        for each, by in found
        if abs(by) > WITHIN
    ]


def main() -> int:
    """Fit and write, or check."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--missing", action="store_true")
    parser.add_argument("models", nargs="*", metavar="M1", help="of these alone; default: all")
    arguments, compiler = parser.parse_args(), find_compiler("gcc")
    kept = RATES if arguments.missing else {}
    programs = [
        measure(name, planned, compiler)
        for name in arguments.models or models.MODELS
        for planned in plans(read_tflite(models.MODELS[name]()), set(kept))
    ]
    if arguments.check:
        missed = _missed(programs)
        print("\n".join(missed) or f"{2 * len(programs)} programs within {WITHIN:.0%}")
        return int(bool(missed))
    TABLE.write_text(_source(programs, compiler.name, kept), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

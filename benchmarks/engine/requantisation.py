"""Measure what scaling a sum to int8 costs on the simulated board: fast and small kernels.

    python benchmarks/engine/requantisation.py

By difference: two calls with different counts of outputs, so that entry and exit fall away. It writes
requantisation.json beside it and README.md's table.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from measure import compilers, fill_readme

from zerotap.firmware.c_code.runtime_library import runtime_files
from zerotap.firmware.simulation.program import Program, harness_file, link
from zerotap.firmware.simulation.simulator import Simulator
from zerotap.firmware.simulation.toolchain import Compiler

FEW, MANY = 16, 48
DRAWS = 100
MOST_CYCLES = 30
SEED = 5

_SOURCE = f"""
#include "zerotap_runtime.h"

int32_t sums[{MANY}], scales[{MANY} * 6];
int8_t output[{MANY}];
struct {{
    zerotap_rounding_t head;
    int32_t bias[{MANY}], multipliers[{MANY}];
    int8_t shifts[{MANY}];
}} once, twice;

int main(void)
{{
    return 0;
}}
"""
_BUFFERS = ("sums", "scales", "output", "once", "twice")


@dataclass(frozen=True)
class Kernel:
    """A function (sums, constants, count, output); ``most`` cycles an output, or None."""

    name: str
    constants: str
    rule: str
    most: int | None = None


KERNELS = (
    Kernel("zerotap_scale_sums", "scales", "once, sums within 2^18", MOST_CYCLES),
    Kernel("zerotap_scale_sums_signed", "scales", "twice, sums within 2^18", MOST_CYCLES),
    Kernel("zerotap_scale_sums_wide", "scales", "once, any sum"),
    Kernel("zerotap_scale_sums_wide_signed", "scales", "twice, any sum"),
    Kernel("zerotap_scale_uniform", "scales", "twice, one scale for all", MOST_CYCLES),
    Kernel("zerotap_round_sums", "once", "once, TFLite's own arithmetic"),
    Kernel("zerotap_round_sums", "twice", "twice, TFLite's own arithmetic"),
)


@dataclass(frozen=True)
class Result:
    """Cycles for one output, from the cheapest to the dearest of DRAWS draws of all sums."""

    kernel: str
    rule: str
    compiler: str
    least: float
    most: float


def build(compiler: Compiler) -> Program:
    names = [kernel.name for kernel in KERNELS]
    sources = runtime_files(names) | {"main.c": _SOURCE, "startup.S": harness_file("startup.S")}
    # Nothing calls them: without a -u each the linker would drop them.
    return link(sources, compiler, tuple(f"-Wl,-u,{name}" for name in (*names, *_BUFFERS)))


def measure(kernel: Kernel, program: Program, compiler: Compiler) -> Result:
    board, rng = Simulator(program), np.random.default_rng(SEED)
    costs = []
    for _ in range(DRAWS):
        for name, values in _draw(rng).items():
            board.write(program.symbols[name], values.tobytes())
        many, few = (_cycles(board, program, kernel, count) for count in (MANY, FEW))
        costs.append((many - few) / (MANY - FEW))
    return Result(kernel.name, kernel.rule, compiler.name, min(costs), max(costs))


def _draw(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Sums of some 18 bits, which a layer's have, and constants of any layer's size."""
    return {
        "sums": rng.integers(-(1 << 17), 1 << 17, MANY).astype(np.int32),
        "scales": rng.integers(-(1 << 16), 1 << 16, MANY * 6).astype(np.int32),
        "once": _rounding(rng, mode=0),
        "twice": _rounding(rng, mode=-1),
    }


def _rounding(rng: np.random.Generator, mode: int) -> np.ndarray:
    """A table for zerotap_round_sums, as bytes."""
    head = np.array([3, -128, 127, mode], np.int8).tobytes() + np.array([MANY, 4], np.uint16).tobytes()
    bias = rng.integers(-(1 << 14), 1 << 14, MANY).astype(np.int32)
    multipliers = rng.integers(1 << 30, 1 << 31, MANY).astype(np.int32)
    shifts = rng.integers(-12, -4, MANY).astype(np.int8)
    return np.frombuffer(head + bias.tobytes() + multipliers.tobytes() + shifts.tobytes(), np.uint8)


def _cycles(board: Simulator, program: Program, kernel: Kernel, count: int) -> int:
    symbols = program.symbols
    return board.call(
        kernel.name, symbols["sums"], symbols[kernel.constants], count, symbols["output"]
    ).cycles


def table(results: list[Result]) -> str:
    lines = [
        "| function | rounds | compiler | cycles an output | at most |",
        "| --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| `{result.kernel}` | {result.rule} | {result.compiler} | {result.least:.1f} | {result.most:.1f} |"
        for result in results
    ]
    return "\n".join(lines)


def missed(results: list[Result]) -> list[str]:
    """The kernels that are slow, or whose time depends on the sums."""
    most = {(kernel.name, kernel.rule): kernel.most for kernel in KERNELS}
    faults = []
    for result in results:
        limit = most[result.kernel, result.rule]
        if result.least != result.most or (limit is not None and result.most > limit):
            place = f"{result.kernel}, {result.compiler}"
            faults.append(f"{place}: {result.least} to {result.most} cycles an output")
    return faults


def main() -> None:
    """Measure, write requantisation.json, print the table; end with 1 where a kernel misses its bar."""
    results = []
    for compiler in compilers(("gcc", "zig")):
        program = build(compiler)
        results += [measure(kernel, program, compiler) for kernel in KERNELS]
    rows = [asdict(result) for result in results]
    Path(__file__).with_suffix(".json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    print(table(results))
    fill_readme("requantisation", table(results))
    raise SystemExit("\n".join(missed(results)) or 0)


if __name__ == "__main__":
    main()

"""Measure the demo's conv behind its windows of 96 reports: computed while they arrive, and whole.

    python benchmarks/engine/streaming.py            # writes streaming.json and README.md's table
    python benchmarks/engine/streaming.py --check    # ends with 1 where a target of targets.py is missed

On the simulated board, by arm-none-eabi-gcc with -O2; every result is compared with the oracle's.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from measure import fill_readme
from targets import LONGEST_CALL, WINDOW_CYCLES

import models
from zerotap.features import Pipeline
from zerotap.firmware import BuildOptions, Oracle, find_compiler, open_artefact
from zerotap.firmware.simulation.packet_cost import measure_streaming
from zerotap.firmware.simulation.transform_board import BoardChain

LENGTH = 96
HOPS = (48, 1)
NAME = "model"
RESULTS = Path(__file__).with_name("streaming.json")


@dataclass(frozen=True)
class Row:
    """One way at one hop: cycles at zero wait states, milliseconds on the board; results that are wrong.

    ``window``: cycles of all pushes from one window to the next. ``end``: the longest call at the end of a
    recording. ``flash`` and ``ram``: what model and windows add to an empty program, without the ``stack``.
    """

    hop: int
    windows: str
    mean: int
    longest: int
    end: int
    window: int
    pause_ms: float
    flash: int
    ram: int
    stack: int
    results: int
    mismatches: int


def row(content: bytes, hop: int, *, whole: bool) -> Row:
    """Measure one way at one hop."""
    pipeline = Pipeline.raw("conv", LENGTH, hop)
    artefact, compiler = open_artefact(content, BuildOptions(compiler="gcc")), find_compiler("gcc")
    chain = artefact.behind(pipeline, NAME, artefact.sources(NAME), whole=whole)
    cost = measure_streaming(NAME, chain, pipeline, compiler)
    items = pipeline.draw(LENGTH + 20 + 2 * hop, 7)
    given = [each for step in BoardChain(NAME, chain, compiler).run(items).results for each in step]
    expected = Oracle(content).invoke(artefact.inputs(artefact.rows(pipeline.apply(items))))
    wrong = sum(not np.array_equal(one, two) for one, two in zip(given, expected, strict=False))
    return Row(
        hop=hop,
        windows="streamed" if cost.is_streamed else "whole",
        mean=cost.cycles_mean,
        longest=cost.cycles_max,
        end=cost.cycles_end_max,
        window=cost.cycles_mean * hop,
        pause_ms=cost.pause_ms,
        flash=cost.flash_bytes,
        ram=cost.ram_bytes,
        stack=cost.stack_bytes,
        results=len(expected),
        mismatches=wrong + abs(len(given) - len(expected)),
    )


def missed(rows: list[Row]) -> list[str]:
    """What falls short of targets.py, and results that are wrong."""
    faults = []
    for each in rows:
        place = f"hop {each.hop}, {each.windows}"
        if each.mismatches:
            faults.append(f"{place}: {each.mismatches} of {each.results} results are not the oracle's")
    for hop in HOPS:
        found = next((each for each in rows if each.hop == hop and each.windows == "streamed"), None)
        if found is None:
            faults.append(f"hop {hop}: no window is computed while it arrives")
            continue
        bars = [
            ("longest push", found.longest, LONGEST_CALL),
            ("longest flush step", found.end, LONGEST_CALL),
        ]
        if hop in WINDOW_CYCLES:
            bars.append(("cycles of a window", found.window, WINDOW_CYCLES[hop]))
        faults += [
            f"hop {hop}: {what} {value:,}, to reach {most:,}" for what, value, most in bars if value > most
        ]
    return faults


def table(rows: list[Row]) -> str:
    """What README.md shows."""
    head = [
        "hop",
        "windows",
        "cycles a packet",
        "longest push",
        "longest call at the end",
        "cycles of a window",
    ]
    head += ["longest pause, ms", "flash, B", "RAM, B", "stack, B", "mismatches"]
    lines = [head, ["---"] * len(head)]
    for each in rows:
        figures = (each.mean, each.longest, each.end, each.window)
        sizes = (each.flash, each.ram, each.stack)
        cells = [str(each.hop), each.windows, *(f"{figure:,}" for figure in figures), f"{each.pause_ms:.3f}"]
        lines.append([*cells, *(f"{size:,}" for size in sizes), f"{each.mismatches} of {each.results}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure and print; with --check end with 1 where a target is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="streamed alone, against the targets")
    given = parser.parse_args()
    content = models.demo_of_reports()
    rows = [row(content, hop, whole=False) for hop in HOPS]
    if given.check:
        print(table(rows))
        sys.exit("\n".join(missed(rows)) or 0)
    rows.insert(1, row(content, HOPS[0], whole=True))
    print(table(rows))
    RESULTS.write_text(json.dumps([asdict(each) for each in rows], indent=1) + "\n", encoding="utf-8")
    fill_readme("streaming", table(rows))
    print("\n".join(missed(rows)), file=sys.stderr)


if __name__ == "__main__":
    main()

"""Measure the sweep: 40 drawn networks on the simulated board, gcc -O2, beside what they cost before.

    python benchmarks/engine/sweep/measure.py                    # writes results.json, README.md's table
    python benchmarks/engine/sweep/measure.py --check            # ends with 1 where a bar is missed
    python benchmarks/engine/sweep/measure.py --check conv_0     # of some of them
    python benchmarks/engine/sweep/measure.py --as-before        # writes before.json

Each network is measured twice: at the default choice, the fastest kernels that fit the board, and with no
more flash than the default took before (before.json). Outputs are compared with the operators' NumPy
references, which the tests compare with TensorFlow's.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from networks import NAMES, Drawn, draw
from numpy.typing import NDArray

from zerotap.firmware import Budget, BuildOptions, find_compiler
from zerotap.firmware.linking import build
from zerotap.firmware.planning.plan import Plan
from zerotap.firmware.simulation.running import run_samples

SAMPLES = 6
HERE = Path(__file__).parent
BEFORE, RESULTS, README = (HERE / name for name in ("before.json", "results.json", "README.md"))
MEDIAN_GAIN = {"default": 0.30, "today's flash": 0.10}
"""Of the cycles before, over the 40 networks: at the default choice, and at the flash that it took before."""


@dataclass(frozen=True)
class Cost:
    """One program: cycles of an inference, and what the model adds to an empty one; RAM with stack and ends.

    ``stated_flash`` and ``stated_cycles``: what `zerotap analyse` says without a compiler.
    """

    cycles: int
    flash: int
    ram: int
    stated_cycles: int
    stated_flash: int


@dataclass(frozen=True)
class Row:
    """A network at the default choice and at the flash of before, with the faults that were found."""

    name: str
    default: Cost
    small: Cost
    faults: tuple[str, ...]


def measure(drawn: Drawn, budget: Budget | None = None) -> tuple[Cost, list[str]]:
    """Link for the board, run every sample; faults are wrong outputs and times that differ."""
    linked = build(drawn.graph, BuildOptions(compiler="gcc", budget=budget))
    planned, sizes = linked.planned, linked.sizes
    expected = references(planned, drawn.samples)
    outputs, runs = run_samples(linked.program, drawn.samples, expected.shape[1])
    cycles = [run.cycles for run in runs]
    wrong = int(np.any(outputs != expected, axis=1).sum())
    faults = [f"{wrong} of {len(expected)} samples are not the reference's"] * bool(wrong)
    if min(cycles) != max(cycles):
        faults.append(f"cycles from {min(cycles):,} to {max(cycles):,}: not constant")
    stated = planned.cycles, planned.flash_bytes
    return Cost(max(cycles), sizes.flash_bytes, sizes.ram_total_bytes, *stated), faults


def references(planned: Plan, samples: NDArray[Any]) -> NDArray[np.int8]:
    """What the operators' NumPy references give, (n, outputs)."""
    graph, outputs = planned.graph, []
    for sample in samples:
        values = {graph.input: sample[None]}
        for layer in planned.layers:
            data = (values[source.index] for source in layer.sources)
            values[layer.target.index] = layer.reference(graph, *data)
        outputs.append(values[graph.output].ravel())
    return np.array(outputs, np.int8)


def flash_before(cost: Cost) -> Budget:
    """The flash that the default took before, as linked or as stated, whichever was more."""
    board = BuildOptions().limits
    return Budget(max(cost.flash, cost.stated_flash), board.ram_bytes)


def row(name: str, before: Cost) -> Row:
    """Both measurements of one network."""
    drawn = draw(name, SAMPLES)
    default, faults = measure(drawn)
    small, more = measure(drawn, flash_before(before))
    return Row(name, default, small, tuple(dict.fromkeys([*faults, *more])))


def read_before() -> dict[str, Cost]:
    """What each network cost before."""
    content = json.loads(BEFORE.read_text(encoding="utf-8"))
    return {name: Cost(**cost) for name, cost in content["networks"].items()}


def gains(rows: list[Row], before: dict[str, Cost]) -> dict[str, list[float]]:
    """By where it was measured: the part of the cycles before that is saved, network by network."""
    costs = {"default": [each.default for each in rows], "today's flash": [each.small for each in rows]}
    return {
        place: [1 - cost.cycles / before[each.name].cycles for each, cost in zip(rows, found, strict=True)]
        for place, found in costs.items()
    }


def missed(rows: list[Row], before: dict[str, Cost]) -> list[str]:
    """What falls short: a network that is slower, a median gain, wrong outputs, times that differ."""
    faults = [f"{each.name}: {fault}" for each in rows for fault in each.faults]
    for place, found in gains(rows, before).items():
        slower = [(each.name, gain) for each, gain in zip(rows, found, strict=True) if gain < 0]
        faults += [f"{name}: {-gain:.1%} slower than before, {place}" for name, gain in slower]
        if len(rows) == len(NAMES) and statistics.median(found) < MEDIAN_GAIN[place]:
            median, wanted = statistics.median(found), MEDIAN_GAIN[place]
            faults.append(f"median gain {median:.1%}, {place}: to reach {wanted:.0%}")
    return faults


def table(rows: list[Row], before: dict[str, Cost]) -> str:
    """What README.md shows."""
    found = gains(rows, before)
    lines = [
        "| network | | before | default | gain | today's flash | gain |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for place, each in enumerate(rows):
        costs = (before[each.name], each.default, each.small)
        was, default, small = (f"{cost.cycles:,} · {cost.flash:,} · {cost.ram:,}" for cost in costs)
        won = [f"{found[where][place]:.1%}" for where in MEDIAN_GAIN]
        shape = draw(each.name, SAMPLES).shape
        lines.append(f"| {each.name} | {shape} | {was} | {default} | {won[0]} | {small} | {won[1]} |")
    medians = [f"{statistics.median(found[where]):.1%}" for where in MEDIAN_GAIN]
    lines.append(f"| median | | | | {medians[0]} | | {medians[1]} |")
    return "\n".join(lines)


def write_before(names: list[str]) -> None:
    """Write what each network costs with this engine; names that are not measured now stay."""
    known = json.loads(BEFORE.read_text(encoding="utf-8"))["networks"] if BEFORE.exists() else {}
    for name in names:
        cost, faults = measure(draw(name, SAMPLES))
        assert not faults, (name, faults)
        known[name] = asdict(cost)
        _say(f"{name}: {cost}")
    kept = {name: known[name] for name in NAMES if name in known}
    content = {"compiler": find_compiler("gcc").name, "samples": SAMPLES, "networks": kept}
    BEFORE.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def write(rows: list[Row], before: dict[str, Cost]) -> None:
    """Write results.json, and README.md's table between its markers."""
    content = {"samples": SAMPLES, "networks": {each.name: asdict(each) for each in rows}}
    RESULTS.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    text = README.read_text(encoding="utf-8")
    start, end = text.index("<!-- measured -->\n") + len("<!-- measured -->\n"), text.index("<!-- end -->")
    README.write_text(f"{text[:start]}{table(rows, before)}\n{text[end:]}", encoding="utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure and print; with --check end with 1 where a bar is missed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="dense_0 to bag_9, else all")
    parser.add_argument("--check", action="store_true", help="end with 1 where a bar is missed")
    parser.add_argument("--as-before", action="store_true", help="write before.json")
    given = parser.parse_args()
    names = given.names or list(NAMES)
    if unknown := set(names) - set(NAMES):
        parser.error(f"no network {', '.join(sorted(unknown))}: there are {', '.join(NAMES)}")
    if given.as_before:
        write_before(names)
        return
    before = read_before()
    rows = [row(name, before[name]) for name in names]
    print(table(rows, before))
    faults = missed(rows, before)
    if names == list(NAMES) and not given.check:
        write(rows, before)
    sys.exit("\n".join(faults) if given.check and faults else 0)


if __name__ == "__main__":
    main()

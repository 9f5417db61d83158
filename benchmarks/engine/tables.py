"""README.md's tables: ours beside others and what to reach, what a kilobyte buys, every program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from programs import EMLEARN, PLAIN, SIZE, SMALL, SPEED, WITHIN, Result
from targets import AT_SMALL_FLASH, BEFORE, BEST_OTHER, FASTEST, TFLM_WITH_CMSIS_NN, Figures, Reach

import models
from zerotap.firmware.planning.curve import KEYS


def tables(names: list[str], results: list[Result]) -> str:
    """What README.md shows: ours beside others with gcc -O2, then every program."""
    return f"{_comparison(names, results)}\n\n{every_program(results)}"


def _comparison(names: list[str], results: list[Result]) -> str:
    head = ["model", "multiply-accumulates", "before", "zerotap", "within 64k or 96k", "to reach"]
    head += ["at the small flash", "to reach", "`--optimise size`", "its plain C", "emlearn"]
    head += ["best other (quoted)", "TFLM + CMSIS-NN (quoted)"]
    with_gcc = {(result.model, result.engine): result for result in results if "gcc" in result.compiler}

    def measured(name: str, engine: str) -> str:
        return _figures(with_gcc[name, engine].figures if (name, engine) in with_gcc else None)

    rows = []
    for name in names:
        row = [f"{name} {models.SHAPES[name]}", f"{models.MACS[name]:,}", _figures(BEFORE[name])]
        row += [measured(name, SPEED.engine), measured(name, WITHIN.engine), _reach(FASTEST[name])]
        row += [measured(name, SMALL.engine), _reach(AT_SMALL_FLASH[name])]
        row += [measured(name, engine) for engine in (SIZE.engine, PLAIN.engine, EMLEARN)]
        rows.append(row + [_figures(quoted.get(name)) for quoted in (BEST_OTHER, TFLM_WITH_CMSIS_NN)])
    return _table([head, ["---"] * len(head), *rows])


def _reach(reach: Reach) -> str:
    return f"{reach.cycles:,} · {reach.flash:,}"


def curve_table(curves: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Of each model its plans from the smallest to the fastest, as `zerotap analyse --curve` says them."""
    head = ["model", "flash, B", "RAM, B", "cycles", "on the board", "ms"]
    rows = [
        [name, *(f"{point[key]:,}" for key in KEYS[:-1]), f"{point['milliseconds']:.3f}"]
        for name, points in curves.items()
        for point in points
    ]
    return _table([head, ["---"] * len(head), *rows])


def _table(rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _figures(figures: Figures | None) -> str:
    return "-" if figures is None else " · ".join(f"{value:,}" for value in figures)


def every_program(results: list[Result]) -> str:
    lines = [
        "| model | engine | compiler | cycles | at most | stated | cycles/MAC | flash, B | RAM, B | stack, B "
        "| mismatches |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for result in results:
        cycles_a_mac = round(result.cycles_max / models.MACS[result.model], 2)
        figures = (result.cycles, result.cycles_max, _stated(result), cycles_a_mac)
        sizes = (result.flash, result.ram, result.stack)
        numbers = " | ".join(
            value if isinstance(value, str) else f"{value:,}" for value in (*figures, *sizes)
        )
        wrong = "float" if result.mismatches is None else result.mismatches
        lines.append(f"| {result.model} | {result.engine} | {result.compiled_by} | {numbers} | {wrong} |")
    return "\n".join(lines)


def _stated(result: Result) -> str:
    """How far `zerotap analyse` is off, which speaks of gcc -O2."""
    told = result.engine in (SPEED.engine, SIZE.engine) and "gcc" in result.compiler and result.stated_cycles
    return f"{result.stated_cycles / result.cycles_max - 1:+.1%}" if told else ""

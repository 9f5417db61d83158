"""What a kilobyte buys: a model's plans from the smallest to the fastest, three to five worth a look."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from zerotap.firmware.graph import Graph
from zerotap.firmware.integer_models import IDS_A_CALL
from zerotap.firmware.options import BuildOptions

from .analysis import analyse
from .plan import Plan, Planner

KEYS: Final = ("flash_bytes", "ram_total_bytes", "cycles", "board_cycles", "milliseconds")
"""The figures of a point, as analyse() names them."""
MORE_KEYS: Final = ("cycles_per_id",)
"""What points of some models have besides."""
MOST_POINTS: Final = 5
FEWEST_POINTS: Final = 3
# Budgets between the smallest and the fastest that are planned; those that bend the curve are shown.
_BUDGETS: Final = 9
# A point that lies no further below the line between its neighbours, in logarithms, tells nothing new.
_FLAT: Final = 0.01

Point = dict[str, Any]


def curve(graph: Graph, options: BuildOptions) -> list[Point]:
    """Points from the smallest plan to the fastest within the budget, by flash; none where nothing fits.

    Each is what plan() gives for ``--flash`` of its bytes: flash_bytes, ram_total_bytes, cycles,
    board_cycles, milliseconds. Three to five; fewer where there are no more ways that differ.
    """
    planner = Planner.of(graph)
    smallest, fastest = (planner.plan(replace(options, optimise=way)) for way in ("size", "speed"))
    if not fits(analyse(smallest), options):
        return []
    between = _between(planner, smallest, fastest, options)
    reports = [analyse(planned) for planned in (smallest, *between, fastest)]
    return chosen([point(each) for each in reports if fits(each, options)])


def point(report: Mapping[str, Any]) -> Point:
    """The figures of a report that a point has."""
    return {key: report[key] for key in (*KEYS, *MORE_KEYS) if key in report}


def fits(report: Mapping[str, Any], options: BuildOptions) -> bool:
    """Whether a report's flash and RAM are within the budget."""
    limits = options.limits
    return bool(report["flash_bytes"] <= limits.flash_bytes and report["ram_total_bytes"] <= limits.ram_bytes)


def _between(planner: Planner, smallest: Plan, fastest: Plan, options: BuildOptions) -> Iterator[Plan]:
    """Plans for budgets of flash between two, each larger than the last by the same factor."""
    low, high = smallest.flash_bytes, fastest.flash_bytes
    sizes = {round(low * (high / low) ** (step / (_BUDGETS + 1))) for step in range(1, _BUDGETS + 1)}
    for size in sorted(sizes - {low, high}):
        if low < size < high:
            budget = replace(options.limits, flash_bytes=size)
            yield planner.plan(replace(options, optimise="speed", budget=budget))


def chosen(points: Sequence[Point]) -> list[Point]:
    """Both ends, and of the others first those that lie furthest below the line between their neighbours."""
    front = _front(points)
    shown = sorted({0, len(front) - 1}) if front else []
    while len(shown) < min(MOST_POINTS, len(front)):
        others = sorted(set(range(len(front))) - set(shown))
        bends = [_bend(front, shown, place) for place in others]
        if max(bends) < _FLAT and len(shown) >= FEWEST_POINTS:
            break
        shown = sorted([*shown, others[bends.index(max(bends))]])
    return [front[place] for place in shown]


def _front(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats in flash and time, by flash; between the ends by the board's clock, too."""
    front: list[Point] = []
    for each in sorted(points, key=lambda one: (one["flash_bytes"], _time(one))):
        if not front or _time(each) < _time(front[-1]):
            front.append(each)
    fewest = [min(one["milliseconds"] for one in front[: place + 1]) for place in range(len(front))]
    last = len(front) - 1
    return [
        each
        for place, each in enumerate(front)
        if place in (0, last) or (each["milliseconds"] == fewest[place] < fewest[place - 1])
    ]


def _time(each: Point) -> int:
    """Cycles to compare by: of a model that adds ids those of a call's ids with the scores."""
    return int(each["cycles"] + IDS_A_CALL * each.get("cycles_per_id", 0))


def _bend(front: Sequence[Point], shown: Sequence[int], place: int) -> float:
    """How far a point's cycles lie below the line between the shown ones around it, in logarithms of both."""
    before = max(each for each in shown if each < place)
    after = min(each for each in shown if each > place)
    low, middle, high = (
        (math.log(front[at]["flash_bytes"]), math.log(_time(front[at]))) for at in (before, place, after)
    )
    share = (middle[0] - low[0]) / (high[0] - low[0])
    return low[1] + share * (high[1] - low[1]) - middle[1]


def curve_lines(points: Sequence[Point], used: Mapping[str, Any]) -> list[str]:
    """The points as a table; the one whose figures the report ``used`` has is the chosen one."""
    rows = [_headings(points)]
    for place, each in enumerate(points):
        mark = "chosen" if point(used) == each else _ENDS.get(place - len(points) * (place > 0), "")
        rows.append((mark, *_cells(each), _saved(points[place - 1 : place + 1]) if place else ""))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [_line(row, widths) for row in rows]


_ENDS: Final = {0: "smallest", -1: "fastest"}


def _headings(points: Sequence[Point]) -> tuple[str, ...]:
    an_id = ["an id"] if any("cycles_per_id" in each for each in points) else []
    return ("curve", "flash, B", "RAM, B", "cycles", "on board", *an_id, "ms", "a KB more saves")


def _cells(each: Point) -> tuple[str, ...]:
    figures = (each[key] for key in (*KEYS[:-1], *MORE_KEYS) if key in each)
    return (*(f"{figure:,}" for figure in figures), f"{each['milliseconds']:.3f}")


def _saved(pair: Sequence[Point]) -> str:
    """Cycles that a kilobyte saves from one point to the next."""
    small, fast = pair
    bytes_more = fast["flash_bytes"] - small["flash_bytes"]
    return f"{round((_time(small) - _time(fast)) * 1024 / bytes_more):,}"


def _line(row: Sequence[str], widths: Sequence[int]) -> str:
    cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
    return f"{row[0]:<8} {'  '.join(cells)}".rstrip()

"""Score against cost: who is better and cheaper, what the desktop reaches, and what the board has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from zerotap.models.evaluation.fronts import front_of
from zerotap.models.report.page.drawing import FONT, Drawing, Table, Words, draw
from zerotap.models.report.page.palette import KIND_SERIES, mark, series, stand_in
from zerotap.models.report.page.wording import NOTHING, count, interval, rounded, share, short

from .placing import name_marks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_MOST: Final = 20
_WIDE_RATIO: Final = 6
"""Costs further apart than this are drawn by their logarithm."""
_NEAR_LIMIT: Final = 40
"""A limit is drawn where the dearest model takes more than this part of it."""
_ROOM: Final = 1.6
_DECADES: Final = 300
"""Costs nearer than this have 1, 2 and 5 of each decade on their scale."""


@dataclass(frozen=True, slots=True)
class Point:
    """A model: its score, 0 to 1, with the ends of its interval, and its cost."""

    name: str
    kind: str
    score: float
    ends: tuple[float, float] | None
    cost: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What the axis is called ("flash, bytes"), and what the board has of it, None where it sets no bound.

    ``clock_hz``: of cycles, to say them in milliseconds too.
    """

    axis: str
    limit: float | None = None
    limit_name: str = ""
    clock_hz: int | None = None


def pareto(
    words: Words, points: Sequence[Point], references: Sequence[tuple[str, float]], cost: Cost
) -> Drawing:
    """Draw models by score and cost; of two the one further up and further left is better.

    The line joins those that no other beats in both. ``references`` are the desktop's scores.
    """
    table = Table(
        ("model", "kind", "macro-F1", "95 %", cost.axis, "on the front"),
        tuple(
            (one.name, one.kind, share(one.score), interval(one.ends), count(one.cost), _is_on(one, points))
            for one in points
        )
        + tuple((name, "desktop", share(score), "", NOTHING, NOTHING) for name, score in references),
    )

    def paint(axes: Axes) -> None:
        _scale(axes, points, cost)
        _marks(axes, points)
        _bounds(axes, points, references)
        _references(axes, references)
        if cost.limit is not None:
            _limit(axes, cost)
        if cost.clock_hz:
            _milliseconds(axes, cost.clock_hz / 1000)
        axes.set_xlabel(cost.axis)
        axes.set_ylabel("macro-F1")
        name_marks(axes, [(one.cost, one.score, short(one.name, NAME_MOST)) for one in points])

    return draw(words, table, paint, height=270)


def front(points: Sequence[Point]) -> list[Point]:
    """Those that no other beats in score without costing more, from the cheapest on."""
    return front_of(points, lambda one: one.cost, lambda one: one.score)


def _is_on(one: Point, points: Sequence[Point]) -> str:
    return "yes" if one in front(points) else "no"


def _scale(axes: Axes, points: Sequence[Point], cost: Cost) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    costs = [one.cost for one in points]
    low, high = max(min(costs), 1), max(costs)
    drawn = cost.limit if cost.limit is not None and cost.limit < high * _NEAR_LIMIT else high
    high = max(high, drawn)
    if high / low > _WIDE_RATIO:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high / low < _DECADES else (1,)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_xlim(low / _ROOM, high * _ROOM)
    else:
        axes.set_xlim(0, high * 1.15)
    axes.xaxis.set_major_formatter(lambda value, _at: rounded(value))


def _milliseconds(axes: Axes, cycles: float) -> None:
    """A second scale above, at so many cycles a millisecond."""

    def in_ms(value: Any) -> Any:  # noqa: ANN401 - numbers, or arrays of them
        return value / cycles

    def in_cycles(value: Any) -> Any:  # noqa: ANN401
        return value * cycles

    scale = axes.secondary_xaxis("top", functions=(in_ms, in_cycles))
    scale.set_xlabel("ms")
    scale.xaxis.set_major_formatter(lambda value, _at: rounded(value))
    scale.spines["top"].set_visible(False)


def _references(axes: Axes, references: Sequence[tuple[str, float]]) -> None:
    low = axes.get_ylim()[0]
    for name, score in references:
        if score < low:
            continue
        axes.axhline(score, color=stand_in("soft"), linewidth=1, linestyle=(0, (2, 2)))
        axes.annotate(
            f"{short(name, NAME_MOST)} (desktop)",
            (0, score),
            xycoords=("axes fraction", "data"),
            xytext=(3, 2),
            textcoords="offset points",
            fontsize=FONT - 2,
            color=stand_in("soft"),
        )


def _marks(axes: Axes, points: Sequence[Point]) -> None:
    best = front(points)
    axes.plot(
        [one.cost for one in best],
        [one.score for one in best],
        color=stand_in("soft"),
        linewidth=1,
        drawstyle="steps-post",
    )
    for one in points:
        index = KIND_SERIES.get(one.kind, 2)
        if one.ends:
            axes.plot([one.cost] * 2, one.ends, color=series(index), linewidth=1.2, alpha=0.55)
        axes.plot(
            [one.cost],
            [one.score],
            mark(index),
            color=series(index),
            markersize=8,
            markeredgecolor=stand_in("surface"),
            markeredgewidth=1,
        )


def _bounds(axes: Axes, points: Sequence[Point], references: Sequence[tuple[str, float]]) -> None:
    """From below the lowest model on, or the reference near it, to one."""
    low = min(min(one.score, one.ends[0] if one.ends else 1) for one in points)
    low = min([low, *(score for _, score in references if score > low - 0.1)])
    high = max(max(one.score, one.ends[1] if one.ends else 0) for one in points)
    high = max([high, *(score for _, score in references)])
    room = max(0.01, (high - low) * 0.12)
    axes.set_ylim(max(0, low - room), min(1.02, high + room))


def _limit(axes: Axes, cost: Cost) -> None:
    if cost.limit is None or cost.limit > axes.get_xlim()[1]:
        return
    axes.axvline(cost.limit, color=stand_in("bad"), linewidth=1.4, linestyle=(0, (5, 2)))
    axes.annotate(
        cost.limit_name,
        (cost.limit, 0),
        xycoords=("data", "axes fraction"),
        xytext=(-4, 4),
        textcoords="offset points",
        rotation=90,
        ha="right",
        va="bottom",
        fontsize=FONT - 2,
        color=stand_in("bad"),
    )

"""Precision against recall as a threshold falls, and where the model works."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.palette import SERIES, dashes, mark, series, stand_in
from zerotap.models.report.page.wording import share, short

from .lines import NAME_MOST, legend_below, legend_height

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from zerotap.models.comparing.curves import ClassCurve

DRAWN_MOST: Final = len(SERIES)
POINTS_MOST: Final = 160
"""Of a curve in the picture: more is finer than a screen."""


def precision_recall(words: Words, curves: Mapping[str, ClassCurve]) -> Drawing:
    """Draw a curve of each class, and the point of the verdicts as they are given.

    Of many classes those with the least area; the table has all.
    """
    areas = {name: average_precision(curve) for name, curve in curves.items()}
    table = Table(
        ("class", "average precision", "precision at work", "recall at work"),
        tuple(
            (name, share(areas[name]), share(curve.operating[0]), share(curve.operating[1]))
            for name, curve in curves.items()
        ),
    )
    kept = sorted(areas, key=lambda name: areas[name])[:DRAWN_MOST]
    drawn = {name: curve for name, curve in curves.items() if name in kept}

    def paint(axes: Axes) -> None:
        for index, (name, curve) in enumerate(drawn.items()):
            _curve(axes, index, name, curve)
        axes.set_xlim(0, 1.03)
        axes.set_ylim(0, 1.05)
        axes.set_xlabel("recall")
        axes.set_ylabel("precision")
        legend_below(axes, len(drawn))

    return draw(words, table, paint, height=235 + legend_height(len(drawn)))


def average_precision(curve: ClassCurve) -> float:
    """The area below the curve, in steps from one recall to the next."""
    points = sorted(zip(curve.recall, curve.precision, strict=True), key=lambda point: (point[0], -point[1]))
    steps = pairwise([(0.0, 1.0), *points])
    return sum((later[0] - earlier[0]) * later[1] for earlier, later in steps)


def _curve(axes: Axes, index: int, name: str, curve: ClassCurve) -> None:
    colour = series(index)
    axes.plot(
        *(_thinned(values) for values in (curve.recall, curve.precision)),
        color=colour,
        linestyle=dashes(index),
        drawstyle="steps-pre",
        label=short(name, NAME_MOST),
    )
    precision, recall = curve.operating
    axes.plot(
        [recall],
        [precision],
        mark(index),
        color=colour,
        markersize=9,
        markeredgecolor=stand_in("surface"),
        markeredgewidth=1.2,
    )


def _thinned(values: Sequence[float]) -> list[float]:
    step = max(1, -(-len(values) // POINTS_MOST))
    return [*values[:-1:step], *values[-1:]]

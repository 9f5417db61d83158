"""Windows as points of a plane: who is near whom, and which recording it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.palette import mark, series, stand_in
from zerotap.models.report.page.svg import POINTS
from zerotap.models.report.page.wording import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zerotap.models.comparing.projection import ProjectedPoint, Projection

NAME_MOST: Final = 60
SIDES: Final = ("train", "test")


@dataclass(frozen=True, slots=True)
class ClassMark:
    """A class as the picture draws it: its number and how many points it has."""

    index: int
    name: str
    points: int


def class_marks(projection: Projection, classes: Sequence[str]) -> list[ClassMark]:
    """The classes that have points."""
    counts = [sum(one.index == index for one in projection.points) for index in range(len(classes))]
    return [ClassMark(index, classes[index], number) for index, number in enumerate(counts) if number]


def explorer(words: Words, projection: Projection, classes: Sequence[str]) -> Drawing:
    """Draw the points of ``projection``: a mark and a colour a class, filled where it tests.

    Each mark names its recording, for a pointer, a finger or the arrow keys.
    """
    groups = [
        (index, side, [one for one in projection.points if one.index == index and one.side == side])
        for index in range(len(classes))
        for side in SIDES
    ]
    drawn = [group for group in groups if group[2]]
    told = [
        {
            "recording": short(one.recording, NAME_MOST),
            "class": short(classes[index], NAME_MOST),
            "index": str(index),
            "side": side,
        }
        for index, side, points in drawn
        for one in points
    ]
    rows = tuple(
        (
            short(one.recording, NAME_MOST),
            short(classes[one.index], NAME_MOST),
            one.side,
            f"{one.x:.2f}",
            f"{one.y:.2f}",
        )
        for one in projection.points
    )

    def paint(axes: Axes) -> None:
        for index, side, points in drawn:
            _group(axes, index, side, points)
        along, across = projection.explained
        axes.set_xlabel(f"first component, {along:.0%} of the variance")
        axes.set_ylabel(f"second, {across:.0%}")
        axes.margins(0.05)

    table = Table(("recording", "class", "side", "x", "y"), rows)
    return draw(words, table, paint, width=440, height=350, points=told)


def _group(axes: Axes, index: int, side: str, points: Sequence[ProjectedPoint]) -> None:
    colour = series(index)
    axes.scatter(
        [one.x for one in points],
        [one.y for one in points],
        s=26,
        marker=mark(index),
        facecolor=colour if side == "test" else stand_in("surface"),
        edgecolor=colour,
        linewidth=1.1,
    ).set_gid(f"{POINTS}-{index}-{side}")

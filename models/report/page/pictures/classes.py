"""How well each class is told: F1 as a bar, precision and recall as marks on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.palette import heat, series, stand_in
from zerotap.models.report.page.wording import count, share, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zerotap.models.evaluation.scores import ClassScores

NAME_MOST: Final = 16
DRAWN_MOST: Final = 24
"""Classes in the picture, the worst; the table has all."""


def class_bars(words: Words, names: Sequence[str], scores: Sequence[ClassScores]) -> Drawing:
    """Draw each class's F1, precision and recall, 0 to 1; of many classes the worst."""
    named = list(zip(names, scores, strict=True))
    table = Table(
        ("class", "precision", "recall", "F1", "recordings"),
        tuple(
            (name, share(one.precision), share(one.recall), share(one.f1), count(one.support))
            for name, one in named
        ),
    )
    drawn = named if len(named) <= DRAWN_MOST else sorted(named, key=lambda pair: pair[1].f1)[:DRAWN_MOST]

    def paint(axes: Axes) -> None:
        places = range(len(drawn))
        axes.barh(places, [one.f1 for _, one in drawn], 0.56, color=heat(0.3)[0], label="F1")
        axes.plot([one.precision for _, one in drawn], places, "|", **_mark(0), label="precision")
        axes.plot([one.recall for _, one in drawn], places, "x", **_mark(1), label="recall")
        for place, (_, one) in zip(places, drawn, strict=True):
            _say(axes, place, one.f1)
        axes.set_yticks(places, [short(name, NAME_MOST) for name, _ in drawn])
        axes.set_ylim(len(drawn) - 0.4, -0.6)
        axes.set_xlim(0, 1.12)
        axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
        axes.grid(visible=False, axis="y")
        axes.legend(loc="upper center", bbox_to_anchor=(0.45, -0.09 - 0.25 / len(drawn)), ncols=3)

    return draw(words, table, paint, height=88 + 27 * len(drawn))


def _mark(index: int) -> Any:  # noqa: ANN401 - what plot() takes
    return {"color": (series(0), stand_in("ink"))[index], "markersize": (11, 5)[index], "markeredgewidth": 2}


def _say(axes: Axes, place: int, f1: float) -> None:
    axes.text(1.03, place, f"{f1:.2f}", va="center", fontsize="small", color=stand_in("soft"))

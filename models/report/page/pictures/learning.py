"""How training went, and what more recordings bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.palette import series
from zerotap.models.report.page.wording import NOTHING, count, share

from .lines import legend_below, legend_height, plot_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from zerotap.models.comparing.curves import CurvePoint, LearningPoint

ROWS_MOST: Final = 40
"""Of a table of epochs: every second, third, ... where there are more."""


def training_curve(words: Words, points: Sequence[CurvePoint]) -> Drawing:
    """Draw the loss of each epoch, and that on recordings that were held out."""
    step = -(-len(points) // ROWS_MOST)
    held = [(one.epoch, one.validation_loss) for one in points if one.validation_loss is not None]
    rows = tuple(
        (
            str(one.epoch),
            share(one.loss),
            NOTHING if one.validation_loss is None else share(one.validation_loss),
        )
        for one in points[::step]
    )

    def paint(axes: Axes) -> None:
        from matplotlib.ticker import MaxNLocator

        axes.plot([one.epoch for one in points], [one.loss for one in points], **_look(0), label="training")
        if held:
            axes.plot(*zip(*held, strict=True), **_look(1), label="held out")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.set_xlabel("epoch")
        axes.set_ylabel("loss")
        axes.set_ylim(bottom=0)
        legend_below(axes, 2 if held else 1)

    return draw(words, Table(("epoch", "loss", "held out"), rows), paint, height=220)


def _look(index: int) -> Any:  # noqa: ANN401 - what plot() takes
    return {"color": series(index), "linestyle": ("-", (0, (4, 2)))[index]}


def learning_curve(
    words: Words, curves: Mapping[str, Sequence[LearningPoint]], series_of: Mapping[str, int]
) -> Drawing:
    """Draw macro-F1 of every model by how many recordings it learned from."""
    rows = tuple(
        (name, count(one.recordings), share(one.macro_f1))
        for name, points in curves.items()
        for one in points
    )

    def paint(axes: Axes) -> None:
        for name, points in curves.items():
            xs, ys = [one.recordings for one in points], [one.macro_f1 for one in points]
            plot_line(axes, series_of[name], name, (xs, ys))
        axes.set_xlabel("recordings that it learned from")
        axes.set_ylabel("macro-F1")
        axes.set_xlim(left=0)
        legend_below(axes, len(curves))

    height = 230 + legend_height(len(curves))
    return draw(words, Table(("model", "recordings", "macro-F1"), rows), paint, height=height)

"""From floats to int8 to narrower weights: what is lost, and what is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.wording import NOTHING, count, share

from .lines import legend_below, legend_height, plot_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FLOAT: Final = "float"
BOARD: Final = "board"


@dataclass(frozen=True, slots=True)
class Width:
    """A model with weights of one width ("float", "int8", "4 bits"): its score, and its cost on the board."""

    name: str
    macro_f1: float
    flash_bytes: int | None
    cycles: int | None


def weights_score(
    words: Words, models: Mapping[str, Sequence[Width]], series_of: Mapping[str, int]
) -> Drawing:
    """Draw each model's macro-F1 by the width of its weights, the widest first."""
    widths = list(dict.fromkeys(one.name for rows in models.values() for one in rows))
    rows = tuple(
        (name, one.name, share(one.macro_f1), _count(one.flash_bytes), _count(one.cycles))
        for name, each in models.items()
        for one in each
    )

    def paint(axes: Axes) -> None:
        for name, each in models.items():
            xs = [widths.index(one.name) for one in each]
            plot_line(axes, series_of[name], name, (xs, [one.macro_f1 for one in each]))
        axes.set_xticks(range(len(widths)), widths)
        axes.set_ylabel("macro-F1")
        axes.margins(x=0.08)
        legend_below(axes, len(models))

    height = 220 + legend_height(len(models))
    return draw(
        words, Table(("model", "weights", "macro-F1", "flash, B", "cycles"), rows), paint, height=height
    )


def weights_flash(
    words: Words, models: Mapping[str, Sequence[Width]], series_of: Mapping[str, int]
) -> Drawing:
    """Draw the flash that each width takes, of the models that have several widths."""
    widths = [one for rows in models.values() for one in rows if one.flash_bytes is not None]
    names = list(dict.fromkeys(one.name for one in widths))
    rows = tuple((name, one.name, _count(one.flash_bytes)) for name, each in models.items() for one in each)

    def paint(axes: Axes) -> None:
        for name, each in models.items():
            there = [(names.index(one.name), one.flash_bytes) for one in each if one.flash_bytes is not None]
            xs, ys = [x for x, _ in there], [y / 1024 for _, y in there]
            plot_line(axes, series_of[name], name, (xs, ys))
        axes.set_xticks(range(len(names)), names)
        axes.set_ylabel("flash, KiB")
        axes.set_ylim(0, 1.1 * max(one.flash_bytes or 0 for one in widths) / 1024)
        axes.margins(x=0.08)
        legend_below(axes, len(models))

    height = 220 + legend_height(len(models))
    return draw(words, Table(("model", "weights", "flash, B"), rows), paint, height=height)


def _count(value: int | None) -> str:
    return NOTHING if value is None else count(value)

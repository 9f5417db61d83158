"""What a kilobyte of flash buys: time of a run by flash, each model from its smallest plan to its fastest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from zerotap.models.comparing.curves import FlashPoint, saved_by_a_kilobyte
from zerotap.models.report.page.drawing import Drawing, Table, Words, draw
from zerotap.models.report.page.wording import count, milliseconds, rounded

from .lines import legend_below, legend_height, plot_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WIDE_RATIO: Final = 6
"""Figures further apart than this are drawn by their logarithm."""
_ROOM: Final = 1.25
COLUMNS: Final = ("model", "flash, B", "RAM, B", "cycles", "ms", "a KB more saves")


def time_by_flash(
    words: Words, models: Mapping[str, Sequence[FlashPoint]], series_of: Mapping[str, int]
) -> Drawing:
    """Draw milliseconds of one run by KiB of flash, a line a model; the table has cycles and RAM, too."""
    rows = tuple(
        _row(name, before, one)
        for name, points in models.items()
        for before, one in zip((None, *points), points, strict=False)
    )
    every = [one for points in models.values() for one in points]

    def paint(axes: Axes) -> None:
        for name, points in models.items():
            xs, ys = [one.flash_bytes / 1024 for one in points], [one.ms for one in points]
            plot_line(axes, series_of[name], name, (xs, ys))
        _scale(axes, "x", [one.flash_bytes / 1024 for one in every])
        _scale(axes, "y", [one.ms for one in every])
        axes.set_xlabel("flash, KiB")
        axes.set_ylabel("ms a run")
        legend_below(axes, len(models))

    return draw(words, Table(COLUMNS, rows), paint, height=230 + legend_height(len(models)))


def _row(name: str, before: FlashPoint | None, one: FlashPoint) -> tuple[str, ...]:
    saved = "" if before is None else count(saved_by_a_kilobyte(before, one))
    sizes = count(one.flash_bytes), count(one.ram_total_bytes), count(one.cycles)
    return (name, *sizes, milliseconds(one.ms), saved)


def _scale(axes: Axes, which: str, values: Sequence[float]) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter

    axis, limits = (axes.xaxis, axes.set_xlim) if which == "x" else (axes.yaxis, axes.set_ylim)
    low, high = min(values), max(values)
    if low > 0 and high / low > _WIDE_RATIO:
        (axes.set_xscale if which == "x" else axes.set_yscale)("log")
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_minor_formatter(NullFormatter())
        limits(low / _ROOM, high * _ROOM)
    else:
        limits(0, high * _ROOM)
    axis.set_major_formatter(lambda value, _at: rounded(value))

"""Lines by name: each in its own colour, mark and dashes, told apart in any light."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.palette import dashes, mark, series
from zerotap.models.report.page.wording import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME_MOST: Final = 18
_COLUMNS_MOST: Final = 3
_ROW: Final = 17


def plot_line(axes: Axes, index: int, name: str, points: tuple[Sequence[float], Sequence[float]]) -> None:
    """Draw the ``index``-th line of (xs, ys)."""
    axes.plot(
        *points,
        color=series(index),
        linestyle=dashes(index),
        marker=mark(index),
        markersize=5,
        label=short(name, NAME_MOST),
    )


def legend_below(axes: Axes, count: int) -> None:
    """Name ``count`` lines below the picture, where they cover nothing."""
    if count:
        axes.figure.legend(
            loc="outside lower center", ncols=min(count, _COLUMNS_MOST), handlelength=2.4, columnspacing=1.4
        )


def legend_height(count: int) -> int:
    """The pixels that so many names take."""
    return -(-count // _COLUMNS_MOST) * _ROW

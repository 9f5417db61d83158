"""Which class is taken for which, as a map of heat."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.models.report.page.drawing import FONT, Drawing, Table, Words, draw
from zerotap.models.report.page.palette import heat, stand_in
from zerotap.models.report.page.wording import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

NAME_MOST: Final = 14
_NUMBERED_MOST: Final = 8
_NAMED_MOST: Final = 30
_TILTED_FROM: Final = 4
_CELLS_MOST: Final = 16
"""Rows whose cells are shapes; more are the pixels of an image."""
_WORST: Final = 60
_APART: Final = 1.5


def confusion(
    words: Words, rows: Sequence[str], columns: Sequence[str], counts: Sequence[Sequence[int]]
) -> Drawing:
    """Draw how many recordings of each row were said to be of each column; a row's shares are its colours."""
    grid = np.array(counts, np.int64).reshape(len(rows), len(columns))
    shares = grid / np.maximum(grid.sum(axis=1, keepdims=True), 1)

    def paint(axes: Axes) -> None:
        if len(rows) > _CELLS_MOST:
            axes.imshow(shares, cmap="gray", vmin=0, vmax=1, aspect="auto", interpolation="none")
            _name_ends(axes, rows, columns)
            return
        for (row, column), part in np.ndenumerate(shares):
            fill, text = heat(part)
            axes.barh(row, 1, 1, column - 0.5, color=fill, edgecolor=stand_in("surface"), linewidth=1)
            if len(columns) <= _NUMBERED_MOST:
                _number(axes, (column, row), (int(grid[row, column]), float(part)), text)
        _name_ends(axes, rows, columns)

    return draw(words, _table(rows, columns, grid), paint, height=max(190, min(400, 110 + 46 * len(rows))))


def _table(rows: Sequence[str], columns: Sequence[str], grid: NDArray[np.int64]) -> Table:
    """Every cell, or where there are too many the fullest ones that are wrong."""
    if len(rows) <= _NAMED_MOST:
        cells = tuple((name, *map(str, row)) for name, row in zip(rows, grid, strict=True))
        return Table(("true class", *columns), cells)
    wrong = [at for at in np.ndindex(grid.shape) if at[0] != at[1] and grid[at]]
    wrong.sort(key=lambda at: -grid[at])
    worst = tuple((rows[row], columns[column], str(grid[row, column])) for row, column in wrong[:_WORST])
    return Table(("true class", "taken for", "recordings"), worst or (("any", "no other", "0"),))


def _number(axes: Axes, at: tuple[int, int], cell: tuple[int, float], colour: str) -> None:
    count, part = cell
    for text, rises, size in ((f"{count:,}", True, FONT), (f"{part:.0%}", False, FONT - 2)):
        axes.annotate(
            text,
            at,
            xytext=(0, _APART if rises else -_APART),
            textcoords="offset points",
            ha="center",
            va="bottom" if rises else "top",
            color=colour,
            fontsize=size,
        )


def _name_ends(axes: Axes, rows: Sequence[str], columns: Sequence[str]) -> None:
    axes.grid(visible=False)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlim(-0.5, len(columns) - 0.5)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("verdict")
    axes.set_ylabel("true class")
    if max(len(rows), len(columns)) > _NAMED_MOST:
        axes.set_xticks([])
        axes.set_yticks([])
        return
    axes.set_xticks(range(len(columns)), [short(name, NAME_MOST) for name in columns])
    if len(columns) >= _TILTED_FROM:
        axes.tick_params(axis="x", rotation=45)
        for label in axes.get_xticklabels():
            label.set(ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), [short(name, NAME_MOST) for name in rows])

"""Where names go beside marks: none on another, none outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from zerotap.models.report.page.drawing import FONT
from zerotap.models.report.page.palette import stand_in

if TYPE_CHECKING:
    from matplotlib.axes import Axes

APART: Final = 13
"""Pixels between the middles of two lines of text."""
_BESIDE: Final = 8
_RIGHT_HALF: Final = 0.55


def name_marks(axes: Axes, marks: Sequence[tuple[float, float, str]]) -> None:
    """Write the name of each mark (x, y, name) at its side, up or down as far as the others need.

    To be called when the axes have their final limits.
    """
    figure = axes.get_figure(root=True)
    if figure is None:
        return
    figure.draw_without_rendering()  # the layout moves the axes only now
    placed = axes.transData.transform([(x, y) for x, y, _ in marks])
    left, right = axes.bbox.x0, axes.bbox.x1
    for side in (False, True):
        own = [
            (float(x), float(y), mark)
            for (x, y), mark in zip(placed, marks, strict=True)
            if bool((x - left) / (right - left) > _RIGHT_HALF) is side
        ]
        heights = spread([y for _, y, _ in own], axes.bbox.y0 + APART / 2, axes.bbox.y1 - APART / 2)
        for (_, y, (at_x, at_y, name)), height in zip(own, heights, strict=True):
            axes.annotate(
                name,
                (at_x, at_y),
                xytext=(-_BESIDE if side else _BESIDE, height - y),
                textcoords="offset points",
                ha="right" if side else "left",
                va="center",
                color=stand_in("ink"),
                fontsize=FONT,
                bbox={"boxstyle": "square,pad=0.12", "facecolor": stand_in("surface"), "alpha": 0.85},
                arrowprops=_leader() if abs(height - y) > APART else None,
            )


def spread(heights: Sequence[float], low: float, high: float) -> list[float]:
    """Move heights apart, as little as it takes, in their order and within the bounds where there is room."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    placed: list[float] = []
    for index in order:
        at = max(heights[index], low)
        placed.append(at if not placed else max(at, placed[-1] + APART))
    for at in reversed(range(len(placed))):
        above = high if at == len(placed) - 1 else placed[at + 1] - APART
        placed[at] = min(placed[at], above)
    found = [0.0] * len(heights)
    for index, at in zip(order, placed, strict=True):
        found[index] = at
    return found


def _leader() -> dict[str, object]:
    return {"arrowstyle": "-", "color": stand_in("soft"), "linewidth": 0.6, "shrinkA": 0, "shrinkB": 3}

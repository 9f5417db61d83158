"""The front as a picture: score against cycles, or flash, with what was allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerotap.drawing import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from .front import FrontPoint
    from .limits import Objective, SearchLimits


def plot_front(
    members: Sequence[FrontPoint],
    others: Sequence[FrontPoint],
    limits: SearchLimits,
    objective: Objective,
    ax: Axes | None = None,
) -> Axes:
    """Draw every model that was scored, and the front; the limit, where it is within the picture's range.

    Raises MissingExtraError where matplotlib is not installed.
    """
    ax = axes_or_new(ax, 7.0, 4.5)
    ax.scatter(
        [each.cost(objective) for each in others],
        [each.score for each in others],
        color="0.6",
        s=16,
        label="other models",
    )
    costs, scores = [each.cost(objective) for each in members], [each.score for each in members]
    ax.step(costs, scores, where="post", color="tab:blue", linewidth=1)
    ax.scatter(costs, scores, color="tab:blue", s=30, label="the Pareto set")
    for point in members:
        ax.annotate(
            point.name,
            (point.cost(objective), point.score),
            textcoords="offset points",
            xytext=(4, 4),
            fontsize=8,
        )
    limit = limits.cycles if objective == "cycles" else limits.flash_bytes
    if limit is not None:
        ax.axvline(limit, color="tab:red", linestyle="--", linewidth=1, label="the limit")
    ax.set_xscale("log")
    ax.set_xlabel("cycles" if objective == "cycles" else "flash, bytes")
    ax.set_ylabel("macro-F1, held-out training recordings")
    ax.legend(loc="lower right")
    return ax

"""The front as a table and as a picture: score against cycles, or flash, with what was allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from zerotap.drawing import axes_or_new

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.table import Table

    from .found import Found
    from .front import FrontPoint
    from .limits import Objective, SearchLimits


def found_table(found: Found) -> Table:
    """A row a member: the score that chose it, the score on the test side, and what was measured."""
    from rich.table import Table

    table = Table(title=f"{found.counts.all} trials, within {found.limits}", title_style="")
    table.add_column("model")
    for title in ("validation", "test", "flash, B", "RAM, B", f"cycles a {found.unit}", "ms"):
        table.add_column(title, justify="right")
    for one in found.members:
        measured = one.measured
        table.add_row(
            one.name + ("*" if one.name == found.best.name else ""),
            f"{one.validation_macro_f1:.4f}",
            f"{one.test_macro_f1:.4f}",
            f"{measured.flash_bytes:,}",
            f"{measured.ram_bytes:,}",
            f"{measured.cycles:,}",
            f"{measured.ms:.2f}",
        )
    return table


def front_table(points: Sequence[FrontPoint]) -> Table:
    """The front while the search goes on."""
    from rich.table import Table

    table = Table(title="the front so far", title_style="")
    table.add_column("model")
    for title in ("validation", "flash, B", "RAM, B", "cycles"):
        table.add_column(title, justify="right")
    for point in points:
        costs = point.costs
        table.add_row(
            point.name,
            f"{point.score:.4f}",
            f"{costs.flash_bytes:,}",
            f"{costs.ram_bytes:,}",
            f"{costs.cycles:,}",
        )
    return table


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

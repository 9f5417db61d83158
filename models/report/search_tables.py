"""What a search found, and its front so far, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .tables import Table

if TYPE_CHECKING:
    from zerotap.models.searching.found import Found
    from zerotap.models.searching.front import FrontPoint


def found_table(found: Found) -> Table:
    """A row a member: the score that chose it, the score on the test side, and what was measured."""
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

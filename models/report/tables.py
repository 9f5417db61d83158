"""Reports as rich tables of at most 80 columns: they are drawn here and computed elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table as RichTable

from zerotap.reporting import visible

if TYPE_CHECKING:
    from zerotap.models.comparison import Comparison, Row

WIDTH = 80
FRAME = 3  # what a column takes beside its text; one more for the table


class Table(RichTable):
    """A table of names from anywhere: a line feed in one makes no line."""

    def add_column(self, header: str, **how: Any) -> None:  # type: ignore[override]  # noqa: ANN401
        """Add a column."""
        super().add_column(visible(header), **how)

    def add_row(self, *cells: str) -> None:  # type: ignore[override]
        """Add a row."""
        super().add_row(*map(visible, cells))


def comparison_table(comparison: Comparison) -> Table:
    """Draw a comparison, one column a model; oracle, compiler and split below."""
    table = Table(title=f"{comparison.recordings} test recordings, {comparison.data} data")
    table.add_column("model")
    for row in comparison.rows:
        table.add_column(f"{row.name} ({row.kind})", justify="right")
    cells = [_cells(row) for row in comparison.rows]
    for name in _cells(comparison.rows[0]):
        table.add_row(name, *(column[name] for column in cells))
    sources = sorted({f"{row.board}, {row.compiler}\noracle {row.oracle}" for row in comparison.rows})
    note = "cycles and milliseconds are simulated, zero wait states"
    table.caption = "\n".join([*sources, note, visible(comparison.note)]).strip()
    return table


def _cells(row: Row) -> dict[str, str]:
    shares = {
        "accuracy, float": row.accuracy_float,
        "accuracy, int8": row.accuracy_int8,
        "macro-F1, float": row.macro_f1_float,
        "macro-F1, int8": row.macro_f1_int8,
    }
    costs = {
        "flash, B": row.flash_bytes,
        "RAM, B": row.ram_bytes,
        "stack, B": row.stack_bytes,
        "cycles": row.cycles,
    }
    return {
        **{name: f"{share:.3f}" for name, share in shares.items()},
        **{name: f"{cost:,}" for name, cost in costs.items()},
        f"ms at {row.clock_hz // 1_000_000} MHz": f"{row.ms:.2f}",
        "windows verified": f"{row.samples:,}",
        "mismatches": f"{row.mismatches:,}",
    }

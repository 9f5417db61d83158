"""Reports as rich tables: they are drawn here and computed elsewhere."""

from __future__ import annotations

from rich.table import Table

from .comparison import Comparison, Row
from .evaluation import Scores

_COLUMNS = (
    "model", "path", "accuracy float", "accuracy int8", "macro-F1 float", "macro-F1 int8", "flash B", "RAM B",
    "stack B", "cycles", "ms at 48 MHz", "windows", "mismatches",
)  # fmt: skip


def comparison_table(comparison: Comparison) -> Table:
    """Draw a comparison, one line a model; oracle and compiler below."""
    table = Table(title=f"{comparison.recordings} test recordings, {comparison.data} data")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in ("model", "path") else "right")
    for row in comparison.rows:
        table.add_row(*_cells(row))
    sources = sorted({f"oracle {row.oracle}, compiler {row.compiler}" for row in comparison.rows})
    table.caption = "\n".join([*sources, "cycles are simulated", comparison.note]).strip()
    return table


def scores_table(title: str, classes: tuple[str, ...], scores: dict[str, Scores]) -> Table:
    """Draw scores by kind of arithmetic ("float", "int8") with the verdicts for each true class."""
    table = Table(title=title)
    table.add_column("arithmetic")
    for column in ("accuracy", "macro-F1", *(f"{label} as {' / '.join(classes)}" for label in classes)):
        table.add_column(column, justify="right")
    for arithmetic, values in scores.items():
        verdicts = (" / ".join(map(str, counts)) for counts in values.confusion)
        table.add_row(arithmetic, f"{values.accuracy:.3f}", f"{values.macro_f1:.3f}", *verdicts)
    return table


def _cells(row: Row) -> list[str]:
    shares = (row.accuracy_float, row.accuracy_int8, row.macro_f1_float, row.macro_f1_int8)
    costs = (row.flash_bytes, row.ram_bytes, row.stack_bytes, row.cycles)
    return [
        row.name,
        row.path,
        *(f"{share:.3f}" for share in shares),
        *(f"{cost:,}" for cost in costs),
        f"{row.ms:.2f}",
        f"{row.samples:,}",
        str(row.mismatches),
    ]

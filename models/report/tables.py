"""Reports as rich tables: they are drawn here and computed elsewhere."""

from __future__ import annotations

from rich.table import Table

from zerotap.models.comparison import Comparison, Row
from zerotap.models.evaluation import Scores


def comparison_table(comparison: Comparison) -> Table:
    """Draw a comparison, one column a model; oracle, compiler and split below."""
    table = Table(title=f"{comparison.recordings} test recordings, {comparison.data} data")
    table.add_column("model")
    for row in comparison.rows:
        table.add_column(f"{row.name} ({row.kind})", justify="right")
    cells = [_cells(row) for row in comparison.rows]
    for name in _cells(comparison.rows[0]):
        table.add_row(name, *(column[name] for column in cells))
    sources = sorted({f"oracle {row.oracle}\n{row.compiler}" for row in comparison.rows})
    note = "cycles and milliseconds are simulated, zero wait states"
    table.caption = "\n".join([*sources, note, comparison.note]).strip()
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
        "ms at 48 MHz": f"{row.ms:.2f}",
        "windows verified": f"{row.samples:,}",
        "mismatches": f"{row.mismatches:,}",
    }

"""Reports as rich tables of at most 80 columns: they are drawn here and computed elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Group
from rich.table import Table as RichTable

from zerotap.reporting import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from zerotap.models.comparison import Comparison, Row
    from zerotap.models.evaluation import Scores

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


def scores_table(title: str, classes: Sequence[str], scores: dict[str, Scores]) -> Group:
    """Draw scores by kind of arithmetic ("float", "int8"), below them the verdicts on each true class."""
    table = Table()
    for column in ("arithmetic", "accuracy", "macro-F1"):
        table.add_column(column, justify="left" if column == "arithmetic" else "right")
    for arithmetic, values in scores.items():
        table.add_row(arithmetic, f"{values.accuracy:.3f}", f"{values.macro_f1:.3f}")
    return Group(
        visible(title), table, *(_verdicts(name, classes, values) for name, values in scores.items())
    )


def several_table(several: Mapping[str, Any]) -> Table:
    """Draw what came of "folds" and "seeds", as metrics.json has them: macro-F1, its mean and its worst."""
    table = Table()
    for column in ("macro-F1 of", "mean", "worst", "each"):
        table.add_column(column, justify="left" if column in ("macro-F1 of", "each") else "right")
    for name, report in several.items():
        each = report["each"]
        shares = ", ".join(f"{one['macro_f1']:.3f}" for one in each)
        kept = f"; seed {report['kept']} is kept" if "kept" in report else ""
        side = "the test side" if "kept" in report else "training"
        row = (f"{len(each)} {name}, {side}", report["macro_f1_mean"], report["macro_f1_worst"])
        table.add_row(row[0], f"{row[1]:.3f}", f"{row[2]:.3f}", shares + kept)
    return table


def _verdicts(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    """Every verdict on every class where the names leave room, else each class's mistakes."""
    most = len(str(scores.recordings))
    widths = [max(most, len(name)) + FRAME for name in ("true class", *classes)]
    narrow = max(map(len, ("true class", *classes))) + FRAME + sum(widths[1:]) < WIDTH
    return (_every_verdict if narrow else _mistakes)(arithmetic, classes, scores)


def _every_verdict(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    table = Table(title=f"verdicts, {arithmetic}", title_justify="left")
    table.add_column("true class")
    for name in classes:
        table.add_column(name, justify="right", no_wrap=True)
    for name, counts in zip(classes, scores.confusion, strict=True):
        table.add_row(name, *map(str, counts))
    return table


def _mistakes(arithmetic: str, classes: Sequence[str], scores: Scores) -> Table:
    table = Table(title=f"verdicts, {arithmetic}", title_justify="left", width=WIDTH)
    table.add_column("true class", overflow="fold", ratio=2)
    table.add_column("right", justify="right", no_wrap=True)
    table.add_column("mistaken for", overflow="fold", ratio=3)
    for index, counts in enumerate(scores.confusion):
        wrong = sorted((-count, other) for other, count in enumerate(counts) if count and other != index)
        mistaken = ", ".join(f"{classes[other]} ({-count})" for count, other in wrong)
        table.add_row(classes[index], f"{counts[index]} of {sum(counts)}", mistaken)
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

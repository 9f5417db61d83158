"""Reports as rich tables of at most 80 columns: they are drawn here and computed elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.table import Table as RichTable

from zerotap.reporting import visible

if TYPE_CHECKING:
    from zerotap.models.comparing.costs import Costs
    from zerotap.models.comparing.values import Comparison
    from zerotap.models.evaluation.scores import Scores

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
    """Draw a comparison, a row a model and a desktop's model; oracle, compiler and split below."""
    data = comparison.data
    table = Table(title=f"{data.recordings.test} test recordings, {data.origin} data")
    for header in ("model", "macro-F1", "95 %", "flash, B", "RAM, B", f"ms a {_unit(comparison)}"):
        table.add_column(header, justify="left" if header == "model" else "right")
    for model in comparison.models:
        table.add_row(f"{model.name} ({model.kind})", *_scores(model.scores.board), *_costs(model.costs))
    for reference in comparison.references:
        table.add_row(f"{reference.name} (desktop)", *_scores(reference.scores), "-", "-", "-")
    table.caption = "\n".join(_notes(comparison))
    return table


def _unit(comparison: Comparison) -> str:
    return comparison.models[0].costs.per_unit.unit


def _scores(scores: Scores) -> tuple[str, str]:
    interval = scores.macro_f1_interval
    return f"{scores.macro_f1:.3f}", "" if interval is None else f"{interval.low:.3f}-{interval.high:.3f}"


def _costs(costs: Costs) -> tuple[str, str, str]:
    return (
        f"{costs.flash_bytes:,}",
        f"{costs.ram_bytes + costs.stack_bytes:,}",
        f"{costs.per_unit.ms_mean:,.2f}",
    )


def _notes(comparison: Comparison) -> list[str]:
    """What the figures are of: windows verified, boards, compilers and oracles, the split."""
    models = comparison.models
    samples, mismatches = sum(one.samples for one in models), sum(one.mismatches for one in models)
    boards = dict.fromkeys(
        f"{one.board} at {one.clock_hz // 1_000_000} MHz, {one.compiler}" for one in models
    )
    oracles = dict.fromkeys(f"oracle {one.oracle}" for one in models)
    verified = f"{samples:,} windows verified, {mismatches:,} mismatches"
    simulated = "RAM with the stack; milliseconds are simulated, zero wait states"
    return [verified, *boards, *oracles, simulated, visible(comparison.data.split)]

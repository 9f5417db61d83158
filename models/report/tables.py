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
    """Draw a comparison, a row a model, and one of a desktop; what was verified and on what is below."""
    data = comparison.data
    table = Table(title=f"{data.recordings.test} test recordings, {data.origin} data")
    for header in ("model", "kind", "macro-F1, 95 %", "flash, B", "RAM, B", "ms"):
        table.add_column(header, justify="left" if header in ("model", "kind") else "right")
    for model in comparison.models:
        table.add_row(model.name, model.kind, _score(model.scores.board), *_costs(model.costs))
    for reference in comparison.references:
        table.add_row(reference.name, "-", _score(reference.scores), "-", "-", "-")
    table.caption = "\n".join(_notes(comparison))
    return table


def _score(scores: Scores) -> str:
    """To three digits, with the interval."""
    ends = "-".join(f"{end:.3f}".removeprefix("0") for end in scores.macro_f1_interval or ())
    return f"{scores.macro_f1:.3f} {ends}".rstrip()


def _costs(costs: Costs) -> tuple[str, str, str]:
    ram_bytes, ms = costs.ram_bytes + costs.stack_bytes, costs.per_unit.ms_mean
    return f"{costs.flash_bytes:,}", f"{ram_bytes:,}", f"{ms:,.2f}"


def _notes(comparison: Comparison) -> list[str]:
    """What the figures are of: windows verified, boards, compilers and oracles, the split."""
    models = comparison.models
    samples, mismatches = sum(one.samples for one in models), sum(one.mismatches for one in models)
    boards = dict.fromkeys(
        f"{one.board} at {one.clock_hz // 1_000_000} MHz, {one.compiler}" for one in models
    )
    oracles = dict.fromkeys(f"oracle {one.oracle}" for one in models)
    verified = f"{samples:,} windows verified, {mismatches:,} mismatches"
    unit = models[0].costs.per_unit.unit
    simulated = f"RAM with the stack; ms a {unit} with its preprocessing, simulated, zero wait states"
    desktop = (
        ["models without a kind are a desktop's, none is for the board"] if comparison.references else []
    )
    left_out = [visible(f"{one.name} is left out: {one.reason}") for one in comparison.left_out]
    return [verified, *boards, *oracles, simulated, *desktop, visible(comparison.data.split), *left_out]

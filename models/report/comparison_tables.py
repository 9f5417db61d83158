"""A comparison at the terminal: scores, costs, pairs and the verdict, in 80 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final

from rich.console import Group

from zerotap.models.comparing.verdicts.wording import p_number
from zerotap.reporting import visible

from .tables import WIDTH, Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zerotap.models.comparing.compared_model import ComparedModel
    from zerotap.models.comparing.pair_values import Pair
    from zerotap.models.comparing.values import Comparison
    from zerotap.models.evaluation.scores import Scores

MOST_PAIRS: Final = 6
"""Of more pairs those of the champions alone are shown."""
_NONE: Final = "-"
_NAME_WIDTH: Final = 24


def comparison_table(comparison: Comparison) -> Group:
    """Draw scores with intervals, costs, pairs, the verdict, and what the figures are of.

    The desktop's models are marked as such, and have no costs.
    """
    data = comparison.data
    return Group(
        visible(f"{data.dataset}: {data.recordings.test:,} test recordings, {data.origin} data"),
        _scores_table(comparison),
        _costs_table(comparison),
        *([_pairs_table(shown_pairs(comparison))] if comparison.pairs else []),
        *_wrapped(_notes(comparison)),
        "",
        *_wrapped([comparison.verdict.text]),
    )


def shown_pairs(comparison: Comparison) -> Sequence[Pair]:
    """Every pair, or where there are many those of the champions and of each with the reference."""
    if len(comparison.pairs) <= MOST_PAIRS:
        return comparison.pairs
    champions = set(comparison.verdict.pair)
    references = {one.name for one in comparison.references}
    return [one for one in comparison.pairs if one.a in champions and one.b in champions | references]


def _table(headers: Sequence[str], left: int = 1) -> Table:
    """A table whose columns, from ``left`` on, are numbers, which are not torn; long names are."""
    table = Table()
    for number, header in enumerate(headers):
        is_text = number < left
        table.add_column(
            header,
            justify="left" if is_text else "right",
            overflow="fold",
            no_wrap=not is_text,
            max_width=_NAME_WIDTH if is_text else None,
        )
    return table


def _scores_table(comparison: Comparison) -> Table:
    several = _has_seeds(comparison)
    headers = ["model", "kind", "macro-F1", "95 %", "accuracy", *(["seeds"] if several else [])]
    table = _table(headers, 2)
    for model in comparison.models:
        of_seeds = [_of_seeds(model)] if several else []
        table.add_row(model.name, model.kind, *_shares(model.scores.board), *of_seeds)
    for reference in comparison.references:
        table.add_row(reference.name, "desktop", *_shares(reference.scores), *([_NONE] if several else []))
    return table


def _has_seeds(comparison: Comparison) -> bool:
    """Whether a model was trained several times."""
    return any(len(model.seeds.each) > 1 for model in comparison.models)


def _shares(scores: Scores) -> tuple[str, str, str]:
    interval = scores.macro_f1_interval
    range_ = _NONE if interval is None else f"{interval.low:.3f}-{interval.high:.3f}"
    return f"{scores.macro_f1:.3f}", range_, f"{scores.accuracy:.3f}"


def _of_seeds(model: ComparedModel) -> str:
    seeds = model.seeds
    return f"{len(seeds.each)}: {seeds.macro_f1_mean:.3f} ({seeds.macro_f1_worst:.3f})"


def _costs_table(comparison: Comparison) -> Table:
    unit = comparison.models[0].costs.per_unit.unit
    table = _table(["model", "flash, B", "RAM, B", f"ms a {unit}", "at most", "ms a packet"])
    for model in comparison.models:
        costs = model.costs
        table.add_row(
            model.name,
            f"{costs.flash_bytes:,}",
            f"{costs.ram_with_stack_bytes:,}",
            f"{costs.per_unit.ms_mean:,.2f}",
            f"{costs.per_unit.ms_max:,.2f}",
            _NONE if costs.per_packet is None else f"{costs.per_packet.ms_mean:,.3f}",
        )
    return table


def _pairs_table(pairs: Sequence[Pair]) -> Table:
    table = _table(["a - b", "both, a, b, none", "p", "difference, 95 %"])
    for pair in pairs:
        counts = (pair.both, pair.only_a, pair.only_b, pair.none)
        low, high = pair.interval
        table.add_row(
            f"{pair.a} - {pair.b}",
            ", ".join(map(str, counts)),
            p_number(pair.p_holm),
            f"{pair.difference:+z.3f}, {low:+z.3f} to {high:+z.3f}",
        )
    return table


def _notes(comparison: Comparison) -> list[str]:
    """What the figures are of: windows verified, boards, compilers and oracles, the split."""
    models = comparison.models
    samples, mismatches = sum(one.samples for one in models), sum(one.mismatches for one in models)
    boards = dict.fromkeys(f"{one.board} at {one.clock_hz / 1e6:g} MHz, {one.compiler}" for one in models)
    oracles = dict.fromkeys(f"oracle {one.oracle}" for one in models)
    return [
        f"{samples:,} windows verified, {mismatches:,} mismatches",
        *boards,
        *oracles,
        *(["seeds: how many, their mean macro-F1 (and the worst)"] if _has_seeds(comparison) else []),
        "RAM with the stack; milliseconds are simulated, with the waits for the flash, with preprocessing",
        *(["desktop models are not for the board"] if comparison.references else []),
        *(_notes_on_pairs(comparison) if comparison.pairs else []),
        comparison.data.split,
        *(f"{one.name} is left out: {one.reason}" for one in comparison.left_out),
    ]


def _notes_on_pairs(comparison: Comparison) -> list[str]:
    """What the columns of pairs are, and where the other pairs are."""
    hidden = len(comparison.pairs) - len(shown_pairs(comparison))
    return [
        "both, a, b, none: recordings on which both are right, one alone, neither; difference: macro-F1 of a "
        "less that of b; p: exact McNemar test, by Holm's rule for several pairs",
        *([f"{hidden} more pairs are in report.md"] if hidden else []),
    ]


def _wrapped(lines: Sequence[str]) -> list[str]:
    return [part for line in lines for part in textwrap.wrap(visible(line), WIDTH)]

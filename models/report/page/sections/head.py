"""The top of a comparison's page: the question, the verdict, and the two that it is about."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zerotap.models.comparing.verdicts.wording import p_number
from zerotap.models.evaluation.resampling import Interval
from zerotap.models.report.page.view import Contender, Fact, Head
from zerotap.models.report.page.wording import (
    NOTHING,
    count,
    interval,
    milliseconds,
    share,
    signed,
    signed_interval,
)

if TYPE_CHECKING:
    from zerotap.models.comparing.compared_model import ComparedModel
    from zerotap.models.comparing.pair_values import Pair
    from zerotap.models.comparing.values import Comparison


def comparison_head(comparison: Comparison) -> Head:
    """Say what was asked and what came of it."""
    verdict = comparison.verdict
    decided = _decided_by(comparison)
    pair = (decided.a, decided.b) if decided else verdict.pair or (comparison.best.name,)
    return Head(
        kicker="zerotap comparison",
        title=question(comparison),
        subject=comparison.data.dataset,
        headline=_headline(comparison),
        text=verdict.text,
        contenders=tuple(contender(comparison.model(name), verdict.winner == name) for name in pair),
        facts=(*_pair_facts(comparison), *_conditions(comparison)),
    )


def question(comparison: Comparison) -> str:
    """What was compared, as a question."""
    kinds = {model.kind for model in comparison.models}
    return "Raw packets or text?" if len(kinds) > 1 else "Which model?"


def contender(model: ComparedModel, is_winner: bool) -> Contender:
    """A model's score and what it costs."""
    board, costs = model.scores.board, model.costs
    unit = costs.per_unit
    ends = interval(board.macro_f1_interval)
    return Contender(
        model.name,
        model.kind,
        is_winner,
        (
            Fact("macro-F1", share(board.macro_f1), f"95 %: {ends}" if ends else ""),
            Fact(f"ms a {unit.unit}", milliseconds(unit.ms_mean), f"at most {milliseconds(unit.ms_max)}"),
            Fact("flash, B", count(costs.flash_bytes)),
            Fact("RAM, B", count(costs.ram_bytes), f"and {count(costs.stack_bytes)} of stack"),
        ),
    )


def _headline(comparison: Comparison) -> str:
    verdict = comparison.verdict
    if verdict.winner is not None:
        kind = comparison.model(verdict.winner).kind
        kinds = {model.kind for model in comparison.models}
        prefix = {"raw": "Raw packets: ", "text": "Text: "}[kind] if len(kinds) > 1 else ""
        return f"{prefix}{verdict.winner} wins"
    return "No difference shown" if verdict.pair else "One model, nothing beside it"


def _pair_facts(comparison: Comparison) -> tuple[Fact, ...]:
    pair = _decided_by(comparison)
    if pair is None:
        return ()
    facts = [
        Fact("difference of macro-F1", signed(pair.difference), f"95 %: {signed_interval(pair.interval)}"),
        Fact("p", p_number(pair.p_holm), "exact McNemar, Holm over all pairs"),
        Fact("one alone right", f"{count(pair.only_a)} : {count(pair.only_b)}", f"{pair.a} : {pair.b}"),
    ]
    if (needed := comparison.verdict.recordings_needed) is not None:
        facts.append(Fact("would be needed", f"≈ {count(needed)}", "test recordings, for 80 % power"))
    return tuple(facts)


def _decided_by(comparison: Comparison) -> Pair | None:
    """The pair of the champions, the higher macro-F1 first, as in the verdict's text: so a winner is."""
    names = set(comparison.verdict.pair)
    found = next((one for one in comparison.pairs if {one.a, one.b} == names), None)
    return turned(found) if found and found.difference < 0 else found


def turned(pair: Pair) -> Pair:
    """The same pair with b first; whether b is not worse is not known of it."""
    low, high = pair.interval
    return replace(
        pair,
        a=pair.b,
        b=pair.a,
        only_a=pair.only_b,
        only_b=pair.only_a,
        difference=-pair.difference,
        interval=Interval(-high, -low),
        not_worse=False,
    )


def _conditions(comparison: Comparison) -> tuple[Fact, ...]:
    data, models = comparison.data, comparison.models
    differed = sum(model.mismatches for model in models)
    samples = sum(model.samples for model in models)
    return (
        Fact("test recordings", count(data.recordings.test), f"{data.origin} data"),
        Fact("verified windows", count(samples), f"{count(differed) if differed else 'none'} differed"),
    )


def board_line(models: tuple[ComparedModel, ...]) -> str:
    """The boards and clocks that costs are about."""
    boards = dict.fromkeys(f"{model.board} at {model.clock_hz / 1e6:g} MHz" for model in models)
    return "; ".join(boards) or NOTHING

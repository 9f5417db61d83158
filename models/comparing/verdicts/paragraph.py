"""The verdict's sentences: plain text, no word of the trade without what it means."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose

from zerotap.models.comparing.compared_model import KINDS, ComparedModel
from zerotap.models.comparing.pair_values import Pair
from zerotap.models.comparing.values import ComparedData, Reference

from .duel import Duel
from .mcnemar import ALPHA, MOST_RECORDINGS, POWER
from .wording import (
    NO_WIDTH,
    costs_of,
    has_no_width,
    interval_words,
    listed,
    named,
    p_value,
    rounded_up,
    savings,
)

_MEANING = (
    "Macro-F1 is the mean over the {} of F1, which false alarms and misses lower alike; 1 is faultless."
)


def outcome(duel: Duel, data: ComparedData) -> str:
    """Who wins, or that nobody does, and on how many recordings."""
    one, other, pair = duel.first, duel.second, duel.pair
    on = f"on {pair.recordings:,} test recordings ({data.origin} data)"
    if duel.winner:
        kind = f"{one.kind.capitalize()} wins: " if one.kind != other.kind else ""
        return f"{kind}{named(one)} is better than {named(other)} {on}."
    if duel.is_shown:
        more, fewer = (one, other) if pair.only_a > pair.only_b else (other, one)
        right = f"{named(more)} is right more often than {named(fewer)} {on}"
        return f"No winner: {right}, but its macro-F1 is not the higher one: ask what each mistake costs."
    return f"No winner: a difference between {named(one)} and {named(other)} is not shown {on}."


def scored(duel: Duel) -> str:
    """Both macro-F1, the difference with its interval, and what macro-F1 is."""
    one, other = (model.scores.board.macro_f1 for model in (duel.first, duel.second))
    both = f" ({duel.first.name} {one:.3f}, {duel.second.name} {other:.3f})" if duel.of_one_head else ""
    gap = f"differs by {duel.pair.difference:.3f}{both}, {interval_words(duel.pair.interval)}"
    width = f" {NO_WIDTH}" if has_no_width(duel.pair.interval) else ""
    return f"Their macro-F1 {gap}.{width} {_MEANING.format('labels' if duel.of_labels else 'classes')}"


def luck(duel: Duel) -> str:
    """How the recordings split, and how often chance would split them so."""
    pair, how = duel.pair, " in every label" if duel.of_labels else ""
    if not pair.only_a + pair.only_b:
        return f"On each recording both are right{how}, or neither is."
    corrected = f", raised by Holm's rule for {duel.compared} pairs of models" if duel.compared > 1 else ""
    return (
        f"{duel.first.name} alone is right{how} on {pair.only_a:,} of them and {duel.second.name} alone on "
        f"{pair.only_b:,}; between equally good models chance makes a split so uneven with "
        f"{p_value(pair.p_holm)} (exact McNemar test{corrected})."
    )


def needed(duel: Duel, recordings: int | None) -> str:
    """How many recordings would show the difference."""
    if duel.pair.only_a == duel.pair.only_b:
        return "The split is even, so no number of recordings like these would show a difference."
    if recordings is None:
        return f"To show a difference so small takes more than {MOST_RECORDINGS:,} recordings."
    return (
        f"About {rounded_up(recordings):,} test recordings like these would be needed to show it with "
        f"p < {ALPHA} in {POWER * 100:.0f} % of all cases."
    )


def close(duel: Duel) -> str:
    """Whether the one is at least not worse than the other by more than the margin, and what it saves."""
    one, other, margin = duel.first, duel.second, f"{duel.margin:g} of macro-F1"
    cheaper = savings(one, other)
    if duel.pair.not_worse and duel.second_not_worse:
        return f"Neither is worse than the other by more than {margin}; {cheaper}."
    if not duel.pair.not_worse and not duel.second_not_worse:
        why = "Too few recordings to show that either is" if duel.is_close else "Neither is shown to be"
        return f"{why} within {margin} of the other; {cheaper}."
    better, worse = (one, other) if duel.pair.not_worse else (other, one)
    return f"{better.name} is not worse than {worse.name} by more than {margin}; {cheaper}."


def costs(models: Sequence[ComparedModel]) -> str:
    """What each takes on the board."""
    clock = f"{models[0].clock_hz / 1e6:g} MHz"
    each = "; ".join(f"{model.name} {costs_of(model)}" for model in models)
    return f"Cost on the simulated board, at {clock}, with preprocessing and stack: {each}."


def seeds(models: Sequence[ComparedModel]) -> list[str]:
    """How much luck there is in training, where a model was trained several times."""
    several = [model for model in models if len(model.seeds.each) > 1]
    if not several:
        return []
    each = [
        f"{model.name}'s macro-F1 is {model.seeds.macro_f1_mean:.3f} on average and "
        f"{model.seeds.macro_f1_worst:.3f} at worst, over {len(model.seeds.each)} trainings"
        for model in several
    ]
    return [f"{'; '.join(each)}."]


def chosen(models: Sequence[ComparedModel], champions: Sequence[ComparedModel]) -> list[str]:
    """How the champions were chosen, where there was a choice."""
    if len(models) == len(champions):
        return []
    kinds = {model.kind for model in champions}
    what = "They are the best of their kinds" if len(kinds) > 1 else "They are the best two"
    if any(model.validation_macro_f1 is None for model in champions):
        return [f"{what} by recordings held out of training, or the cheaper ones where none were."]
    return [f"{what} by recordings held out of training; these had no say in the choice."]


def one_kind(models: Sequence[ComparedModel]) -> list[str]:
    """That raw or text is not what was asked, where all are of one kind."""
    kinds = {model.kind for model in models}
    if len(kinds) == len(KINDS):
        return []
    (kind,) = kinds
    other = next(one for one in KINDS if one != kind)
    return [f"Only {kind} models were compared, so nothing here says whether {other} would do better."]


def alone(model: ComparedModel, data: ComparedData) -> str:
    """What the only model scores."""
    board = model.scores.board
    interval = board.macro_f1_interval
    range_ = f", 95 % interval {interval.low:.3f} to {interval.high:.3f}" if interval else ""
    meaning = _MEANING.format("labels" if model.labels and model.head == "labels" else "classes")
    return (
        f"Nothing to compare: {named(model)} is the only model. On {board.recordings:,} test recordings "
        f"({data.origin} data) its macro-F1 is {board.macro_f1:.3f}{range_}. {meaning}"
    )


def beside(
    models: Sequence[ComparedModel], pairs: Sequence[Pair], references: Sequence[Reference]
) -> list[str]:
    """How the champions stand to the best ordinary model of the desktop."""
    names = [model.name for model in models]
    found = {pair.a: pair for pair in pairs if pair.a in names}
    if not found:
        return []
    by_name = {reference.name: reference for reference in references}
    best = by_name[next(iter(found.values())).b]
    stand = listed([_standing(found[name]) for name in names if name in found])
    score = f"{best.scores.macro_f1:.3f}"
    return [f"{best.name}, the best of the ordinary models, which no board runs, has {score}: {stand}."]


def _standing(pair: Pair) -> str:
    p = p_value(pair.p_holm)
    gap = pair.only_a - pair.only_b
    if pair.p_holm >= ALPHA or gap * pair.difference <= 0 or isclose(pair.difference, 0):
        return f"{pair.a} is not shown to be better or worse ({p})"
    return f"{pair.a} is {'better' if gap > 0 else 'worse'} ({p})"

"""The verdict: which of two champions wins, if one does, as a paragraph that is computed."""

from __future__ import annotations

from collections.abc import Sequence

from zerotap.models.comparing.compared_model import ComparedModel
from zerotap.models.comparing.pair_values import Pair, Verdict
from zerotap.models.comparing.values import ComparedData, Reference

from . import paragraph
from .champions import champions
from .duel import Duel, duel_of
from .margins import MARGIN


def verdict_of(
    data: ComparedData,
    models: Sequence[ComparedModel],
    references: Sequence[Reference],
    pairs: Sequence[Pair],
    margin: float = MARGIN,
) -> Verdict:
    """Say which champion wins: the one whose p (Holm) is below .05 and whose macro-F1 is the higher.

    ``pairs``, as ``pairs_of`` gives them, are of every two ``models``, and of each with the best of
    ``references``.
    """
    best = champions(models)
    names = {model.name for model in models}
    of_models = [pair for pair in pairs if pair.b in names]
    beside = paragraph.beside(best, [pair for pair in pairs if pair.b not in names], references)
    if len(best) == 1:
        parts = [paragraph.alone(best[0], data), paragraph.costs(best), *paragraph.seeds(best), *beside]
        return Verdict(None, " ".join(parts + paragraph.one_kind(models)), None, margin, ())
    duel = duel_of((best[0], best[1]), of_models, margin)
    needed = duel.recordings_needed
    parts = [*_decided(duel, data, needed), *paragraph.seeds(best), *paragraph.chosen(models, best), *beside]
    text = " ".join(parts + paragraph.one_kind(models))
    winner = duel.winner.name if duel.winner else None
    return Verdict(winner, text, needed, margin, (best[0].name, best[1].name))


def _decided(duel: Duel, data: ComparedData, needed: int | None) -> list[str]:
    """Who wins, by how much, by what chance, at what cost; else what would be needed."""
    said = [paragraph.outcome(duel, data), paragraph.scored(duel), paragraph.luck(duel)]
    if not duel.winner:
        said += [] if duel.is_shown else [paragraph.needed(duel, needed)]
        said.append(paragraph.close(duel))
    return [*said, paragraph.costs((duel.first, duel.second))]

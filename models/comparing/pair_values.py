"""Two models on the same recordings, and the verdict, as report.json holds them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from zerotap.models.evaluation.resampling import Interval

from .json_place import Place
from .reading_scores import read_interval


@dataclass(frozen=True, slots=True)
class Pair:
    """Two models' (or a model's and a reference's) verdicts on the same test recordings.

    ``both`` counts recordings where both are right, ``only_a`` and ``only_b`` where one is, ``none`` where
    neither. ``mcnemar`` is the exact two-sided p, ``p_holm`` the same among the pairs of its family: pairs of
    two models are one, those with a reference another. ``difference`` is a's macro-F1 less b's; ``interval``
    holds 95 % of a paired bootstrap over recordings. ``not_worse``: a is shown not to be worse than b by
    more than the verdict's margin.
    """

    a: str
    b: str
    both: int
    only_a: int
    only_b: int
    none: int
    mcnemar: float
    p_holm: float
    difference: float
    interval: Interval
    not_worse: bool

    @property
    def recordings(self) -> int:
        """How many were judged."""
        return self.both + self.only_a + self.only_b + self.none

    @classmethod
    def from_json(cls, place: Place, names: Collection[str], tested: int) -> Pair:
        """Read a pair out of ``names`` on ``tested`` recordings; raises ModelError."""
        pair = cls(
            a=place["a"].text(names),
            b=place["b"].text(names),
            both=place["both"].whole(),
            only_a=place["only_a"].whole(),
            only_b=place["only_b"].whole(),
            none=place["none"].whole(),
            mcnemar=place["mcnemar"].share(),
            p_holm=place["p_holm"].share(),
            difference=place["difference"].number(-1, 1),
            interval=read_interval(place["interval"], -1, 1),
            not_worse=place["not_worse"].flag(),
        )
        place.require(pair.a != pair.b, "is of one model twice")
        fault = f"counts {pair.recordings} recordings, and {tested} were tested"
        place.require(pair.recordings == tested, fault)
        place["p_holm"].require(pair.p_holm >= pair.mcnemar, "is below mcnemar")
        return pair


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the comparison says: one paragraph of plain text, and the numbers that decided it.

    ``pair`` names the two champions, () where only one model was compared. ``winner`` is None where no
    difference was shown; ``recordings_needed`` is then how many test recordings would show one as large with
    80 % power, None where there is no such number. ``margin`` is a difference of macro-F1 that matters.
    """

    winner: str | None
    text: str
    recordings_needed: int | None
    margin: float
    pair: tuple[str, ...]

    @classmethod
    def from_json(cls, place: Place, names: Collection[str]) -> Verdict:
        """Read a verdict about models of ``names``; raises ModelError."""
        pair = tuple(one.text(names) for one in place["pair"].each())
        place["pair"].require(len(pair) in (0, 2), "names neither two models nor none")
        return cls(
            winner=place["winner"].maybe(lambda one: one.text(pair)),
            text=place["text"].text(),
            recordings_needed=place["recordings_needed"].maybe(Place.whole),
            margin=place["margin"].share(),
            pair=pair,
        )

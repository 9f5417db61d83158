"""A duel: two champions on the same recordings, and what the numbers decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from zerotap.models.comparing.compared_model import ComparedModel
from zerotap.models.comparing.pair_values import Pair
from zerotap.models.evaluation.resampling import Interval
from zerotap.models.head_kinds import LABELS

from .margins import is_not_worse
from .mcnemar import ALPHA, recordings_needed


@dataclass(frozen=True, slots=True)
class Duel:
    """Two champions and their ``pair``, whose a is ``first`` and whose macro-F1 is the higher, or the same.

    ``compared`` is how many pairs of models Holm's correction was over.
    """

    first: ComparedModel
    second: ComparedModel
    pair: Pair
    compared: int
    margin: float

    @property
    def is_shown(self) -> bool:
        """Whether the one is right alone more often than chance explains."""
        return self.pair.p_holm < ALPHA

    @property
    def winner(self) -> ComparedModel | None:
        """The first, if it is shown to be right more often and its macro-F1 is higher; else none."""
        ahead = self.pair.only_a > self.pair.only_b and self.pair.difference > 0
        return self.first if self.is_shown and ahead else None

    @property
    def recordings_needed(self) -> int | None:
        """How many recordings would show the difference, None where it is, or none ever would.

        With so many, p is below ALPHA even where it counts as one of all the pairs that were compared.
        """
        if self.is_shown:
            return None
        pair = self.pair
        return recordings_needed(pair.only_a, pair.only_b, pair.recordings, ALPHA / self.compared)

    @property
    def second_not_worse(self) -> bool:
        """Whether the second is not worse than the first by more than the margin."""
        pair = self.pair
        supports = supports_of(self.first, self.second)
        return is_not_worse(
            pair.only_a, pair.only_a + pair.only_b, -pair.interval.high, supports, self.margin
        )

    @property
    def is_close(self) -> bool:
        """Whether the interval of the difference is within the margin, shown to be so or not."""
        return -self.margin < self.pair.interval.low and self.pair.interval.high < self.margin

    @property
    def of_labels(self) -> bool:
        """Whether the pair was judged by labels."""
        return LABELS in (self.first.head, self.second.head)

    @property
    def of_one_head(self) -> bool:
        """Whether the scores of both count the same things."""
        return (self.first.head == LABELS) == (self.second.head == LABELS)


def duel_of(models: tuple[ComparedModel, ComparedModel], pairs: Iterable[Pair], margin: float) -> Duel:
    """The duel of two of the models whose ``pairs`` these are; the one with the higher macro-F1 is first."""
    known = list(pairs)
    names = {model.name for model in models}
    pair = next(one for one in known if {one.a, one.b} == names)
    pair = turned(pair, supports_of(*models), margin) if pair.difference < 0 else pair
    by_name = {model.name: model for model in models}
    return Duel(by_name[pair.a], by_name[pair.b], pair, len(known), margin)


def supports_of(one: ComparedModel, other: ComparedModel) -> list[int]:
    """How many recordings are of each class, or where a model is of several labels have each of these."""
    scores = (one if one.head == LABELS else other).scores.board
    return [name.support for name in scores.per_class]


def turned(pair: Pair, supports: Sequence[int], margin: float) -> Pair:
    """The pair with b first."""
    interval = Interval(-pair.interval.high, -pair.interval.low)
    return replace(
        pair,
        a=pair.b,
        b=pair.a,
        only_a=pair.only_b,
        only_b=pair.only_a,
        difference=-pair.difference,
        interval=interval,
        not_worse=is_not_worse(pair.only_a, pair.only_a + pair.only_b, interval.low, supports, margin),
    )

"""Pairs: what two models say of the same recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from zerotap.features import Windows
from zerotap.models.comparing.pair_values import Pair
from zerotap.models.evaluation.readings import Reading
from zerotap.models.evaluation.resampling import Difference
from zerotap.models.evaluation.scoring import difference
from zerotap.models.head_kinds import LABELS

from .holm import holm
from .margins import MARGIN, is_not_worse
from .mcnemar import exact_p

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What a model, or a reference, says of each test recording.

    ``verdicts`` as ``reading`` counts them: class indices, int64 (recordings,), or of several labels 0 and 1,
    int64 (recordings, labels).
    """

    name: str
    reading: Reading
    verdicts: NDArray[np.int64]

    @property
    def codes(self) -> tuple[int, ...]:
        """A number a recording, as evidence.json has them: class indices, or sums of 2**i over the labels."""
        if self.reading.head.kind != LABELS:
            return tuple(self.verdicts.tolist())
        return tuple((self.verdicts << np.arange(self.verdicts.shape[1])).sum(axis=1).tolist())

    def said_as(self, reading: Reading) -> NDArray[np.int64]:
        """The verdicts as ``reading`` counts them: a class that is said has the labels of its name."""
        if self.reading.head.kind == reading.head.kind or reading.head.kind != LABELS:
            return self.verdicts
        return reading.truth(self.verdicts)


def pairs_of(
    models: Sequence[Judged],
    reference: Judged | None,
    classes: NDArray[np.int64],
    margin: float = MARGIN,
) -> tuple[Pair, ...]:
    """Pair each two models, and each model with ``reference``, on recordings of ``classes`` (recordings,).

    Holm's correction is over the pairs of models, and apart from these over those with the reference.
    """
    of_models = [_pair(a, b, classes, margin) for a, b in combinations(models, 2)]
    with_reference = [_pair(model, reference, classes, margin) for model in models] if reference else []
    return _corrected(of_models) + _corrected(with_reference)


def _corrected(pairs: Sequence[Pair]) -> tuple[Pair, ...]:
    corrected = holm([pair.mcnemar for pair in pairs])
    return tuple(replace(pair, p_holm=p) for pair, p in zip(pairs, corrected, strict=True))


def _pair(a: Judged, b: Judged, classes: NDArray[np.int64], margin: float) -> Pair:
    reading = a.reading if a.reading.head.kind == LABELS else b.reading
    said_a, said_b, truth = a.said_as(reading), b.said_as(reading), reading.truth(classes)
    right_a, right_b = _right(said_a, truth), _right(said_b, truth)
    only_a, only_b = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
    p, found = exact_p(only_a, only_b), _difference(said_a, said_b, classes, reading)
    low, supports = found.interval.low, _supports(truth, reading)
    return Pair(
        a=a.name,
        b=b.name,
        both=int((right_a & right_b).sum()),
        only_a=only_a,
        only_b=only_b,
        none=int((~right_a & ~right_b).sum()),
        mcnemar=p,
        p_holm=p,
        difference=found.difference,
        interval=found.interval,
        not_worse=is_not_worse(only_b, only_a + only_b, low, supports, margin),
    )


def _right(said: NDArray[np.int64], truth: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each recording's verdict is right, in every label where there are several."""
    each: NDArray[np.bool_] = (said == truth).reshape(len(truth), -1)
    return np.asarray(each.all(axis=1))


def _supports(truth: NDArray[np.int64], reading: Reading) -> list[int]:
    """How many recordings are of each class, or have each label."""
    names = len(reading.head.names)
    is_of = truth if reading.head.kind == LABELS else truth[:, None] == np.arange(names)
    counts: list[int] = np.asarray(is_of.sum(axis=0)).tolist()
    return counts


def _difference(
    said_a: NDArray[np.int64], said_b: NDArray[np.int64], classes: NDArray[np.int64], reading: Reading
) -> Difference:
    one_each = Windows(np.zeros((len(classes), 0)), classes, np.arange(len(classes)))
    return difference(said_a, said_b, one_each, reading)

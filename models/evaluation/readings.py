"""What a model's outputs say: verdicts, the truth in the same form, and probabilities where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.models.heads import BinaryHead, ClassesHead, Head, LabelsHead, make_head

from .tallies import ClassTally, LabelTally, Tally

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.models.trained import Facts

LOGITS: Final = "logits"
"""Softmax, or the logistic function of each, makes probabilities of them."""
SHARES: Final = "shares"
"""Of votes, as a forest counts them: probabilities, of classes once they are divided by their sum."""
_EVEN_SHARE: Final = 0.5
MARGINS: Final = "margins"
"""Distances to a boundary, in no unit: no probability can be made of them."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How outputs (n, outputs) are read, of a window, or the mean over those of a recording.

    ``head`` says what each output is of, and ``thresholds`` which is enough, in the outputs' own unit.
    ``meaning`` is LOGITS, SHARES or MARGINS.
    """

    head: Head
    thresholds: tuple[float, ...] = ()
    meaning: str = LOGITS

    @classmethod
    def by_greatest(cls, classes: int | Sequence[str], meaning: str = LOGITS) -> Reading:
        """One class each, that of the greatest output; the names of the classes, or how many there are."""
        names = map(str, range(classes)) if isinstance(classes, int) else classes
        return cls(ClassesHead(tuple(names)), (), meaning)

    def fitted(self, outputs: NDArray[Any], y: NDArray[np.int64]) -> Reading:
        """With the thresholds that suit outputs (n, outputs) of classes ``y`` (n,) that were not learnt from.

        Of equally good ones those nearest to where both sides are as likely.
        """
        (even,) = self._even
        found = self.head.fit_thresholds(outputs - even, y)
        return replace(self, thresholds=tuple(one + even for one in found))

    @property
    def _even(self) -> tuple[float]:
        """The threshold at which both sides are as likely, by what the outputs are."""
        return (_EVEN_SHARE if self.meaning == SHARES else 0.0,)

    @property
    def tally(self) -> Tally:
        """What counts the verdicts."""
        names = len(self.head.names)
        return LabelTally(names) if self.head.kind == LabelsHead.kind else ClassTally(names)

    def truth(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """What is true of class indices (n,), as ``tally`` counts it."""
        return self._counted(self.head.truths(y))

    def verdicts(self, outputs: NDArray[Any]) -> NDArray[np.int64]:
        """What outputs (n, outputs) say, as ``tally`` counts it; without thresholds by the even ones."""
        return self._counted(self.head.verdicts(outputs, self.thresholds or self._even * outputs.shape[1]))

    def confidences(
        self, outputs: NDArray[Any], y: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]] | None:
        """Probabilities (m,), and whether what each was given for is so; None where outputs have none.

        Of classes the probability of each verdict; of one output that of the positive class; of labels that
        of each label.
        """
        if self.meaning == MARGINS:
            return None
        if self.head.kind == ClassesHead.kind:
            shares = _softmax(outputs) if self.meaning == LOGITS else _shares(outputs)
            best = shares.argmax(axis=1)
            return shares[np.arange(len(shares)), best], best == y
        shares = _logistic(outputs) if self.meaning == LOGITS else outputs.astype(np.float64)
        return shares.ravel(), self._said(y).ravel()

    def _said(self, y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """What each output is to say, bool (n, outputs)."""
        truths = self.head.truths(y)
        if self.head.kind != BinaryHead.kind:
            return truths
        (positive,) = self.head.labels
        return truths[:, [self.head.names.index(positive)]]

    def _counted(self, given: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Bool (n, names) as 0 and 1 of labels, or as indices (n,) of classes."""
        counted: NDArray[np.int64]
        counted = given.astype(np.int64) if self.head.kind == LabelsHead.kind else given.argmax(axis=1)
        return counted


def reading_of(facts: Facts) -> Reading:
    """How the outputs of a trained model are read, a score of an integer model times its scale."""
    positive = facts.labels[0] if facts.head == BinaryHead.kind and facts.labels else None
    return Reading(make_head(facts.head, facts.classes, positive), facts.thresholds, facts.scores)


def _softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True).astype(np.float64))
    shares: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _logistic(logits: NDArray[Any]) -> NDArray[np.float64]:
    probabilities: NDArray[np.float64] = (1 + np.tanh(logits.astype(np.float64) / 2)) / 2
    return probabilities


def _shares(votes: NDArray[Any]) -> NDArray[np.float64]:
    """Divide votes (n, classes), 0 or more, by their sums; where there is none, equally."""
    sums = votes.sum(axis=1, keepdims=True, dtype=np.float64)
    shares: NDArray[np.float64] = np.where(sums > 0, votes / np.maximum(sums, 1e-12), 1 / votes.shape[1])
    return shares

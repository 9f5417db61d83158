"""What a table's columns are fitted to: classes, of which a text has one, or labels, of which any number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from .verdicts import best_bias, chosen, f1_of_labels, macro_f1, threshold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.models.label_targets import Labels


class Targets(Protocol):
    """What is true of n texts, and how good margins (n, columns) are that are to say it."""

    @property
    def by_label(self) -> bool:
        """Whether a column is an output of its own."""

    @property
    def columns(self) -> int:
        """How many a table has for them."""

    @property
    def strata(self) -> NDArray[np.int64]:
        """What folds keep in equal shares, int64 (n,)."""

    def rows(self, chosen: NDArray[np.int64]) -> Self:
        """Those of some texts."""

    def column(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """Which texts a column is to be above 0 for, and what each text weighs there, (n,) both."""

    def said(self, margins: NDArray[Any]) -> NDArray[np.int64]:
        """The verdicts (n, ...)."""

    def quality(self, margins: NDArray[Any]) -> float:
        """What the verdicts are worth, 0 to 1."""

    def best_bias(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """What to add to each column, (columns,), for the best quality."""

    def log_loss(self, scores: NDArray[np.float64]) -> float:
        """The mean log loss of scores (n, columns) as logits."""


@dataclass(frozen=True, slots=True, eq=False)
class ClassTargets:
    """The class ``y`` int64 (n,) of each text, and what each class weighs; of two, one column says which."""

    y: NDArray[np.int64]
    class_weights: NDArray[np.float64]

    @property
    def by_label(self) -> bool:
        """Two classes have one column, whose negative is the first one's score."""
        return False

    @property
    def columns(self) -> int:
        """One a class, of two one alone."""
        return 1 if len(self.class_weights) == 2 else len(self.class_weights)

    @property
    def strata(self) -> NDArray[np.int64]:
        """The classes."""
        return self.y

    def rows(self, chosen: NDArray[np.int64]) -> ClassTargets:
        """Those of some texts."""
        return ClassTargets(self.y[chosen], self.class_weights)

    def column(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """One class against the rest."""
        return self.y == (1 if self.columns == 1 else number), self.class_weights[self.y]

    def said(self, margins: NDArray[Any]) -> NDArray[np.int64]:
        """A class each, (n,)."""
        return chosen(margins)

    def quality(self, margins: NDArray[Any]) -> float:
        """Macro-F1."""
        return macro_f1(margins, self.y)

    def best_bias(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """For the best macro-F1."""
        return best_bias(margins, self.y)

    def log_loss(self, scores: NDArray[np.float64]) -> float:
        """Of the softmax."""
        logits = np.concatenate([-scores, scores], axis=1) if self.columns == 1 else scores
        shifted = logits - logits.max(axis=1, keepdims=True)
        chances = shifted[np.arange(len(self.y)), self.y] - np.log(np.exp(shifted).sum(axis=1))
        return float(-chances.mean())


@dataclass(frozen=True, slots=True, eq=False)
class LabelTargets:
    """A column a label, by itself: above 0 where the text has it."""

    labels: Labels

    @property
    def by_label(self) -> bool:
        """Each column is an output."""
        return True

    @property
    def columns(self) -> int:
        """One a label."""
        return self.labels.outputs

    @property
    def strata(self) -> NDArray[np.int64]:
        """Those of the head, but for what is there once, which no fold can share out."""
        strata = self.labels.strata
        return np.where(np.bincount(strata)[strata] > 1, strata, 0)

    def rows(self, chosen: NDArray[np.int64]) -> LabelTargets:
        """Those of some texts."""
        return LabelTargets(self.labels.rows(chosen))

    def column(self, number: int) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
        """The texts with a label against those without."""
        return self.labels.truths[:, number], self.labels.weights[:, number]

    def said(self, margins: NDArray[Any]) -> NDArray[np.int64]:
        """1 where a label is given, (n, labels)."""
        return (margins > 0).astype(np.int64)

    def quality(self, margins: NDArray[Any]) -> float:
        """The mean F1 of the labels, of one for two classes the macro-F1 of these."""
        return f1_of_labels(margins > 0, self.labels.truths, both=self.labels.is_binary)

    def best_bias(self, margins: NDArray[np.float64]) -> NDArray[np.float64]:
        """For each label's best F1; 0 where all texts or none have it."""
        found = np.zeros(self.columns)
        for number, truth in enumerate(self.labels.truths.T):
            if truth.any() and not truth.all():
                found[number] = -threshold(margins[:, number], truth, both=self.labels.is_binary)
        return found

    def log_loss(self, scores: NDArray[np.float64]) -> float:
        """Of the logistic function of each."""
        wrong = np.where(self.labels.truths, -scores, scores)
        return float(np.logaddexp(0, wrong).mean())

"""Heads: what a model's outputs mean, and so its loss, how classes weigh, and the verdicts.

=========  =====================  ==========================================================
head       outputs                verdict
=========  =====================  ==========================================================
classes    a logit a class        the class with the greatest
binary     one logit              the positive class from its threshold on, else the other
labels     a logit a label        every label from its own threshold on: none, or several
=========  =====================  ==========================================================

Labels come from the classes' names: "toxic+insult" has the labels toxic and insult, "none" has none.
A threshold is a logit that is enough (>=), fitted on windows that the model did not learn from.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Protocol

import numpy as np

from zerotap.capture import class_of_labels, labels_of_class
from zerotap.errors import ModelError

from .head_kinds import BINARY, CLASSES, HEADS, LABELS
from .thresholds import best_threshold, enough

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    Loss: TypeAlias = Callable[[Any, Any], Any]

_NO_LABEL: Final = class_of_labels(())


class Head(Protocol):
    """What a model's outputs mean; ``y`` are always indices into ``classes``, int64 (n,).

    ``labels`` names the outputs in their order; ``names`` the columns of ``truths`` and ``verdicts``.
    """

    kind: ClassVar[str]

    @property
    def classes(self) -> tuple[str, ...]:
        """The dataset's classes."""

    @property
    def labels(self) -> tuple[str, ...]:
        """What each output is the logit of."""

    @property
    def names(self) -> tuple[str, ...]:
        """What can be true of a window: classes, of which one is, or labels, of which any number are."""

    @property
    def has_thresholds(self) -> bool:
        """Whether an output counts from its threshold on, and no other one matters."""

    @property
    def meaning(self) -> str:
        """One sentence: what the outputs are, and how they become a verdict."""

    def targets(self, y: NDArray[np.int64]) -> NDArray[Any]:
        """What the loss compares the outputs with: int64 (n,), or float32 (n, outputs) of 0 and 1."""

    def loss(self, y: NDArray[np.int64], balanced: bool = True) -> Loss:
        """The loss of ``targets`` and logits; ``balanced``: labels weigh the same, given or not, in ``y``."""

    def strata(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """What folds keep in equal shares, int64 (n,): classes, or each row's rarest label."""

    def fit_thresholds(self, logits: NDArray[Any], y: NDArray[np.int64]) -> tuple[float, ...]:
        """Thresholds for the outputs, from logits (n, outputs) of rows that were not learnt from."""

    def truths(self, y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """What is true of each row: bool (n, names)."""

    def verdicts(self, logits: NDArray[Any], thresholds: Sequence[float] = ()) -> NDArray[np.bool_]:
        """What logits (n, outputs) say of each row: bool (n, names); without ``thresholds`` by 0."""


@dataclass(frozen=True, slots=True)
class ClassesHead:
    """One class of several: a logit each, the greatest is the verdict."""

    kind: ClassVar[str] = CLASSES
    classes: tuple[str, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes."""
        return self.classes

    @property
    def names(self) -> tuple[str, ...]:
        """The classes."""
        return self.classes

    @property
    def has_thresholds(self) -> bool:
        """An output is measured by the others."""
        return False

    @property
    def meaning(self) -> str:
        """One sentence."""
        return "a logit a class; the class with the greatest is the verdict"

    def targets(self, y: NDArray[np.int64]) -> NDArray[Any]:
        """The classes' indices."""
        return y

    def loss(self, y: NDArray[np.int64], balanced: bool = True) -> Loss:
        """Cross-entropy of the softmax."""
        del y, balanced
        import keras

        loss: Loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        return loss

    def strata(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """The classes."""
        return y

    def fit_thresholds(self, logits: NDArray[Any], y: NDArray[np.int64]) -> tuple[float, ...]:
        """The greatest needs none."""
        del logits, y
        return ()

    def truths(self, y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """One class a row."""
        return _one_of(y, len(self.classes))

    def verdicts(self, logits: NDArray[Any], thresholds: Sequence[float] = ()) -> NDArray[np.bool_]:
        """The greatest of each row, the first of equals."""
        del thresholds
        return _one_of(logits.argmax(axis=1), len(self.classes))


@dataclass(frozen=True, slots=True)
class BinaryHead:
    """One of two classes by one logit: ``positive`` from the threshold on."""

    kind: ClassVar[str] = BINARY
    classes: tuple[str, ...]
    positive: str

    def __post_init__(self) -> None:
        if len(self.classes) != 2:
            raise ModelError(
                f"a binary head tells two classes apart, the dataset has {len(self.classes)} "
                f"({', '.join(self.classes)}): take the head classes"
            )
        if self.positive not in self.classes:
            raise ModelError(
                f"there is no class {self.positive!r} to be the positive one: "
                f"choose {' or '.join(self.classes)}"
            )

    @property
    def labels(self) -> tuple[str, ...]:
        """The positive class."""
        return (self.positive,)

    @property
    def names(self) -> tuple[str, ...]:
        """Both classes."""
        return self.classes

    @property
    def has_thresholds(self) -> bool:
        """Each output has one."""
        return True

    @property
    def meaning(self) -> str:
        """One sentence."""
        (other,) = set(self.classes) - {self.positive}
        return f"the logit of {self.positive}; from the threshold on it is {self.positive}, else {other}"

    def targets(self, y: NDArray[np.int64]) -> NDArray[Any]:
        """1 for the positive class, float32 (n, 1)."""
        return self._is_positive(y).astype(np.float32)[:, np.newaxis]

    def loss(self, y: NDArray[np.int64], balanced: bool = True) -> Loss:
        """Cross-entropy of the logistic function."""
        del y, balanced
        import keras

        loss: Loss = keras.losses.BinaryCrossentropy(from_logits=True)
        return loss

    def strata(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """The classes."""
        return y

    def fit_thresholds(self, logits: NDArray[Any], y: NDArray[np.int64]) -> tuple[float, ...]:
        """The threshold with the best mean F1 of both classes."""
        return (best_threshold(logits[:, 0], self._is_positive(y), both=True),)

    def truths(self, y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """One class a row."""
        return _one_of(y, len(self.classes))

    def verdicts(self, logits: NDArray[Any], thresholds: Sequence[float] = ()) -> NDArray[np.bool_]:
        """The positive class where its logit reaches the threshold."""
        positive = self.classes.index(self.positive)
        says_so = enough(logits, thresholds)[:, 0]
        return _one_of(np.where(says_so, positive, 1 - positive), len(self.classes))

    def _is_positive(self, y: NDArray[np.int64]) -> NDArray[np.bool_]:
        mask: NDArray[np.bool_] = y == self.classes.index(self.positive)
        return mask


@dataclass(frozen=True, slots=True)
class LabelsHead:
    """Any number of labels: a logit and a threshold each."""

    kind: ClassVar[str] = LABELS
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.labels:
            raise ModelError(
                f"no class but {_NO_LABEL!r} is there: name classes by their labels, as toxic+insult"
            )
        for label, given in zip(self.labels, self.matrix.T, strict=True):
            if given.all():
                raise ModelError(
                    f"every class has the label {label!r}, so nothing is told by it: add recordings without "
                    f"it, of the class {_NO_LABEL!r} say, or take the head classes"
                )

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels in the order in which the classes name them first."""
        return tuple(dict.fromkeys(label for name in self.classes for label in labels_of(name)))

    @property
    def names(self) -> tuple[str, ...]:
        """The labels."""
        return self.labels

    @property
    def matrix(self) -> NDArray[np.bool_]:
        """Which labels each class has: bool (classes, labels)."""
        return np.array([[label in labels_of(name) for label in self.labels] for name in self.classes])

    @property
    def has_thresholds(self) -> bool:
        """Each output has one."""
        return True

    @property
    def meaning(self) -> str:
        """One sentence."""
        return "a logit a label; every label whose logit reaches its own threshold is given, or none"

    def targets(self, y: NDArray[np.int64]) -> NDArray[Any]:
        """1 for each label given, float32 (n, labels)."""
        return self.truths(y).astype(np.float32)

    def loss(self, y: NDArray[np.int64], balanced: bool = True) -> Loss:
        """Mean cross-entropy of the logistic function of each label."""
        share = self.truths(y).mean(axis=0) if balanced else np.full(len(self.labels), 0.5)
        return _LabelLoss(share)

    def strata(self, y: NDArray[np.int64]) -> NDArray[np.int64]:
        """The rarest label of each row, counted from 1, 0 of none: a mixture of labels may be there once."""
        truths = self.truths(y)
        rarity = np.where(truths, 1 / np.maximum(truths.sum(axis=0), 1), 0.0)
        strata: NDArray[np.int64] = np.where(truths.any(axis=1), rarity.argmax(axis=1) + 1, 0)
        return strata

    def fit_thresholds(self, logits: NDArray[Any], y: NDArray[np.int64]) -> tuple[float, ...]:
        """For each label the threshold with its best F1."""
        truths = self.truths(y)
        return tuple(best_threshold(logits[:, at], truths[:, at]) for at in range(len(self.labels)))

    def truths(self, y: NDArray[np.int64]) -> NDArray[np.bool_]:
        """The labels of each row's class."""
        truths: NDArray[np.bool_] = self.matrix[y]
        return truths

    def verdicts(self, logits: NDArray[Any], thresholds: Sequence[float] = ()) -> NDArray[np.bool_]:
        """The labels whose logits reach their thresholds."""
        return enough(logits, thresholds)


@dataclass(frozen=True, slots=True)
class HeadChoice:
    """Which head a model gets, before its classes are known; raises ModelError for an unknown one."""

    kind: str = ClassesHead.kind
    positive: str | None = None

    def __post_init__(self) -> None:
        _check_kind(self.kind, self.positive)

    def of(self, classes: Sequence[str]) -> Head:
        """The head for those classes; raises ModelError where they do not go with it."""
        return make_head(self.kind, classes, self.positive)


def make_head(kind: str, classes: Sequence[str], positive: str | None = None) -> Head:
    """The head of that ``kind`` for a dataset's classes.

    ``positive`` is the class whose logit a binary head gives, the second one where None.
    Raises ModelError for an unknown kind, and for classes or a positive one that do not go with it.
    """
    _check_kind(kind, positive)
    if kind == BinaryHead.kind:
        return BinaryHead(tuple(classes), tuple(classes)[-1] if positive is None else positive)
    return LabelsHead(tuple(classes)) if kind == LabelsHead.kind else ClassesHead(tuple(classes))


def _check_kind(kind: str, positive: str | None) -> None:
    if kind not in HEADS:
        raise ModelError(f"head {kind!r} is unknown: choose one of {', '.join(HEADS)}")
    if positive is not None and kind != BinaryHead.kind:
        raise ModelError(f"the head {kind} has no positive class: take the head binary, or leave it out")


def labels_of(name: str) -> tuple[str, ...]:
    """The labels in a class's name, none in "none"; raises ModelError for a name of one label twice."""
    labels = labels_of_class(name)
    if _NO_LABEL in labels or len(set(labels)) < len(labels):
        raise ModelError(
            f"class {name!r} is not made of labels: join different names as in "
            f"{class_of_labels(('a', 'b'))}, and name {_NO_LABEL!r} what has no label"
        )
    return labels


def _one_of(indices: NDArray[Any], count: int) -> NDArray[np.bool_]:
    chosen: NDArray[np.bool_] = indices[:, np.newaxis] == np.arange(count)
    return chosen


@dataclass(frozen=True, slots=True, eq=False)
class _LabelLoss:
    """Cross-entropy of labels' logits, where rows with a label weigh what rows without it do."""

    share: NDArray[np.float64]

    def __call__(self, targets: Any, logits: Any) -> Any:  # noqa: ANN401  (keras ships no types)
        from keras import ops

        # A label that all rows or none have in this fold keeps finite weights.
        share = np.clip(self.share, 1e-3, 1 - 1e-3).astype(np.float32)
        weights = targets * (0.5 / share) + (1 - targets) * (0.5 / (1 - share))
        losses = ops.relu(logits) - logits * targets + ops.log1p(ops.exp(-ops.abs(logits)))
        return ops.mean(weights * losses, axis=-1)

"""What a window of each class, or label, weighs in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeAlias

import numpy as np

from zerotap.errors import ModelError
from zerotap.models.heads import BinaryHead, Head, LabelsHead
from zerotap.models.label_targets import Labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

ClassWeight: TypeAlias = str | Mapping[str, float]
BALANCED: Final = "balanced"
NONE: Final = "none"
LEAST: Final = 1e-6
MOST: Final = 1e6
"""Beyond them sums of weights lose the lighter classes, or are no numbers any more."""
_LEAST_SHARE: Final = 1e-3
"""Of a label that hardly a window has: its weight stays finite."""


def check_class_weight(choice: ClassWeight) -> None:
    """Raise ModelError for other than "balanced", "none", or weights from LEAST to MOST by class."""
    if isinstance(choice, str):
        if choice not in (BALANCED, NONE):
            raise ModelError(
                f"class weight {choice!r} is none: give balanced, none, or CLASS=WEIGHT for a class"
            )
        return
    for name, weight in choice.items():
        if not LEAST <= weight <= MOST:
            raise ModelError(
                f"class {name} cannot weigh {weight:g}: give a number above 0, from {LEAST:g} to {MOST:g}"
            )


def class_weight_of(words: Sequence[str]) -> ClassWeight:
    """Read what the command line says: "balanced", "none", or CLASS=WEIGHT for each of some classes.

    No word is "balanced". Raises ModelError for anything else.
    """
    if not words:
        return BALANCED
    if len(words) == 1 and "=" not in words[0]:
        check_class_weight(words[0])
        return words[0]
    weights: dict[str, float] = {}
    for word in words:
        name, _, weight = word.rpartition("=")
        if name in weights:
            raise ModelError(f"class {name} is given two weights: give one")
        try:
            weights[name] = float(weight)
        except ValueError as error:
            raise ModelError(f"class weight {word!r} is no CLASS=WEIGHT: write spam=2, say") from error
        if not name:
            raise ModelError(f"class weight {word!r} names no class: write spam=2, say")
    check_class_weight(weights)
    return weights


def weights_by_class(
    y: NDArray[np.int64], classes: Sequence[str], choice: ClassWeight = BALANCED
) -> NDArray[np.float64]:
    """What windows of each class weigh where their labels are ``y`` int (n,): float64 (classes,).

    "balanced" lets each class count the same in all, 1 on average over windows; a class without a window,
    which nothing weighs, has 1. Raises ModelError for a weight of a class that there is not.
    """
    weights = np.ones(len(classes))
    if not isinstance(choice, str):
        for name, weight in choice.items():
            if name not in classes:
                raise ModelError(
                    f"class weight {name}={weight:g} is of no class here: choose of {', '.join(classes)}"
                )
            weights[list(classes).index(name)] = weight
    elif choice == BALANCED:
        counts = np.bincount(y, minlength=len(classes))
        seen = counts > 0
        weights[seen] = len(y) / (seen.sum() * counts[seen])
    return weights


def labels_to_fit(
    head: Head, y: NDArray[np.int64], class_weights: NDArray[np.float64], balanced: bool
) -> Labels:
    """What each output is fitted to, of windows of classes ``y`` (n,), and what these weigh.

    That is what their class weighs. ``balanced``: of several labels, those with a label weigh what those
    without do.
    """
    truths = head.targets(y).astype(np.bool_)
    weights = np.repeat(class_weights[y][:, np.newaxis], truths.shape[1], axis=1)
    if balanced and head.kind == LabelsHead.kind:
        share = np.clip(truths.mean(axis=0), _LEAST_SHARE, 1 - _LEAST_SHARE)
        weights = weights * np.where(truths, 0.5 / share, 0.5 / (1 - share))
    return Labels(truths, weights, head.strata(y), head.kind == BinaryHead.kind)

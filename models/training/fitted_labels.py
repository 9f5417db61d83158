"""What models that are fitted at once are told of a head with thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.models.families.family import Labels
from zerotap.models.heads import BinaryHead, Head, LabelsHead

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEAST_SHARE: Final = 1e-3
"""Of a label that hardly a window has: its weight stays finite."""


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

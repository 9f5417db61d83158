"""Thresholds: logits that are enough, and how they are chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def enough(logits: NDArray[Any], thresholds: Sequence[float] = ()) -> NDArray[np.bool_]:
    """Which logits (n, outputs) reach their threshold, 0 where there are none: bool (n, outputs).

    A threshold is taken as float32: the board compares integer codes, and comes to the same.
    """
    least = np.asarray(thresholds if len(thresholds) else np.zeros(logits.shape[1]), np.float32)
    reached: NDArray[np.bool_] = logits >= least
    return reached


def best_threshold(logits: NDArray[Any], truth: NDArray[np.bool_], both: bool = False) -> float:
    """The threshold with the best F1 of what ``truth`` (n,) says, or with ``both`` the best mean F1.

    It lies in the middle between two logits (n,); of equally good ones the nearest to 0. 0 where all or
    none of ``truth`` is true: nothing can be chosen by that.
    """
    if truth.all() or not truth.any():
        return 0.0
    order = np.argsort(logits)
    ordered = np.asarray(logits, np.float64)[order]
    hits = truth.sum() - np.concatenate([[0], np.cumsum(truth[order])])  # at or above each place
    said = len(truth) - np.arange(len(truth) + 1)
    quality = _f1(hits, said, truth.sum())
    if both:
        refused = np.arange(len(truth) + 1) - (truth.sum() - hits)
        quality = (quality + _f1(refused, len(truth) - said, (~truth).sum())) / 2
    edges = np.concatenate([[ordered[0] - 1], (ordered[:-1] + ordered[1:]) / 2, [ordered[-1] + 1]])
    parts = np.concatenate([[True], np.diff(ordered) > 0, [True]])  # equal logits cannot be parted
    best = edges[parts & np.isclose(quality, quality[parts].max(), rtol=0, atol=1e-12)]
    return float(best[np.abs(best).argmin()])


def _f1(hits: NDArray[Any], said: NDArray[Any], true: int) -> NDArray[np.float64]:
    quality: NDArray[np.float64] = 2 * hits / np.maximum(said + true, 1)
    return quality

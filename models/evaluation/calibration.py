"""Calibration: whether what is said with 90 % is right nine times of ten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BINS: Final = 15


def calibration_error(confidences: NDArray[Any], right: NDArray[np.bool_]) -> float:
    """The expected calibration error, 0 to 1, of probabilities (n,) and whether each verdict is right (n,).

    It is the mean over ``BINS`` bins of equal width of how far the share that is right is from the mean
    probability, each bin weighed by how many fall into it (Naeini, Cooper and Hauskrecht, AAAI 2015).
    """
    bins = np.minimum((confidences * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, right.astype(np.float64) - confidences, BINS)
    return float(np.abs(gaps).sum() / len(confidences))

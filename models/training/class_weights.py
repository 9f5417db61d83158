"""What a window of each class weighs in training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def weights_by_class(y: NDArray[np.int64], classes: int) -> NDArray[np.float64]:
    """Weigh the classes of labels int (n,) so that each counts the same in all, 1 on average over windows.

    Returns float64 (classes,); a class without a window, which nothing weighs, has 1.
    """
    counts = np.bincount(y, minlength=classes)
    seen = counts > 0
    weights = np.ones(classes)
    weights[seen] = len(y) / (seen.sum() * counts[seen])
    return weights

"""The integer square root, on whole arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def square_root(values: NDArray[Any]) -> NDArray[np.int64]:
    """floor(sqrt(value)) of integers in [0, 2^62), int64.

    The root in float64 is off by at most one once the value has more than 53 bits; two comparisons mend that.
    """
    exact = values.astype(np.int64)
    root = np.sqrt(exact.astype(np.float64)).astype(np.int64)
    root -= root * root > exact
    root += (root + 1) * (root + 1) <= exact
    return root

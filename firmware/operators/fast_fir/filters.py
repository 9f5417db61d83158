"""Two neighbouring positions of a convolution from three products for each two taps, where it takes four.

With taps h, k on inputs a, b, c that follow each other,

    h * a + k * b = (h + k) * b + h * (a - b)
    h * b + k * c = (h + k) * b - k * (b - c)

The first product is shared. Of an odd number of taps the first one is multiplied as it is, at both positions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.operators.straight.orders import INPUT_MAX

# What an instruction holds; with inputs of int8 no product of it leaves half a word.
_SHARED_MAX: Final = 255
_DIFFERENCE_MAX: Final = 255


@dataclass(frozen=True, slots=True)
class Filters:
    """Weights (outputs, words): ``shared``, and of the ``first`` and the ``second`` position alone.

    Words: for each input of a tap's positions one after the other, channels as they are (x), and behind them
    x less that of the next position. ``reaches``: the largest magnitude of each word's halves.
    """

    shared: NDArray[np.int64]
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    reaches: tuple[int, ...]


def filters(weights: NDArray[np.int64]) -> Filters | None:
    """Those of weights (outputs, taps, channels); None without two taps, or where their sum is too large."""
    outputs, taps, channels = weights.shape
    alone = taps % 2
    left, right = weights[:, alone::2], weights[:, alone + 1 :: 2]
    if taps < 2 or np.abs(left + right).max() > _SHARED_MAX:
        return None
    # (outputs, taps, as they are or differences, channels)
    shared, first, second = (np.zeros((outputs, taps, 2, channels), np.int64) for _ in range(3))
    shared[:, alone + 1 :: 2, 0] = left + right
    first[:, alone::2, 1] = left
    second[:, alone + 1 :: 2, 1] = -right
    if alone:
        first[:, 0, 0] = second[:, 1, 0] = weights[:, 0]
    reaches = np.repeat(np.resize([INPUT_MAX, _DIFFERENCE_MAX], 2 * taps), channels)
    rows = [part.reshape(outputs, -1) for part in (shared, first, second)]
    return Filters(rows[0], rows[1], rows[2], tuple(reaches.tolist()))

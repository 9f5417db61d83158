"""TensorFlow Lite Micro's logistic and tanh on int16, as its integer LSTM uses them.

Both are read from one table of the logistic function in steps of 1/24, straight lines between; arrays are
int64 of raw values in [-2**15, 2**15), Qm.n as in :mod:`.gemmlowp_int16`. Source: TFLite's
kernels/internal/reference/integer_ops/logistic.h and tanh.h.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from .gemmlowp_int16 import Raw

# Where the table that TFLite has is one above the nearest integer.
_ONE_MORE: Final = (
    *(4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43, 44),
    *(45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255),
)
# Steps of the table in a unit of Q3.12, over the fraction that a step is divided into.
_STEPS: Final = 3


def logistic_table() -> Raw:
    """Of i / 24 in Q0.16, for i from 0 to 255."""
    table = np.rint((1 << 16) / (1 + np.exp(-np.arange(256) / 24))).astype(np.int64)
    table[list(_ONE_MORE)] += 1
    return table


def logistic(raw: Raw) -> Raw:
    """1 / (1 + exp(-a)) in Q0.15 of a in Q3.12."""
    steps = _STEPS * raw
    value = _between(np.abs(steps), 9)
    result: Raw = np.where(steps >= 0, value + (1 << 9), (1 << 25) - value + (1 << 9) - 1) >> 10
    return result


def tanh(raw: Raw, integer_bits: int) -> Raw:
    """tanh(a) in Q0.15 of a with up to 4 integer bits: 2 * logistic(2 * a) - 1."""
    right = max(3 - integer_bits, 0)
    steps = (_STEPS * (raw << max(integer_bits - 3, 0)) + ((1 << right) >> 1)) >> right
    magnitude = np.abs(steps)
    last = 255 << 8
    value = np.where(magnitude < last, _between(np.minimum(magnitude, last - 1), 8), 0xFFFF << 8) - (1 << 23)
    result: Raw = np.where(steps >= 0, value + (1 << 7), -value + (1 << 7) - 1) >> 8
    return result


def _between(magnitude: Raw, bits: int) -> Raw:
    """Between two entries of the table, of which 2**bits are a step."""
    table = logistic_table()
    first = magnitude >> bits
    below, above = table[first], table[first + 1]
    result: Raw = (below << bits) + (magnitude & ((1 << bits) - 1)) * (above - below)
    return result

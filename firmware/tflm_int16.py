"""TensorFlow Lite Micro's logistic and tanh on int16: straight lines between the entries of one table.

Qm.n numbers have m integer bits and n = 15 - m fraction bits; arrays are int64 of raw values in
[-2**15, 2**15). The table and the rounding were found by asking its LOGISTIC and TANH for every int16 input.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Raw = NDArray[np.int64]

_ENTRIES: Final = 256
# Its lines are fitted, not drawn between rounded values: these entries are one above the rounded ones.
_RAISED: Final = (
    4, 8, 12, 14, 15, 16, 17, 19, 20, 21, 22, 25, 27, 28, 29, 30, 31, 33, 34, 35, 37, 39, 40, 41, 43,
    44, 45, 46, 49, 50, 54, 62, 63, 64, 66, 82, 86, 93, 100, 103, 112, 116, 135, 255,
)  # fmt: skip


def _table() -> NDArray[np.uint16]:
    """1 / (1 + exp(-i / 24)) in 1/65536."""
    table = np.floor(65536 / (1 + np.exp(-np.arange(_ENTRIES) / 24)) + 0.5).astype(np.int64)
    table[list(_RAISED)] += 1
    return table.astype(np.uint16)


TABLE: Final = _table()


def logistic(raw: Raw) -> Raw:
    """1 / (1 + exp(-a)) in Q0.15 for a in Q3.12."""
    steps = 3 * raw
    value = _between(np.abs(steps), 9)
    return np.where(steps >= 0, value + 512, (1 << 25) - value + 511) >> 10


def tanh(raw: Raw, integer_bits: int) -> Raw:
    """tanh(a) in Q0.15, as 2 / (1 + exp(-2a)) - 1."""
    steps = ((3 * raw << integer_bits) + 4) >> 3
    value = _between(np.abs(steps), 8) - (1 << 23)
    return np.where(steps >= 0, value + 128, -value + 127) >> 8


def _between(steps: Raw, fraction_bits: int) -> Raw:
    """2**fraction_bits times the table at steps * 2**-fraction_bits; its last entry from there on."""
    index = np.minimum(steps >> fraction_bits, _ENTRIES - 1)
    low, high = np.int64(TABLE[index]), np.int64(TABLE[np.minimum(index + 1, _ENTRIES - 1)])
    return (low << fraction_bits) + (steps & ((1 << fraction_bits) - 1)) * (high - low)

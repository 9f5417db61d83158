"""The least score that means a real value or more: a threshold as the board compares with it."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

_CODES: Final = np.arange(-128, 128)
INT8_NEVER: Final = 128
INT32_NEVER: Final = (1 << 31) - 1
"""No sum of weights or shares comes to it."""


def least_int8(real: float, scale: float, zero_point: int) -> int:
    """The least int8 code that means ``real`` or more, -128 to 127; INT8_NEVER where none does.

    The board compares its int8 output with it: that gives the verdict of the dequantised value,
    (code - zero_point) * scale in float32.
    """
    values = (_CODES.astype(np.float32) - np.float32(zero_point)) * np.float32(scale)
    return int(INT8_NEVER - np.count_nonzero(values >= np.float32(real)))


def least_int32(real: float, scale: float) -> int:
    """The least int32 score of which score * scale, in float64, is ``real``, as float32, or more.

    -2^31 where all are; INT32_NEVER where none is.
    """
    least = float(np.float32(real))
    if not abs(least / scale) < INT32_NEVER:
        return INT32_NEVER if least > 0 else -INT32_NEVER - 1
    near = math.floor(least / scale)
    return next(score for score in range(near - 1, near + 3) if score * scale >= least)

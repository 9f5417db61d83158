"""gemmlowp's fixed-point logistic and tanh on int16, as TFLite's integer LSTM uses them.

Qm.n numbers have m integer bits and n = 15 - m fraction bits; arrays are int64 of raw values in
[-2**15, 2**15). Source: gemmlowp, fixedpoint/fixedpoint.h.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .fixed_point import divide_by_power_of_two

Raw = NDArray[np.int64]

INT16_MIN: Final = -(1 << 15)
INT16_MAX: Final = (1 << 15) - 1

EXP_MINUS_ONE_EIGHTH: Final = 28918
ONE_THIRD: Final = 10923
# exp(-2**power) in Q0.15, from power -2 up.
EXP_MINUS_POWERS: Final = (25520, 19875, 12055, 4435, 600, 11, 0)
_48_OVER_17: Final = 23130  # Q2.13, as is the next
_MINUS_32_OVER_17: Final = -15420
_ONE_Q2: Final = 1 << 13


def saturate_int16(value: Raw) -> Raw:
    """Clamp to int16."""
    return np.clip(value, INT16_MIN, INT16_MAX)


def _multiply(a: Raw, b: Raw | int) -> Raw:
    """Rounding doubling high multiply; never called with two times -2**15, the only case that saturates."""
    return (a * b + (1 << 14)) >> 15


def exp_of_negative(raw: Raw, integer_bits: int) -> Raw:
    """exp(a) in Q0.15 for a <= 0 with ``integer_bits`` integer bits, 1 to 7 (exp_on_negative_values)."""
    fraction_bits = 15 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    remainder = (raw & (quarter - 1)) - quarter
    result = exp_on_last_quarter(remainder << integer_bits)
    rest = remainder - raw
    for position, factor in enumerate(EXP_MINUS_POWERS[: integer_bits + 2]):
        bit = 1 << (fraction_bits - 2 + position)
        result = np.where(rest & bit, _multiply(result, factor), result)
    if integer_bits > 5:
        result = np.where(raw < -(32 << fraction_bits), 0, result)
    return np.where(raw == 0, INT16_MAX, result)


def exp_on_last_quarter(a: Raw) -> Raw:
    """exp(a) in Q0.15 for a in [-1/4, 0) in Q0.15: the Taylor series around -1/8."""
    x = a + (1 << 12)
    x2 = _multiply(x, x)
    x3 = _multiply(x2, x)
    x4_over_4 = divide_by_power_of_two(_multiply(x2, x2), 2)
    tail = divide_by_power_of_two(_multiply(x4_over_4 + x3, ONE_THIRD) + x2, 1)
    return saturate_int16(EXP_MINUS_ONE_EIGHTH + _multiply(x + tail, EXP_MINUS_ONE_EIGHTH))


def _reciprocal(a: Raw) -> Raw:
    """2 / (1 + a) in Q2.13 for a in [0, 1] in Q0.15, by three steps of Newton's method."""
    half = (a + INT16_MAX + 1) >> 1
    x = _48_OVER_17 + _multiply(half, _MINUS_32_OVER_17)
    for _ in range(3):
        x = x + (_multiply(x, _ONE_Q2 - _multiply(half, x)) << 2)
    return x


def logistic(raw: Raw, integer_bits: int = 3) -> Raw:
    """1 / (1 + exp(-a)) in Q0.15."""
    positive = saturate_int16(_reciprocal(exp_of_negative(-np.abs(raw), integer_bits)) << 1)
    return np.where(raw == 0, 1 << 14, np.where(raw > 0, positive, INT16_MAX - positive))


def tanh(raw: Raw, integer_bits: int) -> Raw:
    """tanh(a) in Q0.15."""
    exp = exp_of_negative(-np.abs(raw), integer_bits + 1)
    magnitude = saturate_int16((_reciprocal(exp) - _ONE_Q2) << 2)
    return np.where(raw == 0, 0, np.where(raw < 0, -magnitude, magnitude))

"""gemmlowp's fixed-point functions, as far as TFLite's int8 kernels use them.

Q0.31 numbers are int64 arrays of raw values in [-2**31, 2**31). Source: gemmlowp, fixedpoint/fixedpoint.h.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .fixed_point import INT32_MAX, divide_by_power_of_two

Raw = NDArray[np.int64]

_EXP_MINUS_ONE_EIGHTH: Final = 1895147668
_ONE_THIRD: Final = 715827883
# exp(-2**power) in Q0.31, from power -2 up.
_EXP_MINUS_POWERS: Final = (1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242)
_48_OVER_17: Final = 1515870810
_MINUS_32_OVER_17: Final = -1010580540
_ONE_OF_Q2: Final = 1 << 29


def _multiply(a: Raw, b: Raw | int) -> Raw:
    """Rounding doubling high multiply; never called with two times -2**31, the only case that saturates."""
    return (a * b + (1 << 30)) >> 31


def exp_of_negative(raw: Raw, integer_bits: int) -> Raw:
    """exp(a) in Q0.31 for a <= 0 with ``integer_bits`` integer bits (exp_on_negative_values)."""
    fraction_bits = 31 - integer_bits
    quarter = 1 << (fraction_bits - 2)
    remainder = (raw & (quarter - 1)) - quarter
    result = _exp_on_last_quarter(remainder << integer_bits)
    rest = remainder - raw
    for position, factor in enumerate(_EXP_MINUS_POWERS[: integer_bits + 2]):
        bit = 1 << (fraction_bits - 2 + position)
        result = np.where(rest & bit, _multiply(result, factor), result)
    return np.where(raw == 0, INT32_MAX, result)


def _exp_on_last_quarter(a: Raw) -> Raw:
    """exp(a) for a in [-1/4, 0): the Taylor series around -1/8."""
    x = a + (1 << 28)
    x2 = _multiply(x, x)
    x3 = _multiply(x2, x)
    x4_over_4 = divide_by_power_of_two(_multiply(x2, x2), 2)
    tail = divide_by_power_of_two(_multiply(x4_over_4 + x3, _ONE_THIRD) + x2, 1)
    return _EXP_MINUS_ONE_EIGHTH + _multiply(x + tail, _EXP_MINUS_ONE_EIGHTH)


def reciprocal(value: int, integer_bits: int) -> tuple[int, int]:
    """1/value as a Q0.31 factor in (1/2, 1] and a power: 1/value = factor * 2**-power (GetReciprocal).

    ``value`` > 0 has ``integer_bits`` integer bits.
    """
    headroom = 32 - value.bit_length()
    fraction = np.asarray((value << headroom) - (1 << 31), np.int64)
    return int(_one_over_one_plus(fraction)), integer_bits - headroom


def logistic(raw: Raw, integer_bits: int) -> Raw:
    """1 / (1 + exp(-a)) in Q0.31 for a with ``integer_bits`` integer bits (logistic)."""
    positive = _one_over_one_plus(exp_of_negative(-np.abs(raw), integer_bits))
    signed = np.where(raw > 0, positive, INT32_MAX - positive)
    return np.where(raw == 0, 1 << 30, signed)


def tanh(raw: Raw, integer_bits: int) -> Raw:
    """tanh(a) in Q0.31 for a with ``integer_bits`` integer bits (tanh): (1 - x) / (1 + x), x = exp(-2|a|)."""
    doubled = exp_of_negative(-np.abs(raw), integer_bits + 1)
    positive = np.minimum((_two_over_one_plus(doubled) - _ONE_OF_Q2) << 2, INT32_MAX)
    result: Raw = np.sign(raw) * positive
    return result


def _one_over_one_plus(x: Raw) -> Raw:
    """1 / (1 + x) in Q0.31 for x in [0, 1) (one_over_one_plus_x_for_x_in_0_1)."""
    result: Raw = np.minimum(_two_over_one_plus(x) << 1, INT32_MAX)
    return result


def _two_over_one_plus(x: Raw) -> Raw:
    """2 / (1 + x) in Q2.29 for x in [0, 1) in Q0.31: three steps of Newton's method."""
    half = (x + INT32_MAX + 1) >> 1
    result: Raw = _48_OVER_17 + _multiply(half, _MINUS_32_OVER_17)
    for _ in range(3):
        one_minus = _ONE_OF_Q2 - _multiply(half, result)
        result = result + (_multiply(result, one_minus) << 2)
    return result

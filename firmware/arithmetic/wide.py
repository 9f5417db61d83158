"""A 64-bit multiplier for one rounding of large sums: there is one where none of 31 bits is right."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Final

from .fixed_point import first_sum

MULTIPLIER_BITS: Final = 64
_SHIFT_MAX: Final = 30


def wide_multiplier(scale: float, bound: int, reach: int) -> tuple[int, int] | None:
    """Multiplier in [0, 2**64) and shift in [0, 30] that equal :func:`.fixed_point.requantise_real`.

    ``(|sum| << shift) * multiplier + 2**63 >> 64``, with the sum's sign, equals it for every sum in [-bound,
    bound], bound below 2**31, as long as results beyond [-reach, reach] are clamped to those. Two thresholds
    (k - 1/2) / sum differ by at least 2**-63, so that the multiplier between them is found; None is left for
    a scale that double precision takes to a tie for one k and not for its multiple, which no model has shown.
    """
    if bound * scale < 0.25:
        return 0, 0
    shift = min(max(math.frexp(scale)[1], 0), _SHIFT_MAX)
    half = 1 << (MULTIPLIER_BITS - 1)
    low, high = 0, (1 << MULTIPLIER_BITS) - 1
    for k in range(1, reach + 1):
        first, tie = first_sum(scale, k), (2 * k - 1) * half
        if first > 1:
            high = min(high, (tie - 1) // (min(first - 1, bound) << shift))
        if first > bound:
            break
        low = max(low, -(-tie // (first << shift)))
    nominal = round(Fraction(scale) * (1 << MULTIPLIER_BITS) / (1 << shift))
    return (min(max(nominal, low), high), shift) if low <= high else None

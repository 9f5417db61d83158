"""One rounding in double precision, in integers, for every sum and scale: also where no multiplication does.

TensorFlow rounds sum * scale to 53 bits, then to a whole number, halves away from zero. The first rounding
lifts to a half what is less than half a unit of its last bit below. A multiplier a little larger does so too
for some sums, but where the halves of several are close to ties there need not be one for all.
"""

from __future__ import annotations

import math
from typing import Final

MULTIPLIER_BITS: Final = 64
_SHIFT_MIN: Final = -31
_SHIFT_MAX: Final = 30


def wide_multiplier(scale: float) -> tuple[int, int]:
    """The scale > 0 as multiplier * 2**(shift - 64), exactly; the shift in [-31, 30].

    The multiplier is in [2**63, 2**64), its last 11 bits are 0; it is 0 for a scale that takes every sum of
    31 bits to 0. A scale beyond 2**30 is made smaller: each sum but 0 leaves int8 all the same.
    """
    fraction, shift = math.frexp(scale)
    if shift < _SHIFT_MIN:
        return 0, 0
    return int(math.ldexp(fraction, MULTIPLIER_BITS)), min(shift, _SHIFT_MAX)

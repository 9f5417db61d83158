"""A sum to int8 in two small multiplies: constants that give TFLite's result for every sum, with the proof.

TFLite's rules (:mod:`.fixed_point`) are monotone: a rule is known by its thresholds, the smallest sum that it
takes to each int8 result. The board computes, for x = sum - low clamped to [0, span],

    (x * factor + (x * fraction >> bits) + offset) >> 24,

which is monotone too; bits is 14 where span is below 2**18 (both products then fit 32 bits), else 16 (and
the second product is made of two). :func:`scale` looks for constants with the same thresholds: for a
multiplier M = factor * 2**bits + fraction every threshold bounds the offset from below at its own sum and
from above at the sum before; the smallest interval over all thresholds is concave in M, so a search finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Rule = Callable[[NDArray[np.int64]], NDArray[np.int64]]

NARROW_BITS: Final = 14
WIDE_BITS: Final = 16
_OUTPUT_BITS: Final = 24
_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Scale:
    """The constants of one output, as zerotap_scale_t and zerotap_signed_scale_t.

    ``bits`` of ``fraction`` are the kernel's choice: 14 or 16.
    """

    low: int
    span: int
    fraction: int
    factor: int
    offset: int
    step: int
    bits: int

    def apply(self, sums: NDArray[np.int64], middle: int = -(1 << 31)) -> NDArray[np.int64]:
        """What the board makes of raw sums; ``middle`` as zerotap_scale_signed_sums takes it."""
        x = np.clip(sums - self.low, 0, self.span)
        scaled = x * self.factor + (x * self.fraction >> self.bits) + self.offset
        return (scaled - np.where(scaled < middle, self.step, 0)) >> _OUTPUT_BITS


@dataclass(frozen=True, slots=True)
class Signs:
    """Two roundings treat negative results otherwise: a unit of the first one comes off below the middle.

    ``zero``: the smallest sum that its bias does not leave negative; ``step``: that unit, in 2**-24 of a
    result; ``middle``: what scaled sums from ``zero`` on reach and those before do not.
    """

    zero: int
    step: int
    middle: int


@dataclass(frozen=True, slots=True)
class LateForm:
    """Clamped last: (x * factor + (x * fraction >> bits) + offset) >> shift, at most ``most``.

    All are a layer's; every x of it is below 2**(32 - bits).
    """

    shift: int
    bits: int
    most: int

    def apply(self, scale: Scale, sums: NDArray[np.int64]) -> NDArray[np.int64]:
        """What the board makes of raw sums."""
        x = np.maximum(sums - scale.low, 0)
        scaled = x * scale.factor + (x * scale.fraction >> self.bits) + scale.offset
        results: NDArray[np.int64] = np.minimum(scaled >> self.shift, self.most)
        return results


_NO_SIGNS: Final = Signs(0, 0, -(1 << 31))


def signs(zero: int, zero_point: int, shift: int) -> Signs:
    """The signs of an output with a zero point and TFLite's shift (multiplier * 2**(shift - 31))."""
    step = 1 << (_OUTPUT_BITS + shift) if -_OUTPUT_BITS <= shift < 0 else 0
    return Signs(zero, step, (zero_point << _OUTPUT_BITS) + (1 << (_OUTPUT_BITS - 1)))


def thresholds(rule: Rule, low: int, high: int) -> tuple[int, NDArray[np.int64]]:
    """The result of the sum ``low``, and the smallest sum in (low, high] that gives each larger result.

    ``rule`` takes sums (n,) to results (n,), monotone. Of several results skipped by one sum each gets it.
    """
    first, last = rule(np.array([low, high])).tolist()
    wanted = np.arange(first + 1, last + 1)
    below, reached = np.full(wanted.size, low), np.full(wanted.size, high)
    while np.any(reached - below > 1):
        middle = (below + reached) // 2
        enough = rule(middle) >= wanted
        below, reached = np.where(enough, below, middle), np.where(enough, middle, reached)
    return first, reached


def scale(
    rule: Rule, low: int, high: int, factor: float, bits: int, signs: Signs | None = None
) -> Scale | None:
    """Constants that equal ``rule`` for every sum in [low, high], or None where none were found.

    ``factor`` is the real factor near which the multiplier is sought, ``bits`` 14 or 16; ``signs`` where the
    kernel is a signed one.
    """
    first, reached = thresholds(rule, low, high)
    if reached.size == 0:
        return Scale(low, 0, 0, 0, first << _OUTPUT_BITS, 0, bits)
    start, span = int(reached[0]) - 1, int(reached[-1] - reached[0] + 1)
    if bits == NARROW_BITS and span >= 1 << (32 - NARROW_BITS):
        return None
    steps = np.arange(first + 1, first + 1 + reached.size) << _OUTPUT_BITS
    most = int(steps[-1]) + (1 << _OUTPUT_BITS) - 1
    bounds = _Bounds(
        start, span, reached - start, steps, first << _OUTPUT_BITS, most, bits, signs or _NO_SIGNS
    )
    return _search(bounds, factor * (1 << _OUTPUT_BITS))


def late_scale(rule: Rule, low: int, high: int, factor: float, form: LateForm) -> Scale | None:
    """Constants that equal ``rule`` for every sum in [low, high] in a form that clamps last; or None.

    As :func:`scale`, but x = sum - low is held at 0 alone, and the result, shifted by ``form.shift``, at most
    ``form.most``; ``span`` is the largest x there is.
    """
    first, reached = thresholds(rule, low, high)
    if reached.size == 0:
        return Scale(low, high - low, 0, 0, first << form.shift, 0, form.bits)
    start = int(reached[0]) - 1
    steps = np.arange(first + 1, first + 1 + reached.size) << form.shift
    is_clamped = first + reached.size == form.most
    most = (1 << 31) - 1 if is_clamped else int(steps[-1]) + (1 << form.shift) - 1
    bounds = _Bounds(
        start, high - start, reached - start, steps, first << form.shift, most, form.bits, _NO_SIGNS
    )
    return _search(bounds, factor * (1 << form.shift))


@dataclass(frozen=True, slots=True, eq=False)
class _Bounds:
    """What the offset must satisfy; ``reached`` (n,) are thresholds as x, ``steps`` what they reach.

    ``least`` and ``most``: what 0 and ``span`` must not go beyond.
    """

    start: int
    span: int
    reached: NDArray[np.int64]
    steps: NDArray[np.int64]
    least: int
    most: int
    bits: int
    signs: Signs

    def offsets(self, multiplier: int) -> tuple[int, int]:
        """The smallest and the largest offset with every threshold right; empty where the first is larger."""
        below = self.reached - 1
        lower = self.steps - self._scaled(self.reached, multiplier)
        upper = self.steps - 1 - self._scaled(below, multiplier)
        ends = np.array([0, self.span])
        limits = np.array([self.least, self.most])
        first, last = (limits - self._scaled(ends, multiplier)).tolist()
        sign_low, sign_high = self._sign(multiplier)
        return max(int(np.max(lower)), first, sign_low), min(int(np.min(upper)), last, sign_high)

    def _scaled(self, x: NDArray[np.int64], multiplier: int) -> NDArray[np.int64]:
        scaled = x * multiplier >> self.bits
        return scaled - np.where(x < self.signs.zero - self.start, self.signs.step, 0)

    def _sign(self, multiplier: int) -> tuple[int, int]:
        """Sums from ``zero`` on must not be below the middle, those before it must be."""
        low, high = -(1 << 62), 1 << 62
        if self.signs.step == 0:
            return low, high
        x = self.signs.zero - self.start
        if x <= self.span:
            low = self.signs.middle - (max(x, 0) * multiplier >> self.bits)
        if x > 0:
            high = self.signs.middle - 1 - (min(x - 1, self.span) * multiplier >> self.bits)
        return low, high


def _search(bounds: _Bounds, factor: float) -> Scale | None:
    """Narrow the multiplier to where the interval of offsets is widest, and stop as soon as there is one.

    ``factor``: that of x as the steps are.
    """
    nominal = round(factor * (1 << bounds.bits))
    low, high = nominal - (nominal >> 7) - 4, nominal + (nominal >> 7) + 4
    multiplier = nominal
    for _ in range(_STEPS):
        least, most = bounds.offsets(multiplier)
        if least <= most:
            return _scale(bounds, multiplier, (least + most) // 2)
        if high - low < 3:
            return None
        left, right = low + (high - low) // 3, high - (high - low) // 3
        if _width(bounds, left) < _width(bounds, right):
            low = left
        else:
            high = right
        multiplier = (low + high) // 2
    return None


def _width(bounds: _Bounds, multiplier: int) -> int:
    least, most = bounds.offsets(multiplier)
    return most - least


def _scale(bounds: _Bounds, multiplier: int, offset: int) -> Scale | None:
    factor, fraction = multiplier >> bounds.bits, multiplier & ((1 << bounds.bits) - 1)
    if factor >= 1 << 32:
        return None
    return Scale(bounds.start, bounds.span, fraction, factor, offset, bounds.signs.step, bounds.bits)

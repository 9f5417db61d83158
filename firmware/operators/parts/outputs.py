"""What sums become, and one way to make it: the values that the ways to requantise have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    quantise_multiplier,
    requantise,
    requantise_halves_up,
    requantise_real,
)
from zerotap.firmware.arithmetic.scaling import Rule


@dataclass(frozen=True, slots=True)
class Outputs:
    """What the sums of one layer become.

    ``offsets`` (outputs,): bias and the input's zero point, which a raw sum lacks; ``factors`` real factors;
    ``low`` and ``high`` (outputs,): the raw sums that the layer can reach; ``once``: one rounding (half away
    from zero) instead of TFLite's usual two; ``halves_up``: for how many of the first outputs the second of
    two takes halves up instead; results are clamped to [``minimum``, ``maximum``].
    """

    offsets: NDArray[np.int64]
    factors: Sequence[float]
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    once: bool
    zero_point: int
    minimum: int
    maximum: int
    halves_up: int = 0

    @property
    def reach(self) -> int:
        """How far from zero a scaled sum changes the result."""
        return max(INT8_MAX - self.zero_point, self.zero_point - INT8_MIN) + 1

    def bound(self, output: int) -> int:
        """The largest magnitude of a sum with its bias, at least 1."""
        ends = np.array([self.low[output], self.high[output]]) + self.offsets[output]
        return max(int(np.max(np.abs(ends))), 1)

    def one(self, output: int) -> Output:
        """One of them."""
        return Output(
            int(self.offsets[output]),
            float(self.factors[output]),
            int(self.low[output]),
            int(self.high[output]),
            self.once,
            self.zero_point,
            self.minimum,
            self.maximum,
            output < self.halves_up,
        )

    def taken(self, numbers: Sequence[int]) -> Outputs:
        """Some of them, in rising order."""
        places = list(numbers)
        return replace(
            self,
            offsets=self.offsets[places],
            factors=[self.factors[number] for number in numbers],
            low=self.low[places],
            high=self.high[places],
            halves_up=sum(number < self.halves_up for number in numbers),
        )

    def rule(self, output: int) -> Rule:
        """Raw sums (n,) to int8 results (n,), by TFLite's arithmetic."""
        return self.one(output).rule()


@dataclass(frozen=True, slots=True)
class Output:
    """One of a layer's :class:`Outputs`: all that its constants depend on."""

    offset: int
    factor: float
    low: int
    high: int
    once: bool
    zero_point: int
    minimum: int
    maximum: int
    halves_up: bool

    def rule(self) -> Rule:
        """Raw sums (n,) to int8 results (n,)."""
        multiplier, shift = quantise_multiplier(self.factor)

        def apply(sums: NDArray[np.int64]) -> NDArray[np.int64]:
            total = sums + self.offset
            twice = requantise_halves_up if self.halves_up else requantise
            scaled = requantise_real(total, self.factor) if self.once else twice(total, multiplier, shift)
            return np.clip(scaled + self.zero_point, self.minimum, self.maximum)

        return apply


@dataclass(frozen=True, slots=True)
class Requantiser:
    """One way: the runtime function, its constants, and what a call costs.

    ``statement(sums, first, count, output)`` is the C call for ``count`` outputs from ``first`` on,
    which may be a C expression but for zerotap_round_sums.
    """

    function: str
    constant_bytes: int
    constants: Callable[[str], str]
    statement: Callable[[str, str, int | str, int, str], str]
    cycles: Callable[[int], int]

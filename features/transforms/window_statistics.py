"""Statistics of each channel of a window, in fixed point.

For T samples of a channel, with S their sum, Q the sum of their squares and V = T * Q - S^2 = T^2 * variance:

========================  =====================================================================  =============
name                      value                                                                  format
========================  =====================================================================  =============
mean                      S / T, rounded to nearest                                              Q27.4
deviation                 floor(sqrt(256 * V)) / T, rounded: the standard deviation (divisor T)  Q27.4
min, max, range           as they are; range = max - min                                         integer
rms                       floor(sqrt(256 * T * Q)) / T, rounded: the root of the mean square     Q27.4
zero_crossings            how often x < 0 changes from one sample to the next                    count
mean_crossings            how often T * x < S changes                                            count
energy                    Q >> energy_shift(T, dtype): Q of 8-bit samples, else fitted to 31 b.  integer
interquartile             the distance of the quartiles' bins, see below                         integer
mean_absolute_difference  sum of |x[t] - x[t - 1]|, t from 1 on, / T, rounded to nearest         Q27.4
correlation               Pearson's r of every two channels (i < j); 0 where one is constant     Q17.14
========================  =====================================================================  =============

"Q27.4" is the value times 16. Division by T is a multiplication by N = round(2^(30 + b) / T), b the bits of
T - 1.

interquartile: bins of 2^k from the minimum on, k the least with range < 32 * 2^k; the distance between the
bins of the order statistics T // 4 and T - 1 - T // 4. It is off by less than one bin: 1/16 of the range, or
exact for a range below 32.

correlation: 2^8 * |covariance| over the product of the two floor(sqrt(256 * V)), cut to 14 bits. The floors
make it too large by at most their reciprocals: below 2^-14 unless a channel hardly changes.

Bounds, for T <= 2048 and int16: |S| <= 2^26, Q <= 2^41, T * Q <= 2^52, 256 * V <= 2^60, (16 * S) * N <= 2^61;
16 times the sum of absolute differences stays below 2^31.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About
from .square_root import square_root

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_LENGTH: Final = 2
MAX_LENGTH: Final = 2048
MAX_CHANNELS: Final = 64
_PEAK: Final = {"int8": 128, "uint8": 255, "int16": 1 << 15}
_CHUNK_SAMPLES: Final = 1 << 16  # so many at a time stay in a cache
_CORRELATION_BITS: Final = 14


@dataclass(frozen=True, slots=True)
class Statistics:
    """Statistics of windows (T, channels), all channels of the first, then all of the second, and so on.

    Items int8, uint8 or int16 of 2..2048 samples and 1..64 channels; results int32 (m,). ``statistics`` names
    those wanted, in order; formats in the module's docstring. Nothing overflows for any item.
    """

    name: ClassVar[str] = "statistics"
    host_only: ClassVar[str] = ""
    statistics: Annotated[tuple[str, ...], About("those wanted, in order", choices=tuple(STATISTICS))] = (
        "mean",
        "deviation",
        "min",
        "max",
    )

    def __post_init__(self) -> None:
        unknown = [name for name in self.statistics if name not in STATISTICS]
        if unknown or not self.statistics:
            wrong = f"no statistic is called {unknown[0]!r}" if unknown else "no statistic is named"
            raise FeatureError(f"{wrong}: choose from {', '.join(STATISTICS)}")
        if len(set(self.statistics)) < len(self.statistics):
            raise FeatureError(f"a statistic is named twice in {', '.join(self.statistics)}: name each once")

    def output(self, source: Signal) -> Signal:
        """int32 (m,); raises FeatureError for another dtype, shape or length."""
        _check(source)
        if source.shape[1] == 1 and "correlation" in self.statistics:
            raise FeatureError("correlation needs two channels and the windows have one: leave it out")
        if source.dtype == "uint8" and "zero_crossings" in self.statistics:
            raise FeatureError("uint8 samples never cross zero: take mean_crossings for zero_crossings")
        return Signal((len(self.feature_names(source)),), "int32")

    def feature_names(self, source: Signal) -> list[str]:
        """What each element of a result is: ``mean_0``, ``correlation_0_1``."""
        channels = range(source.shape[1])
        names = []
        for statistic in self.statistics:
            pairs = combinations(channels, 2) if statistic == "correlation" else ((c,) for c in channels)
            names += ["_".join((statistic, *map(str, pair))) for pair in pairs]
        return names

    def batch(self, items: NDArray[Any]) -> NDArray[Any]:
        """Windows (n, T, channels) to int32 (n, m)."""
        size = self.output(Signal(items.shape[1:], items.dtype.name)).size
        results = np.empty((len(items), size), np.int32)
        step = max(1, _CHUNK_SAMPLES // (items.shape[1] * items.shape[2]))
        for start in range(0, len(items), step):
            results[start : start + step] = self._chunk(items[start : start + step])
        return results

    def stream(self, source: Signal) -> Stream:
        """One window at a time."""
        self.output(source)
        return ItemByItem(self.batch)

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the checks of every transform run over."""
        every = tuple(STATISTICS)
        signed = tuple(name for name in every if name != "zero_crossings")
        return [
            (cls(), Signal((50, 3), "int16")),
            (cls(every), Signal((64, 3), "int16")),
            (cls(every), Signal((33, 2), "int8")),
            (cls(signed), Signal((7, 4), "uint8")),
            (cls(("interquartile", "mean")), Signal((MIN_LENGTH, 1), "int16")),
        ]

    def _chunk(self, items: NDArray[Any]) -> NDArray[np.int32]:
        channels = _Channels(np.ascontiguousarray(items.transpose(1, 2, 0)))
        columns = np.concatenate([STATISTICS[name](channels) for name in self.statistics])
        return np.asarray(columns.T, np.int32)


def energy_shift(length: int, dtype: str) -> int:
    """By how many bits the energy of ``length`` samples is shifted right to fit 31 bits."""
    return max(0, (length * _PEAK[dtype] ** 2).bit_length() - 31)


def reciprocal(length: int) -> tuple[int, int]:
    """(N, shift) with value / length = value * N / 2^shift, 2^30 <= N < 2^31."""
    shift = 30 + (length - 1).bit_length()
    return ((1 << shift) + length // 2) // length, shift


def _check(source: Signal) -> None:
    if source.dtype not in _PEAK:
        raise FeatureError(f"statistics take windows of int8, uint8 or int16, not of {source.dtype}")
    if len(source.shape) != 2:
        raise FeatureError(f"statistics take windows (samples, channels), not items of shape {source.shape}")
    if not MIN_LENGTH <= source.shape[0] <= MAX_LENGTH:
        raise FeatureError(
            f"a window of {source.shape[0]} samples has no statistics here: "
            f"choose {MIN_LENGTH} to {MAX_LENGTH} samples"
        )
    if not 1 <= source.shape[1] <= MAX_CHANNELS:
        raise FeatureError(
            f"windows of {source.shape[1]} channels are not possible: choose 1 to {MAX_CHANNELS}"
        )


class _Channels:
    """Windows as (T, channels, n), which lets NumPy add whole rows, and what several statistics share."""

    def __init__(self, samples: NDArray[Any]) -> None:
        self.samples = samples
        self.length = len(samples)

    @cached_property
    def wide(self) -> NDArray[np.int32]:
        return self.samples.astype(np.int32)

    @cached_property
    def total(self) -> NDArray[np.int64]:
        return np.asarray(self.wide.sum(axis=0, dtype=np.int32), np.int64)

    @cached_property
    def squares(self) -> NDArray[np.int64]:
        return _sum_products(self.wide, self.wide)

    @cached_property
    def low(self) -> NDArray[np.int32]:
        return np.asarray(self.samples.min(axis=0), np.int32)

    @cached_property
    def high(self) -> NDArray[np.int32]:
        return np.asarray(self.samples.max(axis=0), np.int32)

    @cached_property
    def spread(self) -> NDArray[np.int64]:
        """16 * T * standard deviation."""
        return square_root(256 * (self.length * self.squares - self.total**2))

    def per_sample(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        multiplier, shift = reciprocal(self.length)
        return (values * multiplier + (1 << (shift - 1))) >> shift


def _sum_products(left: NDArray[np.int32], right: NDArray[np.int32]) -> NDArray[np.int64]:
    # Exact, and faster than in int64: products of two int16 and their sums stay below 2^53.
    sums = np.einsum("tcn,tcn->cn", left.astype(np.float64), right.astype(np.float64))
    return np.asarray(sums, np.int64)


def _crossings(below: NDArray[np.bool_]) -> NDArray[np.intp]:
    return np.asarray(np.count_nonzero(below[1:] != below[:-1], axis=0), np.intp)


def _travel(samples: NDArray[np.int32]) -> NDArray[np.int64]:
    return np.asarray(np.abs(np.diff(samples, axis=0)).sum(axis=0, dtype=np.int64), np.int64)


def _interquartile(channels: _Channels) -> NDArray[np.int32]:
    first = channels.length // 4
    last = channels.length - 1 - first
    # NumPy sorts contiguous rows several times faster than columns.
    ordered = np.sort(np.ascontiguousarray(channels.samples.transpose(1, 2, 0)), axis=-1)
    bits = np.frexp((channels.high - channels.low).astype(np.float64))[1]
    shift = np.maximum(bits - 5, 0)
    lower, upper = ((ordered[..., rank].astype(np.int32) - channels.low) >> shift for rank in (first, last))
    return np.asarray((upper - lower) << shift, np.int32)


def _energy(channels: _Channels) -> NDArray[np.int64]:
    return channels.squares >> energy_shift(channels.length, channels.samples.dtype.name)


def _correlation(channels: _Channels) -> NDArray[np.int64]:
    first, second = (
        list(index) for index in zip(*combinations(range(channels.samples.shape[1]), 2), strict=True)
    )
    products = _sum_products(channels.wide[:, first], channels.wide[:, second])
    covariance = channels.length * products - channels.total[first] * channels.total[second]
    magnitude = _ratio(256 * np.abs(covariance), channels.spread[first] * channels.spread[second])
    return np.where(covariance < 0, -magnitude, magnitude)


def _ratio(numerator: NDArray[np.int64], denominator: NDArray[np.int64]) -> NDArray[np.int64]:
    """floor(numerator / denominator) in Q14, at most 1, and 0 for a denominator of 0; both below 2^62."""
    limited = np.minimum(numerator, denominator)
    quotient = np.zeros_like(numerator)
    for _ in range(_CORRELATION_BITS + 1):
        fits = (limited >= denominator) & (denominator > 0)
        limited = (limited - fits * denominator) << 1
        quotient = (quotient << 1) + fits
    return quotient


STATISTICS: Final[dict[str, Callable[[_Channels], NDArray[Any]]]] = {
    "mean": lambda channels: channels.per_sample(16 * channels.total),
    "deviation": lambda channels: channels.per_sample(channels.spread),
    "min": lambda channels: channels.low,
    "max": lambda channels: channels.high,
    "range": lambda channels: channels.high - channels.low,
    "rms": lambda channels: channels.per_sample(square_root(256 * channels.length * channels.squares)),
    "zero_crossings": lambda channels: _crossings(channels.samples < 0),
    "mean_crossings": lambda channels: _crossings(channels.length * channels.wide < channels.total),
    "energy": _energy,
    "interquartile": _interquartile,
    "correlation": _correlation,
    "mean_absolute_difference": lambda channels: channels.per_sample(16 * _travel(channels.wide)),
}

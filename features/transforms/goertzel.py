"""Single tones of a window, by Goertzel's recursion in fixed point.

With w = 2 pi f / rate, Goertzel's s[n] = x[n] + 2 cos(w) s[n-1] - s[n-2] rounds badly for w near 0 or pi.
Reinsch's form keeps the difference d (the sum, for w > pi/2), whose factor is small there:

    w <= pi/2:  d[n] =  d[n-1] - c * s[n-1] + x[n],  s[n] =  s[n-1] + d[n],  c = 4 sin^2(w / 2)
    w >  pi/2:  d[n] = -d[n-1] + c * s[n-1] + x[n],  s[n] = -s[n-1] + d[n],  c = 4 cos^2(w / 2)
    |X|^2 = d[N]^2 + c * s[N] * s[N-1]  (minus for the second)

(Stoer and Bulirsch, Introduction to Numerical Analysis, section 2.3.4.) c is a mantissa of 15 bits, m * 2^-e;
the product is taken as (m * s >> 14) rounded to e - 14 bits less. s and d carry as many fractional bits as
fit.

Bounds: |s| <= 2^15 * (0.64 * N + 1) / sin(w), and the fractional bits keep that and 2^15 * N within 2^30; so
m * (s >> 14) < 2^31, |d| < 2^31, and the power stays below 2^62. |X| <= 2^24.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About
from .square_root import square_root

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_LENGTH: Final = 8
MAX_LENGTH: Final = 512
SPLIT_BITS: Final = 14


class Factor(NamedTuple):
    """c = mantissa * 2^-exponent, 2^14 <= mantissa < 2^15; ``sign`` 1 for w <= pi/2, else -1.

    ``fraction``: by how many bits the samples are shifted left.
    """

    mantissa: int
    exponent: int
    sign: int
    fraction: int


@dataclass(frozen=True, slots=True)
class Goertzel:
    """|X(f)| of each tone and channel: the magnitude of sum x[n] exp(-2 pi i f n / rate), rounded down.

    Items int16 (N, channels), N = 8..512, without a window; results int32 (tones, channels), at most 2^24.
    ``tones_hz`` lie between rate_hz / N and rate_hz / 2 - rate_hz / N. The error is below 0.05 % of
    N times the largest sample, plus what rounding adds: 2 for N <= 64, 12 for N = 256, 60 for N = 512.
    """

    name: ClassVar[str] = "goertzel"
    host_only: ClassVar[str] = ""
    tones_hz: Annotated[
        tuple[float, ...],
        About("frequencies to find", "Hz", 0, rule="rate_hz / N to rate_hz / 2 - rate_hz / N"),
    ]
    rate_hz: Annotated[float, About("samples a second", "Hz", 0, rule="above 0")]

    def __post_init__(self) -> None:
        if not self.tones_hz:
            raise FeatureError("no tone is named: give at least one frequency")
        for tone in self.tones_hz:
            if not (math.isfinite(self.rate_hz) and 0 < tone < self.rate_hz / 2):
                raise FeatureError(
                    f"a tone of {tone} Hz is not possible at {self.rate_hz} samples a second: "
                    "choose one between 0 and half of that"
                )

    def factors(self, length: int) -> list[Factor]:
        """c of each tone, rounded, for windows of ``length`` samples."""
        return [_factor(tone / self.rate_hz, length) for tone in self.tones_hz]

    def output(self, source: Signal) -> Signal:
        """int32 (tones, channels); raises FeatureError for other items, or a tone too near an end."""
        if source.dtype != "int16" or len(source.shape) != 2 or source.shape[1] < 1:
            raise FeatureError(
                f"tones are found in windows of int16 (samples, channels), not {source.dtype} {source.shape}"
            )
        length = source.shape[0]
        if not MIN_LENGTH <= length <= MAX_LENGTH:
            raise FeatureError(
                f"tones are found in windows of {MIN_LENGTH} to {MAX_LENGTH} samples, not of {length}"
            )
        nearest = self.rate_hz / length
        last = self.rate_hz / 2 - nearest
        if min(self.tones_hz) < nearest * 0.999 or max(self.tones_hz) > last * 1.001:
            raise FeatureError(
                f"windows of {length} samples tell tones from {nearest:g} to {last:g} Hz: "
                "choose tones between, or longer windows"
            )
        return Signal((len(self.tones_hz), source.shape[1]), "int32")

    def feature_names(self, source: Signal) -> list[str]:
        """What each element of a result is: ``5.0_hz_channel_0``."""
        channels = range(source.shape[1])
        return [f"{tone}_hz_channel_{channel}" for tone in self.tones_hz for channel in channels]

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Windows (n, N, channels) int16 to int32 (n, tones, channels)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        samples = items.transpose(1, 0, 2).astype(np.int64)
        return _magnitudes(samples, self.factors(items.shape[1])).astype(np.int32)

    def stream(self, source: Signal) -> Stream:
        """One window at a time."""
        self.output(source)
        return ItemByItem(self.batch)

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the checks of every transform run over."""
        return [
            (cls((5.0, 10.0, 42.0), 100.0), Signal((64, 2), "int16")),
            (cls((1.0, 255.0), 512.0), Signal((512, 1), "int16")),
            (cls((25.0,), 100.0), Signal((8, 3), "int16")),
        ]


def _factor(frequency: float, length: int) -> Factor:
    """Round c for a frequency in cycles a sample."""
    half_angle = math.pi * frequency
    sign = 1 if frequency <= 0.25 else -1
    exact = 4 * (math.sin(half_angle) if sign == 1 else math.cos(half_angle)) ** 2
    fraction, power = math.frexp(exact)
    mantissa = min(round(fraction * (1 << 15)), (1 << 15) - 1)
    bound = max((0.64 * length + 1) / math.sin(2 * half_angle), length)
    return Factor(mantissa, 15 - power, sign, max(0, 15 - math.ceil(math.log2(bound))))


def _magnitudes(samples: NDArray[np.int64], factors: list[Factor]) -> NDArray[np.int64]:
    """Of samples (N, n, channels) at all tones at once, (n, tones, channels)."""
    mantissa, exponent, sign, fraction = np.array(factors, np.int64).T[:, :, None]
    shift = exponent - SPLIT_BITS
    half = (1 << shift) >> 1
    state = before = difference = np.zeros((samples.shape[1], len(factors), samples.shape[2]), np.int64)
    for sample in samples[:, :, None]:
        product = ((mantissa * state >> SPLIT_BITS) + half) >> shift
        difference = sign * (difference - product) + (sample << fraction)
        before, state = state, sign * state + difference
    product = ((mantissa * state >> SPLIT_BITS) + half) >> shift
    power = difference**2 + sign * product * before
    magnitudes: NDArray[np.int64] = square_root(np.maximum(power, 0)) >> fraction
    return magnitudes

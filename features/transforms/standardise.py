"""Features by how many deviations they are from their mean, as int8."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final, NamedTuple

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS: Final = 32
"""A deviation in the result: int8 holds four to either side."""
LEAST_DEVIATION: Final = 1 / 8
"""One count of a feature is then eight deviations: more than an int8 holds."""
MOST: Final = float(1 << 31)
FRACTION: Final = 22
"""Bits of a step: from -384 to 384 steps, and half of one, fit an int32."""
_DIGITS: Final = 9
_LIMITS: Final = np.iinfo(np.int32)
_DTYPES: Final = ("int8", "uint8", "int16", "int32")


class Channel(NamedTuple):
    """Integers of one feature: (min(max(x, low), high) - low >> shift) * multiplier + offset >> FRACTION."""

    low: int
    high: int
    shift: int
    multiplier: int
    offset: int


@dataclass(frozen=True, slots=True)
class Standardise:
    """Map every feature to 32 * (x - mean) / deviation, rounded to nearest, within [-128, 127].

    ``mean`` and ``deviation`` hold a number for each feature (the last axis of an item), or one for all. Left
    out, training takes them from the training recordings: a feature that never changes gets deviation 1, and
    none below 1/8, where one count already fills an int8. In integers, off by at most a fiftieth of a step
    before it is rounded. Items int8, uint8, int16 or int32 of any shape; results int8 of the same. Raises
    FeatureError unless 1/8 <= deviation <= 2^31 and |mean| <= 2^31.
    """

    name: ClassVar[str] = "standardise"
    host_only: ClassVar[str] = ""
    mean: Annotated[
        tuple[float, ...],
        About("what becomes 0, of each or of all", "", -MOST, MOST, rule="within 2^31; none: measured"),
    ] = ()
    deviation: Annotated[
        tuple[float, ...],
        About("what 32 steps are", "", LEAST_DEVIATION, MOST, rule="0.125 to 2^31, as many as means"),
    ] = ()

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.deviation):
            raise FeatureError(
                f"{len(self.mean)} means and {len(self.deviation)} deviations: give each feature both, or "
                "none"
            )
        for feature, (mean, deviation) in enumerate(zip(self.mean, self.deviation, strict=True)):
            if not (abs(mean) <= MOST and LEAST_DEVIATION <= deviation <= MOST):
                raise FeatureError(
                    f"feature {feature} of mean {mean:g} and deviation {deviation:g}: choose a mean within "
                    f"2^31 and a deviation from {LEAST_DEVIATION:g} to 2^31"
                )

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        return [
            (cls((0.0, 12.25, -3e4, 1e9), (1.0, 0.125, 2500.0, 3e8)), Signal((4,), "int32")),
            (cls((-MOST, MOST), (MOST, MOST)), Signal((3, 2), "int32")),
            (cls((-90.5,), (7777.0,)), Signal((5, 3), "int16")),
            (cls((3.3, -100.0), (21.0, 0.5)), Signal((2,), "int8")),
            (cls((128.0,), (40.0,)), Signal((7,), "uint8")),
        ]

    @property
    def is_fitted(self) -> bool:
        """Whether means and deviations are known."""
        return bool(self.mean)

    def fitted_to(self, items: NDArray[Any]) -> Standardise:
        """Take each feature's mean and deviation from integer ``items`` (n, ..., features)."""
        rows = items.reshape(-1, items.shape[-1]).astype(np.float64)
        deviation = rows.std(axis=0)
        deviation = np.where(deviation == 0, 1.0, np.maximum(deviation, LEAST_DEVIATION))
        return Standardise(_rounded(rows.mean(axis=0)), _rounded(deviation))

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The integers of each mean and deviation."""
        return tuple(map(_channel, self.mean, self.deviation))

    def output(self, source: Signal) -> Signal:
        """Return int8 items of the same shape; raises FeatureError for other than integers by features."""
        if source.dtype not in _DTYPES or not source.shape or len(self.mean) not in (1, source.shape[-1]):
            raise FeatureError(
                f"standardise of {len(self.mean)} features takes no {source.dtype} of shape {source.shape}: "
                "give it int8, uint8, int16 or int32 with as many features"
            )
        return Signal(source.shape, "int8")

    def batch(self, items: NDArray[Any]) -> NDArray[np.int8]:
        """Standardise integers (n, ..., features) to int8."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        low, high, shift, multiplier, offset = np.array(self.channels, np.int64).T
        above = np.clip(items.astype(np.int64), low, high) - low
        scaled = ((above >> shift) * multiplier + offset) >> FRACTION
        result: NDArray[np.int8] = np.clip(scaled, -128, 127).astype(np.int8)
        return result

    def stream(self, source: Signal) -> Stream:
        """Standardise one item at a time."""
        self.output(source)
        return ItemByItem(self.batch)


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    """To nine digits, which a TOML file shows whole."""
    return tuple(float(f"{value:.{_DIGITS}g}") for value in values.tolist())


def _channel(mean: float, deviation: float) -> Channel:
    # One count beyond what an int8 holds, so that what lies outside is clipped by the result.
    low = max(math.floor(mean - 128 / STEPS * deviation), int(_LIMITS.min))
    high = min(math.ceil(mean + 128 / STEPS * deviation), int(_LIMITS.max))
    shift = max(0, (high - low).bit_length() - 16)
    scale = STEPS / deviation * (1 << FRACTION)
    offset = round((low - mean) * scale) + (1 << (FRACTION - 1))
    return Channel(low, high, shift, round(scale * (1 << shift)), offset)

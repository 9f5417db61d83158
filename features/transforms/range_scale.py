"""Samples of a sensor's own range, scaled to int8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHIFT = 22  # 255 << 22 and its rounding still fit an int32


@dataclass(frozen=True, slots=True)
class RangeScale:
    """Map [low, high] of every channel to [-128, 127], rounded to nearest, halves up; beyond it, clipped.

    ``low`` and ``high`` hold an int16 value for each channel (the last axis of an item), or one for all. Left
    out, training takes them from the training recordings.
    Items int16 of any shape; results int8 of the same. Raises FeatureError unless low < high.
    """

    name: ClassVar[str] = "range_scale"
    host_only: ClassVar[str] = ""
    low: Annotated[
        tuple[int, ...],
        About("what becomes -128, of each channel or of all", "", -32768, rule="below high; none: measured"),
    ] = ()
    high: Annotated[
        tuple[int, ...],
        About("what becomes 127, of each channel or of all", "", most=32767, rule="above low"),
    ] = ()

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high):
            raise FeatureError(
                f"{len(self.low)} low and {len(self.high)} high values: give one of each a channel"
            )
        for channel, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
            if not -32768 <= low < high <= 32767:
                raise FeatureError(
                    f"channel {channel} from {low} to {high} is no range of int16: "
                    "choose low below high (a constant channel cannot be scaled: leave it out)"
                )

    @classmethod
    def fitted(cls, samples: NDArray[np.int16]) -> RangeScale:
        """Take each channel's range from int16 ``samples`` (..., channels); a constant channel raises."""
        rows = samples.reshape(-1, samples.shape[-1])
        if len(rows) == 0:
            raise FeatureError("there are no samples to take a range from: record some")
        return cls(tuple(rows.min(axis=0).tolist()), tuple(rows.max(axis=0).tolist()))

    @property
    def is_fitted(self) -> bool:
        """Whether the ranges are known."""
        return bool(self.low)

    def fitted_to(self, items: NDArray[Any]) -> RangeScale:
        """Take each channel's range from int16 ``items`` (n, ..., channels); a constant one has one of 2.

        Raises FeatureError for other than int16.
        """
        self._check_dtype(Signal(items.shape[1:], items.dtype.name))
        rows = items.reshape(-1, items.shape[-1]).astype(np.int32)
        least, most = rows.min(axis=0), rows.max(axis=0)
        low = np.where(least == most, np.maximum(least - 1, -32768), least)
        high = np.where(least == most, np.minimum(most + 1, 32767), most)
        return RangeScale(tuple(low.tolist()), tuple(high.tolist()))

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        return [
            (cls((-32768,), (32767,)), Signal((3,), "int16")),
            (cls((-100, 7, 0), (100, 8, 32767)), Signal((5, 3), "int16")),
        ]

    @property
    def multipliers(self) -> tuple[int, ...]:
        """255 / (high - low) in units of 2^-22, a channel each: int32 from 16320 on."""
        spans = [high - low for low, high in zip(self.low, self.high, strict=True)]
        return tuple(((255 << SHIFT) + span // 2) // span for span in spans)

    def output(self, source: Signal) -> Signal:
        """Return int8 items of the same shape; raises FeatureError for other than int16 by channels."""
        self._check_dtype(source)
        if len(self.low) not in (1, source.shape[-1]):
            raise FeatureError(
                f"range_scale of {len(self.low)} channels takes no {source.dtype} of shape {source.shape}: "
                "give it int16 with as many channels"
            )
        return Signal(source.shape, "int8")

    def _check_dtype(self, source: Signal) -> None:
        if source.dtype == "int32":
            raise FeatureError(
                f"range_scale takes int16, not int32 of shape {source.shape}: put sample_scale before it, "
                "or take standardise, which takes int32"
            )
        if source.dtype != "int16" or not source.shape:
            raise FeatureError(
                f"range_scale takes no {source.dtype} of shape {source.shape}: give it int16 by channels"
            )

    def batch(self, items: NDArray[Any]) -> NDArray[np.int8]:
        """Scale int16 (n, ..., channels) to int8."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        low, high = np.array(self.low, np.int32), np.array(self.high, np.int32)
        above = np.clip(items.astype(np.int32), low, high) - low
        scaled = (above * np.array(self.multipliers, np.int32) + (1 << (SHIFT - 1))) >> SHIFT
        result: NDArray[np.int8] = (np.minimum(scaled, 255) - 128).astype(np.int8)
        return result

    def stream(self, source: Signal) -> Stream:
        """Scale one item at a time."""
        self.output(source)
        return ItemByItem(self.batch)

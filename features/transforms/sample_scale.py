"""Numbers of any range, scaled to the int16 that samples are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError

from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOWEST, HIGHEST = -(1 << 31), (1 << 31) - 1
_STEPS = 65535


@dataclass(frozen=True, slots=True)
class SampleScale:
    """Map [low, high] of every channel to [-32768, 32767], rounded to nearest, halves up; beyond it, clipped.

    ``low`` and ``high`` hold an int32 value for each channel (the last axis of an item), or one for all. Left
    out, training takes them from the training recordings, with half of each channel's span as room at either
    end. Of a span of 2^16 or more the lowest bits are dropped first, so that 32 bits hold every product.

    Items int32 of any shape; results int16 of the same. Raises FeatureError unless low < high.
    """

    name: ClassVar[str] = "sample_scale"
    host_only: ClassVar[str] = ""
    low: Annotated[
        tuple[int, ...],
        About(
            "what becomes -32768, of each channel or of all", "", LOWEST, rule="below high; none: measured"
        ),
    ] = ()
    high: Annotated[
        tuple[int, ...],
        About("what becomes 32767, of each channel or of all", "", most=HIGHEST, rule="above low"),
    ] = ()

    def __post_init__(self) -> None:
        if len(self.low) != len(self.high):
            raise FeatureError(
                f"{len(self.low)} lows and {len(self.high)} highs: give each channel both, or none"
            )
        for channel, (low, high) in enumerate(zip(self.low, self.high, strict=True)):
            if not LOWEST <= low < high <= HIGHEST:
                raise FeatureError(
                    f"channel {channel} from {low} to {high} is no range of int32: choose low below high"
                )

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        return [
            (cls((LOWEST,), (HIGHEST,)), Signal((3,), "int32")),
            (cls((-(1 << 30), 7, 0), (100, 8, 65536)), Signal((3,), "int32")),
            (cls((-(1 << 28), -65535), (1 << 30, 1 << 17)), Signal((5, 2), "int32")),
        ]

    @property
    def is_fitted(self) -> bool:
        """Whether the ranges are known."""
        return bool(self.low)

    def fitted_to(self, items: NDArray[Any]) -> SampleScale:
        """Take each channel's range from int32 ``items`` (n, ..., channels), room at either end."""
        rows = items.reshape(-1, items.shape[-1]).astype(np.int64)
        least, most = rows.min(axis=0), rows.max(axis=0)
        room = np.maximum((most - least) // 2, 1)
        low, high = np.maximum(least - room, LOWEST), np.minimum(most + room, HIGHEST)
        return SampleScale(tuple(low.tolist()), tuple(high.tolist()))

    @property
    def shifts(self) -> tuple[int, ...]:
        """By how many bits a channel's distance from its low is shortened to 16: 0 to 16."""
        return tuple(
            max(0, (high - low).bit_length() - 16) for low, high in zip(self.low, self.high, strict=True)
        )

    @property
    def multipliers(self) -> tuple[int, ...]:
        """65535 / the shortened span in units of 2^-16, a channel each: uint32 from 65536 on."""
        spans = [
            high - low >> shift for low, high, shift in zip(self.low, self.high, self.shifts, strict=True)
        ]
        return tuple(((_STEPS << 16) + span // 2) // span for span in spans)

    def output(self, source: Signal) -> Signal:
        """Return int16 items of the same shape; raises FeatureError for other than int32 by channels."""
        if source.dtype != "int32" or not source.shape or len(self.low) not in (1, source.shape[-1]):
            raise FeatureError(
                f"sample_scale of {len(self.low)} channels takes no {source.dtype} of shape {source.shape}: "
                "give it int32 with as many channels"
            )
        return Signal(source.shape, "int16")

    def batch(self, items: NDArray[Any]) -> NDArray[np.int16]:
        """Scale int32 (n, ..., channels) to int16."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        low, high = np.array(self.low, np.int64), np.array(self.high, np.int64)
        above = np.clip(items.astype(np.int64), low, high) - low
        scaled = ((above >> np.array(self.shifts)) * np.array(self.multipliers, np.int64) + (1 << 15)) >> 16
        result: NDArray[np.int16] = (scaled - 32768).astype(np.int16)
        return result

    def stream(self, source: Signal) -> Stream:
        """Scale one item at a time."""
        self.output(source)
        return ItemByItem(self.batch)

"""Numbers: a sensor's samples in whatever form its serial port has, lines of text or binary frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

import numpy as np

from zerotap.errors import FeatureError

from .frames import stream_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Recording

ITEM_BYTES: Final = 4
DECIMALS_MOST: Final = 300
"""Of a power of ten that a float64 holds."""
_LARGEST: Final = 10**9
"""Values are counted in units that leave the largest at this or below: an int32 holds twice as much."""
_STEPS: Final = 1 << 20
"""No channel needs a finer unit than makes so many of its span: sixteen times what int16 tells apart."""
_EXACT: Final = 1e-9
_DRAWN: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Numbers:
    """Each sample as int32 (channels,): every channel's value in units of 10^-decimals, rounded to nearest.

    ``decimals``: of each channel or of all, negative for tens and hundreds. What int32 does not hold is
    clipped. A sample's time is that of the packet that completed it.
    """

    name: ClassVar[str] = "numbers"
    dtype: ClassVar[str] = "int32"
    channels_vary: ClassVar[bool] = False
    decimals: tuple[int, ...] = (0,)

    def read(self, recording: Recording, row_bytes: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Give every sample; raises FeatureError where they have another number of channels."""
        stream = stream_of(recording, "auto")
        if stream is None:
            return np.empty(0, np.int64), np.empty((0, row_bytes // ITEM_BYTES), np.int32)
        channels = stream.values.shape[1]
        if ITEM_BYTES * channels != row_bytes:
            raise FeatureError(
                f"recording {recording.name or '(unnamed)'} has numbers of {channels} channels, not of "
                f"{row_bytes // ITEM_BYTES}: set the pipeline's report_bytes to {ITEM_BYTES * channels}, or "
                "take out the recordings of another sensor"
            )
        return stream.timestamps_ns, self.counted(stream.values)

    def counted(self, values: NDArray[Any]) -> NDArray[np.int32]:
        """Values (n, channels) in units of 10^-decimals."""
        limits = np.iinfo(np.int32)
        with np.errstate(over="ignore"):
            counts = np.rint(np.nan_to_num(_times_ten_to(values.astype(np.float64), self.decimals)))
        return np.clip(counts, limits.min, limits.max).astype(np.int32)

    def draw(self, rng: np.random.Generator, count: int, row_bytes: int) -> NDArray[Any]:
        """Values over the range of int16: most sensors' own."""
        return rng.integers(-_DRAWN, _DRAWN, (count, row_bytes // ITEM_BYTES), dtype=np.int32)


def measured_decimals(values: NDArray[Any]) -> tuple[int, ...]:
    """The decimals that each channel of values (n, channels) needs, one for all where they agree.

    As many as were written, but no more than tell 2^20 steps of the channel's span apart, and no more than
    leave its largest value below 10^9.
    """
    each = tuple(_decimals_of(column) for column in values.astype(np.float64).T)
    return each[:1] if len(set(each)) == 1 else each


def _decimals_of(column: NDArray[np.float64]) -> int:
    finite = column[np.isfinite(column)]
    largest = float(np.abs(finite).max(initial=0.0))
    if largest == 0:
        return 0
    most = int(np.clip(np.floor(np.log10(_LARGEST / largest)), -DECIMALS_MOST, DECIMALS_MOST))
    span = float(np.ptp(finite))
    for decimals in range(min(0, most), most):
        counts = _times_ten_to(finite, (decimals,))
        is_exact = bool((np.abs(counts - np.rint(counts)) <= _EXACT * np.abs(counts)).all())
        if is_exact or span * 10.0**decimals >= _STEPS:
            return decimals
    return most


def _times_ten_to(values: NDArray[np.float64], decimals: Sequence[int]) -> NDArray[np.float64]:
    """Values (..., channels) times 10^decimals: of negative ones a division, as 10^-1 is no float64."""
    powers = 10.0 ** np.abs(np.array(decimals, np.float64))
    result: NDArray[np.float64] = np.where(np.array(decimals) < 0, values / powers, values * powers)
    return result

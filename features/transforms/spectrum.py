"""Magnitudes of the spectrum of each channel of a window, in fixed point."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np

from zerotap.errors import FeatureError

from .fourier_transform import LENGTHS, WINDOWS, Bins, check_window, fourier
from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About
from .square_root import square_root

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHUNK_SAMPLES: Final = 1 << 18  # so many at a time: temporary arrays stay below 10 MB


@dataclass(frozen=True, slots=True)
class Spectrum:
    """|X[k]| of each channel, k = 0 .. N/2: numpy.fft.rfft's magnitude of the windowed samples, rounded down.

    Items int16 (N, channels) with N = 32, 64, 128, 256 or 512; results int32 (N/2 + 1, channels), at most
    2^24. ``window``: "hann", "hamming", "blackman" or "boxcar", in Q15. Computed in block floating point with
    16 bits; ``fourier`` states the signal-to-noise ratio.
    """

    name: ClassVar[str] = "spectrum"
    host_only: ClassVar[str] = ""
    window: Annotated[str, About("what weights the samples", choices=WINDOWS)] = "hann"

    def __post_init__(self) -> None:
        check_window(self.window)

    def output(self, source: Signal) -> Signal:
        """int32 (N/2 + 1, channels); raises FeatureError for another dtype or length."""
        check_samples(source)
        return Signal((source.shape[0] // 2 + 1, source.shape[1]), "int32")

    def feature_names(self, source: Signal) -> list[str]:
        """What each element of a result is: ``bin_3_channel_0``."""
        bins, channels = self.output(source).shape
        return [f"bin_{k}_channel_{channel}" for k in range(bins) for channel in range(channels)]

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Windows (n, N, channels) int16 to int32 (n, N/2 + 1, channels)."""
        target = self.output(Signal(items.shape[1:], items.dtype.name))
        results = np.empty((len(items), *target.shape), np.int32)
        step = max(1, _CHUNK_SAMPLES // (items.shape[1] * items.shape[2]))
        for start in range(0, len(items), step):
            chunk = items[start : start + step]
            rows = magnitudes(fourier(channel_rows(chunk), self.window))
            results[start : start + step] = rows.reshape(len(chunk), items.shape[2], -1).transpose(0, 2, 1)
        return results

    def stream(self, source: Signal) -> Stream:
        """One window at a time."""
        self.output(source)
        return ItemByItem(self.batch)

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the checks of every transform run over."""
        sizes = [(cls(), Signal((length, 1), "int16")) for length in (256, 32, 64, 128, 512)]
        return [*sizes, (cls("boxcar"), Signal((64, 3), "int16")), (cls("hamming"), Signal((32, 2), "int16"))]


def check_samples(source: Signal) -> None:
    """Raise FeatureError unless items are int16 (N, channels) with a length that can be transformed."""
    if source.dtype != "int16" or len(source.shape) != 2 or source.shape[1] < 1:
        raise FeatureError(
            f"a spectrum takes windows of int16 (samples, channels), not {source.dtype} {source.shape}"
        )
    if source.shape[0] not in LENGTHS:
        raise FeatureError(
            f"a window of {source.shape[0]} samples has no spectrum here: choose one of "
            f"{', '.join(map(str, LENGTHS))}"
        )


def channel_rows(items: NDArray[np.int16]) -> NDArray[np.int16]:
    """Windows (n, N, channels) as rows (n * channels, N)."""
    return np.ascontiguousarray(items.transpose(0, 2, 1)).reshape(-1, items.shape[1])


def magnitudes(bins: Bins) -> NDArray[np.int32]:
    """floor(sqrt(real^2 + imaginary^2)) * 2^exponent, rounded down."""
    power = bins.real.astype(np.int64) ** 2 + bins.imaginary.astype(np.int64) ** 2
    roots = square_root(power) << np.maximum(bins.exponent, 0)
    return np.asarray(roots >> np.maximum(-bins.exponent, 0), np.int32)

"""The logarithm of the power in bands of the spectrum, in fixed point."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np

from zerotap.errors import FeatureError

from .fourier_transform import WINDOWS, Bins, check_window, fourier
from .interface import ItemByItem, Signal, Stream, Transform
from .parameters import About
from .spectrum import channel_rows, check_samples

if TYPE_CHECKING:
    from numpy.typing import NDArray

FRACTION_BITS: Final = 8
_CHUNK_SAMPLES: Final = 1 << 18
_MANTISSA_BITS: Final = 15


@dataclass(frozen=True, slots=True)
class LogBands:
    """log2 of the power sum |X[k]|^2, edges[i] <= k < edges[i + 1], of each band i and channel, in Q7.8.

    0 for a power below 1. X as in ``Spectrum``. Items int16 (N, channels) with N = 32, 64, 128, 256 or 512;
    results int16 (bands, channels) in [0, 12300]. One unit is 3.01 / 256 dB; the logarithm itself is at most
    1.5 units too low. Raises FeatureError unless the edges rise and end at N/2 + 1 at most.
    """

    name: ClassVar[str] = "log_bands"
    host_only: ClassVar[str] = ""
    edges: Annotated[
        tuple[int, ...],
        About("first bin of each band, and the bin behind the last", "bins", 0, rule="rising, 0 to N/2 + 1"),
    ]
    window: Annotated[str, About("what weights the samples", choices=WINDOWS)] = "hann"

    def __post_init__(self) -> None:
        check_window(self.window)
        whole = all(isinstance(edge, int) for edge in self.edges)
        if not whole or len(self.edges) < 2 or self.edges[0] < 0 or min(np.diff(self.edges)) < 1:
            raise FeatureError(
                f"the edges {self.edges} are no bands: give rising whole numbers of bins, from 0 on"
            )

    @classmethod
    def spaced(cls, length: int, count: int, window: str = "hann") -> LogBands:
        """``count`` bands from bin 1 to ``length`` / 2, each wider than the one before by the same factor.

        Low bands take one bin each where the factor asks for less. Raises FeatureError for more bands than
        bins.
        """
        half = length // 2
        if not 1 <= count <= half:
            raise FeatureError(f"{count} bands are not possible with {half} bins: choose 1 to {half}")
        edges = [1]
        for left in range(count, 0, -1):
            step = edges[-1] * (((half + 1) / edges[-1]) ** (1 / left) - 1)
            edges.append(min(edges[-1] + max(1, round(step)), half + 2 - left))
        return cls(tuple(edges), window)

    def output(self, source: Signal) -> Signal:
        """int16 (bands, channels); raises FeatureError for another dtype or length, or bands beyond N/2."""
        check_samples(source)
        if self.edges[-1] > source.shape[0] // 2 + 1:
            raise FeatureError(
                f"a band to bin {self.edges[-1] - 1} is not possible with windows of {source.shape[0]} "
                f"samples: their last bin is {source.shape[0] // 2}"
            )
        return Signal((len(self.edges) - 1, source.shape[1]), "int16")

    def feature_names(self, source: Signal) -> list[str]:
        """What each element of a result is: ``bins_1_to_4_channel_0``."""
        bands = [f"bins_{low}_to_{high - 1}" for low, high in pairwise(self.edges)]
        return [f"{band}_channel_{channel}" for band in bands for channel in range(source.shape[1])]

    def batch(self, items: NDArray[Any]) -> NDArray[np.int16]:
        """Windows (n, N, channels) int16 to int16 (n, bands, channels)."""
        target = self.output(Signal(items.shape[1:], items.dtype.name))
        results = np.empty((len(items), *target.shape), np.int16)
        step = max(1, _CHUNK_SAMPLES // (items.shape[1] * items.shape[2]))
        for start in range(0, len(items), step):
            chunk = items[start : start + step]
            rows = self._powers(fourier(channel_rows(chunk), self.window))
            results[start : start + step] = rows.reshape(len(chunk), items.shape[2], -1).transpose(0, 2, 1)
        return results

    def stream(self, source: Signal) -> Stream:
        """One window at a time."""
        self.output(source)
        return ItemByItem(self.batch)

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the checks of every transform run over."""
        return [
            (cls.spaced(256, 8), Signal((256, 1), "int16")),
            (cls((0, 1, 5, 17)), Signal((32, 3), "int16")),
            (cls((3, 200), "boxcar"), Signal((512, 2), "int16")),
        ]

    def _powers(self, bins: Bins) -> NDArray[np.int64]:
        power = bins.real.astype(np.int64) ** 2 + bins.imaginary.astype(np.int64) ** 2
        sums = np.add.reduceat(power[:, : self.edges[-1]], self.edges[:-1], axis=1)
        scaled = logarithm(sums) + (2 * bins.exponent.astype(np.int64) << FRACTION_BITS)
        return np.where(sums > 0, np.maximum(scaled, 0), 0)


def logarithm(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """log2 of integers in [1, 2^53) in Q8; 0 counts as 1.

    Bit by bit: the mantissa is squared, and where that gives 2 or more the next bit is 1. At most 1.5 units
    too low, for the mantissa keeps 15 bits.
    """
    positive = np.maximum(values, 1)
    bits = np.frexp(positive.astype(np.float64))[1].astype(np.int64) - 1
    down, up = np.maximum(bits - _MANTISSA_BITS, 0), np.maximum(_MANTISSA_BITS - bits, 0)
    mantissa = positive >> down << up
    result = bits
    for _ in range(FRACTION_BITS):
        mantissa = mantissa * mantissa >> _MANTISSA_BITS
        doubled = mantissa >> (_MANTISSA_BITS + 1)
        mantissa >>= doubled
        result = 2 * result + doubled
    return result

"""The Fourier transform of real int16 samples in block floating point: NumPy's integers, a row a window.

A window of N = 32..512 samples becomes N/2 + 1 bins: real and imaginary parts in 16 bits and one exponent for
all, bin = (real + i * imaginary) * 2^exponent, scaled as numpy.fft.rfft of the windowed samples.

The N samples are taken as H = N/2 complex ones (even: real, odd: imaginary). One pass of radix 4 without
multiplications, then log2(H) - 2 of radix 2, then the split into the bins of the real signal.
(Cooley and Tukey 1965; the split: Numerical Recipes, section 12.3.)

Ranges: the samples are normalised so that parts lie in [-2^14, 2^14], magnitudes below 23171. A pass at most
doubles a magnitude (radix 4: four times, and always shifts by 2). It shifts by 1 if any part before it lies
outside of [-2^13, 2^13), and not at all otherwise: 2 * 2^13 * sqrt(2) = 23171. So all parts stay below 23200
and fit int16. A point in Q14 and another times a Q14 twiddle stay below 2^30 together; in the split, where
both are twice as large, below 2^31.

Signal-to-noise ratio of the bins against scipy.fft in float64, worst and median of 200 windows each of noise,
tones, square waves and a constant: 65 and 73 dB (N = 32), 59 and 68 dB (256), 56 and 68 dB (512). It does not
depend on the amplitude.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from zerotap.errors import FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LENGTHS: Final = (32, 64, 128, 256, 512)
WINDOWS: Final = ("hann", "hamming", "blackman", "boxcar")
TWIDDLE_BITS: Final = 14
_SMALL: Final = 1 << 13


class Bins(NamedTuple):
    """Bins (n, N/2 + 1) of n windows, int32 within 16 bits, and their exponents (n, 1)."""

    real: NDArray[np.int32]
    imaginary: NDArray[np.int32]
    exponent: NDArray[np.int32]


def fourier(samples: NDArray[np.int16], window: str) -> Bins:
    """Windows (n, N) int16, weighted by the window of that name, to their bins."""
    half = samples.shape[1] // 2
    real, imaginary, exponent = _load(samples, window_table(window, samples.shape[1]))
    real, imaginary = _radix_4(real, imaginary)
    exponent += 2
    span = 4
    while span < half:
        shift = _growth(real, imaginary)
        real, imaginary = _radix_2(real, imaginary, span, shift)
        exponent += shift
        span *= 2
    shift = _growth(real, imaginary)
    return Bins(*_split(real, imaginary, shift), exponent + shift)


def check_window(window: str) -> None:
    """Raise FeatureError for an unknown name."""
    if window not in WINDOWS:
        raise FeatureError(f"there is no window {window!r}: choose one of {', '.join(WINDOWS)}")


@lru_cache
def window_table(window: str, length: int) -> NDArray[np.uint16]:
    """A periodic window in Q15: 32768 is 1; raises FeatureError as check_window does."""
    import scipy.signal

    check_window(window)
    return np.asarray(np.rint(scipy.signal.get_window(window, length) * (1 << 15)).clip(0), np.uint16)


@lru_cache
def twiddles(length: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Real and imaginary parts of exp(-2 pi i k / length), k < length / 2, in Q14."""
    angle = -2 * np.pi * np.arange(length // 2) / length
    one = 1 << TWIDDLE_BITS
    return np.rint(np.cos(angle) * one).astype(np.int32), np.rint(np.sin(angle) * one).astype(np.int32)


@lru_cache
def reversal(count: int) -> NDArray[np.intp]:
    """Indices below ``count``, a power of two, with their bits reversed."""
    order = np.zeros(1, np.intp)
    while len(order) < count:
        order = np.concatenate([2 * order, 2 * order + 1])
    return order


def _load(
    samples: NDArray[np.int16], window: NDArray[np.uint16]
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    wide = samples.astype(np.int32)
    magnitude = np.bitwise_or.reduce(wide ^ (wide >> 31), axis=1, keepdims=True)
    bits = np.asarray(np.frexp(magnitude.astype(np.float64))[1], np.int32)
    weighted = (wide * window + (np.int32(1) << bits)) >> (bits + 1)
    order = reversal(samples.shape[1] // 2)
    return weighted[:, 2 * order], weighted[:, 2 * order + 1], bits - 14


def _growth(real: NDArray[np.int32], imaginary: NDArray[np.int32]) -> NDArray[np.int32]:
    magnitude = (real ^ (real >> 31)) | (imaginary ^ (imaginary >> 31))
    return np.asarray((magnitude >= _SMALL).any(axis=1, keepdims=True), np.int32)


def _radix_4(
    real: NDArray[np.int32], imaginary: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    # Bit-reversed input: quads are (x0, x2), (x1, x3) of a transform of four.
    shape = (len(real), -1, 4)
    a, b, c, d = np.moveaxis(real.reshape(shape), 2, 0)
    e, f, g, h = np.moveaxis(imaginary.reshape(shape), 2, 0)
    reals = [a + b + c + d, a - b + (g - h), a + b - c - d, a - b - (g - h)]
    imaginaries = [e + f + g + h, e - f - (c - d), e + f - g - h, e - f + (c - d)]
    return _quarters(reals), _quarters(imaginaries)


def _quarters(sums: list[NDArray[np.int32]]) -> NDArray[np.int32]:
    stacked = (np.stack(sums, axis=-1) + 2) >> 2
    return stacked.reshape(len(stacked), -1)


def _radix_2(
    real: NDArray[np.int32], imaginary: NDArray[np.int32], span: int, shift: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    cosine, sine = (part[:: real.shape[1] // span] for part in twiddles(2 * real.shape[1]))
    pairs = (len(real), -1, 2, span)
    (ar, br), (ai, bi) = (np.moveaxis(part.reshape(pairs), 2, 0) for part in (real, imaginary))
    total = (shift + TWIDDLE_BITS)[..., np.newaxis]
    return (
        _sum_and_difference(ar, br * cosine - bi * sine, total).reshape(real.shape),
        _sum_and_difference(ai, br * sine + bi * cosine, total).reshape(real.shape),
    )


def _sum_and_difference(
    first: NDArray[np.int32], turned: NDArray[np.int32], shift: NDArray[np.int32]
) -> NDArray[np.int32]:
    wide = (first << TWIDDLE_BITS) + (np.int32(1) << (shift - 1))
    return np.stack([(wide + turned) >> shift, (wide - turned) >> shift], axis=2)


def _split(
    real: NDArray[np.int32], imaginary: NDArray[np.int32], shift: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """X[k] = E + w^k * O with 2 * E = Z[k] + conj Z[H - k] and 2i * O = Z[k] - conj Z[H - k]."""
    half = real.shape[1]
    back = -np.arange(half) % half
    even_real, odd_imaginary = real + real[:, back], real[:, back] - real
    even_imaginary, odd_real = imaginary - imaginary[:, back], imaginary + imaginary[:, back]
    cosine, sine = twiddles(2 * half)
    total = shift + TWIDDLE_BITS + 1
    rounding = np.int32(1) << (total - 1)
    bins_real = (even_real << TWIDDLE_BITS) + odd_real * cosine - odd_imaginary * sine
    bins_imaginary = (even_imaginary << TWIDDLE_BITS) + odd_real * sine + odd_imaginary * cosine
    last_real = (even_real - odd_real)[:, :1] << TWIDDLE_BITS
    return (
        (np.concatenate([bins_real, last_real], axis=1) + rounding) >> total,
        (np.concatenate([bins_imaginary, np.zeros_like(last_real)], axis=1) + rounding) >> total,
    )

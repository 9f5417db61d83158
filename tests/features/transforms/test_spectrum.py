"""Spectra in block floating point against scipy.fft in float64."""

import numpy as np
import pytest
import scipy.fft
import scipy.signal

from zerotap.errors import FeatureError
from zerotap.features.transforms.fourier_transform import LENGTHS, WINDOWS, fourier, reversal, window_table
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.spectrum import Spectrum

# Signal-to-noise ratios in dB that transforms/fourier_transform.py states: worst, and median of all signals.
FLOORS = {32: (65, 73), 64: (64, 71), 128: (61, 69), 256: (59, 68), 512: (56, 68)}
SIGNALS = ("noise", "quiet", "tone", "soft tone", "square", "constant")


def signal_of(kind: str, length: int, count: int = 200) -> np.ndarray:
    rng = np.random.default_rng([length, SIGNALS.index(kind)])
    phase = 2 * np.pi * rng.uniform(0, 0.5, (count, 1)) * np.arange(length) + rng.uniform(0, 6, (count, 1))
    values = {
        "noise": rng.integers(-32768, 32768, (count, length)),
        "quiet": rng.integers(-20, 21, (count, length)),
        "tone": 32000 * np.sin(phase),
        "soft tone": 300 * np.sin(phase),
        "square": 32767 * np.sign(np.sin(phase)),
        "constant": np.full((count, length), -32768),
    }
    return np.rint(values[kind]).astype(np.int16)


def reference(samples: np.ndarray, window: str) -> np.ndarray:
    return scipy.fft.rfft(samples * scipy.signal.get_window(window, samples.shape[1]), axis=1)


def noise_ratios(samples: np.ndarray, window: str) -> np.ndarray:
    bins, expected = fourier(samples, window), reference(samples, window)
    error = (bins.real + 1j * bins.imaginary) * 2.0**bins.exponent - expected
    return 10 * np.log10((np.abs(expected) ** 2).sum(axis=1) / (np.abs(error) ** 2).sum(axis=1))


@pytest.mark.parametrize("length", LENGTHS)
def test_noise_against_float_is_bounded(length):
    ratios = np.concatenate([noise_ratios(signal_of(kind, length), "hann") for kind in SIGNALS])
    worst, median = FLOORS[length]
    assert ratios.min() > worst
    assert np.median(ratios) > median


@pytest.mark.parametrize("window", WINDOWS)
def test_every_window_is_scipys(window):
    assert noise_ratios(signal_of("noise", 256), window).min() > 62
    assert np.abs(window_table(window, 64) / 2**15 - scipy.signal.get_window(window, 64)).max() <= 2**-16


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("kind", SIGNALS)
def test_parts_stay_in_their_range(length, kind):
    for window in ("hann", "boxcar"):
        bins = fourier(signal_of(kind, length), window)
        assert np.abs([bins.real, bins.imaginary]).max() < 23200
        assert -12 <= bins.exponent.min() <= bins.exponent.max() <= 10


def test_the_worst_samples_stay_in_their_range():
    """Full-scale complex tones of each frequency, in quadrature: what makes the packed transform largest."""
    turns = np.exp(2j * np.pi * np.outer(np.arange(128), np.arange(128)) / 128) * np.exp(0.25j * np.pi)
    samples = np.empty((128, 256))
    samples[:, ::2], samples[:, 1::2] = turns.real, turns.imag
    bins = fourier((np.sign(samples) * 32767).astype(np.int16), "boxcar")
    assert np.abs([bins.real, bins.imaginary]).max() < 23200


def test_magnitudes_are_the_bins_rounded_down():
    samples = signal_of("tone", 256)
    result = Spectrum().batch(samples[:, :, np.newaxis])[:, :, 0]
    expected = np.abs(reference(samples, "hann"))
    assert result.max() > 2**20
    assert np.abs(result - expected).max() < expected.max() * 2**-10
    peaks = np.take_along_axis(expected, result.argmax(axis=1)[:, np.newaxis], axis=1)[:, 0]
    assert np.all(peaks > expected.max(axis=1) * (1 - 2**-10))


def test_a_spectrum_of_nothing_is_nothing():
    assert not Spectrum().batch(np.zeros((1, 64, 2), np.int16)).any()


def test_the_smallest_sample_is_seen():
    samples = np.zeros((1, 32, 1), np.int16)
    samples[0, 16] = 1
    assert np.all(np.abs(Spectrum("boxcar").batch(samples) - 1) <= 1)
    samples *= 32
    assert np.all(np.abs(Spectrum("boxcar").batch(samples) - 32) <= 1)


def test_channels_are_transformed_apart_and_in_chunks():
    items = np.random.default_rng(0).integers(-32768, 32768, (300, 512, 3)).astype(np.int16)
    result = Spectrum().batch(items)
    assert result.shape == (300, 257, 3)
    for channel in range(3):
        assert np.array_equal(
            result[..., channel], Spectrum().batch(items[..., channel : channel + 1])[..., 0]
        )


def test_reversal_turns_bits_round():
    assert reversal(8).tolist() == [0, 4, 2, 6, 1, 5, 3, 7]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (Signal((256, 1), "float32"), "int16"),
        (Signal((256, 1), "int8"), "int16"),
        (Signal((256,), "int16"), "samples, channels"),
        (Signal((256, 0), "int16"), "samples, channels"),
        (Signal((100, 1), "int16"), "32, 64, 128, 256, 512"),
        (Signal((16, 1), "int16"), "32, 64, 128, 256, 512"),
    ],
)
def test_what_is_refused(source, message):
    with pytest.raises(FeatureError, match=message):
        Spectrum().output(source)
    with pytest.raises(FeatureError, match=message):
        Spectrum().batch(np.zeros((2, *source.shape), source.dtype))


def test_an_unknown_window_lists_the_known():
    with pytest.raises(FeatureError, match="hann, hamming"):
        Spectrum("kaiser")

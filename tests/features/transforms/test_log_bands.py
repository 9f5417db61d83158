"""Log-power bands in fixed point against scipy.fft and log2 in float64."""

import numpy as np
import pytest
import scipy.fft
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.log_bands import LogBands, logarithm


@given(values=st.lists(st.integers(1, 2**53 - 1), min_size=1))
def test_the_logarithm_is_at_most_one_and_a_half_units_low(values):
    error = logarithm(np.array(values)) / 256 - np.log2(values)
    assert error.max() <= 1e-9
    assert error.min() > -1.5 / 256


def test_powers_of_two_are_exact():
    assert np.array_equal(logarithm(1 << np.arange(53)), 256 * np.arange(53))


@pytest.mark.parametrize("length", [32, 256, 512])
@pytest.mark.parametrize("amplitude", [3, 300, 30000])
def test_bands_of_noise_are_within_a_twentieth_of_a_decibel(length, amplitude):
    items = (
        np.random.default_rng(length).integers(-amplitude, amplitude + 1, (200, length, 2)).astype(np.int16)
    )
    bands = LogBands.spaced(length, 6)
    weights = scipy.signal.get_window("hann", length)[:, np.newaxis]
    power = np.abs(scipy.fft.rfft(items * weights, axis=1)) ** 2
    ends = zip(bands.edges, bands.edges[1:], strict=False)
    expected = np.stack([power[:, low:high].sum(axis=1) for low, high in ends], axis=1)
    loud = expected > expected.sum(axis=1, keepdims=True) * 1e-2
    error_db = (bands.batch(items) / 256 - np.log2(expected)) * 10 * np.log10(2)
    assert np.abs(error_db[loud]).max() < 0.1
    assert np.median(np.abs(error_db)) < 0.05


def test_silence_and_the_loudest():
    bands = LogBands((0, 257), "boxcar")
    assert bands.batch(np.zeros((1, 512, 1), np.int16)).item() == 0
    assert bands.batch(np.full((1, 512, 1), -32768, np.int16)).item() == 48 * 256


@pytest.mark.parametrize("length", [32, 64, 256, 512])
@pytest.mark.parametrize("count", [1, 5, 16])
def test_spaced_bands_fill_the_spectrum(length, count):
    edges = LogBands.spaced(length, count).edges
    assert len(edges) == count + 1
    assert edges[0] == 1
    assert edges[-1] == length // 2 + 1


@pytest.mark.parametrize("edges", [(), (3,), (3, 3), (5, 2), (-1, 4), (0, 1.5)])
def test_no_bands(edges):
    with pytest.raises(FeatureError, match="rising"):
        LogBands(edges)


@pytest.mark.parametrize("count", [0, 17])
def test_no_spacing(count):
    with pytest.raises(FeatureError, match="1 to 16"):
        LogBands.spaced(32, count)


@pytest.mark.parametrize(("source", "message"), [(Signal((32, 1), "int16"), "last bin is 16"),
                                                 (Signal((64, 1), "float32"), "int16"),
                                                 (Signal((60, 1), "int16"), "32, 64")])  # fmt: skip
def test_what_is_refused(source, message):
    with pytest.raises(FeatureError, match=message):
        LogBands((0, 18)).output(source)

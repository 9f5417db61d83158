"""Filters in Q14 against scipy.signal in float64."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features.transforms.filters import MAX_RESPONSE_ERROR, Design, Filter
from zerotap.features.transforms.interface import Signal

# design, the largest error of its gain, the least signal-to-noise ratio in dB as rounded
DESIGNS = [
    (Design("lowpass", (10.0,), 100.0, 4), 0.0002, 70),
    (Design("lowpass", (1.0,), 100.0, 2), 0.002, 58),
    (Design("lowpass", (10.0,), 100.0, 8), 0.0002, 65),
    (Design("lowpass", (30.0,), 100.0, 1), 0.0002, 70),
    (Design("highpass", (0.5,), 100.0, 3), 0.05, 68),
    (Design("highpass", (20.0,), 100.0, 4), 0.0005, 66),
    (Design("bandpass", (5.0, 20.0), 100.0, 2), 0.001, 70),
    (Design("bandpass", (5.0, 6.0), 100.0, 3), 0.003, 49),
]


def noise(count: int = 5000, scale: float = 4000) -> np.ndarray:
    return np.random.default_rng(7).normal(0, scale, (count, 1)).astype(np.int16)


@pytest.mark.parametrize(("design", "error", "ratio"), DESIGNS)
def test_response_and_noise_are_bounded(design, error, ratio):
    rounded = design.filter()
    assert design.response_error(rounded) < error
    expected = scipy.signal.sosfilt(rounded.second_order_sections(), noise()[:, 0].astype(float))
    difference = rounded.batch(noise())[:, 0] - expected
    assert 10 * np.log10((expected**2).sum() / (difference**2).sum()) > ratio


@pytest.mark.parametrize(("design", "error", "ratio"), DESIGNS)
def test_the_measured_error_is_scipys(design, error, ratio):
    rounded = design.filter().second_order_sections()
    angles = np.linspace(0, np.pi, 1000)
    wanted, got = (
        np.abs(scipy.signal.sosfreqz(s, angles)[1]) for s in (design.second_order_sections(), rounded)
    )
    assert np.abs(wanted - got).max() <= design.response_error(design.filter()) * 1.01 + 1e-6


@pytest.mark.parametrize(("design", "error", "ratio"), DESIGNS)
def test_no_partial_cascade_amplifies(design, error, ratio):
    sections = design.filter().second_order_sections()
    for count in range(1, len(sections) + 1):
        gains = np.abs(scipy.signal.sosfreqz(sections[:count], np.linspace(0, np.pi, 5000))[1])
        assert gains.max() < 1.02


@given(band=st.sampled_from(["lowpass", "highpass"]), edge=st.floats(0.001, 49.99), order=st.integers(1, 8))
@settings(deadline=None, max_examples=60)
def test_a_filter_is_stable_and_near_its_design_or_refused(band, edge, order):
    design = Design(band, (edge,), 100.0, order)
    try:
        rounded = design.filter()
    except FeatureError as error:
        assert "decimate" in str(error)
        return
    poles = np.concatenate([np.roots(section[3:]) for section in rounded.second_order_sections()])
    assert np.abs(poles).max() < 1
    assert design.response_error(rounded) <= MAX_RESPONSE_ERROR


@pytest.mark.parametrize("value", [-32768, -1, 0, 1, 32767])
def test_a_constant_passes_a_low_pass_and_dies_in_a_high_pass(value):
    items = np.full((3000, 1), value, np.int16)
    passed = Design("lowpass", (5.0,), 100.0, 4).filter().batch(items)[-200:]
    assert np.abs(passed.astype(int) - value).max() <= 1 + abs(value) // 3000
    assert np.abs(Design("highpass", (5.0,), 100.0, 4).filter().batch(items)[-200:]).max() <= 1


def test_what_goes_beyond_int16_is_limited():
    items = np.repeat(np.tile([32767, -32768], 20), 40).astype(np.int16)[:, np.newaxis]
    rounded = Design("lowpass", (5.0,), 100.0, 4).filter()
    result = rounded.batch(items)[:, 0]
    expected = scipy.signal.sosfilt(rounded.second_order_sections(), items[:, 0].astype(float))
    assert expected.max() > 32767
    assert result.max() == 32767
    assert np.abs(result - expected.clip(-32768, 32767)).max() < 2500  # a limited section recovers later


def test_channels_and_frames_are_filtered_in_order():
    items = np.random.default_rng(0).integers(-9000, 9000, (60, 4, 2)).astype(np.int16)
    rounded = Design("bandpass", (5.0, 20.0), 100.0, 2).filter()
    flat = rounded.batch(items.reshape(240, 2))
    assert np.array_equal(rounded.batch(items).reshape(240, 2), flat)
    for channel in range(2):
        assert np.array_equal(rounded.batch(items.reshape(240, 2)[:, [channel]])[:, 0], flat[:, channel])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("notch", (5.0,), 100.0, 2), "lowpass, highpass, bandpass"),
        (("lowpass", (5.0, 6.0), 100.0, 2), "2 edges"),
        (("bandpass", (5.0,), 100.0, 2), "1 edges"),
        (("lowpass", (5.0,), 100.0, 0), "order 0"),
        (("lowpass", (5.0,), 100.0, 9), "order 9"),
        (("lowpass", (5.0,), 100.0, 2.5), "order 2.5"),
        (("lowpass", (50.0,), 100.0, 2), "between 0 and 50"),
        (("lowpass", (0.0,), 100.0, 2), "between 0 and 50"),
        (("lowpass", (float("nan"),), 100.0, 2), "between 0 and"),
        (("lowpass", (5.0,), float("inf"), 2), "between 0 and"),
        (("bandpass", (6.0, 5.0), 100.0, 2), "rising order"),
    ],
)
def test_no_filter(arguments, message):
    with pytest.raises(FeatureError, match=message):
        Design(*arguments)


def test_what_q14_cannot_hold_is_refused():
    with pytest.raises(FeatureError, match="unstable"):
        Design("lowpass", (0.01,), 100.0, 2).filter()
    with pytest.raises(FeatureError, match="off by up to"):
        Design("highpass", (0.1,), 100.0, 2).filter()


@pytest.mark.parametrize(
    ("coefficients", "message"),
    [
        ((), "0 coefficients"),
        ((1, 2, 3), "3 coefficients"),
        ((16384, 0, 0, 0, 16384, 0), "unstable"),
        ((16384, 0, 0, -32000, 15000, 0), "unstable"),
        ((40000, 0, 0, 0, 0, 0), "int16"),
        ((1, 0, 0, 0, 0, 16), "int16"),
        ((0.5, 0, 0, 0, 0, 0), "int16"),
    ],
)
def test_no_coefficients(coefficients, message):
    with pytest.raises(FeatureError, match=message):
        Filter(coefficients)


@pytest.mark.parametrize("source", [Signal((3,), "float32"), Signal((), "int16"), Signal((3,), "uint8")])
def test_no_samples(source):
    with pytest.raises(FeatureError, match="int16 samples"):
        Design("lowpass", (5.0,), 100.0, 2).filter().output(source)

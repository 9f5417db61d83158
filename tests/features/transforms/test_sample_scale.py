"""Numbers to int16: the ends of a range, what is beyond, how near the real value, and the fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features.transforms.sample_scale import HIGHEST, LOWEST, SampleScale


def test_a_range_is_scaled_to_its_ends_and_clipped_beyond():
    scale = SampleScale((-1000, 0, LOWEST), (1000, 5, HIGHEST))
    samples = np.array([[-1000, 0, LOWEST], [1000, 5, HIGHEST], [LOWEST, HIGHEST, 0]], np.int32)
    assert scale.batch(samples).tolist() == [[-32768] * 3, [32767] * 3, [-32768, 32767, 0]]


@given(st.integers(LOWEST, HIGHEST - 1), st.integers(1, 1 << 32), st.integers(LOWEST, HIGHEST))
def test_scaling_is_within_two_steps_of_the_real_value_and_never_overflows(low, span, value):
    high = min(low + span, HIGHEST)
    scale = SampleScale((low,), (high,))
    above = max(0, min(value, high) - low) >> scale.shifts[0]
    assert above * scale.multipliers[0] + (1 << 15) < 1 << 32
    real = min(max((value - low) * 65535 / (high - low), 0), 65535) - 32768
    # One step of the bits that are dropped, and a half of rounding, twice.
    assert abs(int(scale.batch(np.array([[value]], np.int32))[0, 0]) - real) <= 3


def test_a_fit_leaves_half_of_the_span_as_room_at_either_end():
    samples = np.array([[-100, 7, LOWEST], [300, 7, HIGHEST]], np.int32)
    scale = SampleScale().fitted_to(samples)
    assert scale.low == (-300, 6, LOWEST)
    assert scale.high == (500, 8, HIGHEST)
    assert scale.is_fitted
    assert not SampleScale().is_fitted


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ((0,), (0,), "choose low below high"),
        ((0,), (1 << 31,), "choose low below high"),
        ((0, 1), (1,), "give each channel both"),
    ],
)
def test_what_is_no_range_is_refused(low, high, said):
    with pytest.raises(FeatureError, match=said):
        SampleScale(low, high)

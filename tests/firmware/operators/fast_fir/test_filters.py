"""Filters give both positions' sums, and products that fit; their words are those of the inputs."""

import numpy as np
import pytest

from zerotap.firmware.operators.fast_fir.filters import filters
from zerotap.firmware.operators.straight.orders import HALF_MAX


@pytest.mark.parametrize("taps", range(2, 9))
def test_both_positions_have_their_sums(taps):
    rng = np.random.default_rng(taps)
    outputs, channels = 3, taps % 3 + 1
    weights = rng.integers(-127, 128, (outputs, taps, channels))
    data = rng.integers(-128, 128, (taps + 1, channels))
    words = np.stack([data[:-1], data[:-1] - data[1:]], axis=1).ravel()
    made = filters(weights)
    for start, own in enumerate((made.first, made.second)):
        expected = np.tensordot(weights, data[start:][:taps], axes=2)
        assert np.array_equal((made.shared + own) @ words, expected)
    products = 3 * (taps // 2) + 2 * (taps % 2)
    used = sum(np.any(part, axis=0).sum() for part in (made.shared, made.first, made.second))
    assert used == products * channels


@pytest.mark.parametrize("taps", range(2, 9))
def test_no_product_can_leave_half_a_word(taps):
    weights = np.where(np.arange(2 * taps) % 2, -128, 127).reshape(1, taps, 2)
    weights[:, ::2] = np.where(weights[:, ::2] < 0, -127, 127)
    made = filters(weights)
    for part in (made.shared, made.first, made.second):
        assert np.abs(part * np.array(made.reaches)).max() <= HALF_MAX


def test_one_tap_and_two_of_minus_128_that_would_be_added_are_refused():
    assert filters(np.full((1, 1, 4), 5)) is None
    assert filters(np.full((1, 2, 1), -128)) is None
    # The first of three taps is alone.
    assert filters(np.array([-128, -128, 0]).reshape(1, 3, 1)) is not None
    assert filters(np.array([0, -128, -128]).reshape(1, 3, 1)) is None

"""The board's rounding of large sums equals TensorFlow's, in double precision, wherever its results step."""

import numpy as np
import pytest

from zerotap.firmware.arithmetic.fixed_point import exact_multiplier, requantise_real
from zerotap.firmware.arithmetic.scaling import thresholds
from zerotap.firmware.arithmetic.wide import wide_multiplier

REACH = 256


def rounded(size: int, scale: float) -> int:
    """As runtime/zerotap_round_sums_once.c, in Python's integers."""
    multiplier, shift = wide_multiplier(scale)
    product = (size << max(shift, 0)) * multiplier >> max(-shift, 0)
    bits = (product >> 53) & 0xFFFFFFFF
    unit = 1 << bits.bit_length() >> 1
    return (product + unit + (1 << 63)) >> 64


def near_steps(scale: float, bound: int) -> np.ndarray:
    _, reached = thresholds(lambda sums: np.clip(requantise_real(sums, scale), -REACH, REACH), -bound, bound)
    near = np.concatenate([reached + step for step in (-1, 0, 1)])
    return np.clip(np.concatenate([near, [-bound, 0, bound]]), -bound, bound)


def assert_equal(scale: float, bound: int) -> None:
    sums = near_steps(scale, bound)
    got = np.sign(sums) * np.array([rounded(abs(int(each)), scale) for each in sums])
    expected = np.clip(requantise_real(sums, scale), -REACH, REACH)
    assert np.array_equal(np.clip(got, -REACH, REACH), expected), scale


@pytest.mark.parametrize("seed", range(60))
def test_it_equals_double_precision_for_every_sum(seed):
    rng = np.random.default_rng(seed)
    bound = int(rng.integers(1, (1 << int(rng.integers(1, 31))) + 1))
    scale = float(2.0 ** rng.uniform(-40, 6))
    if seed % 3 == 0:  # ties: a power of two
        scale = float(2.0 ** rng.integers(-33, 3))
    multiplier, shift = wide_multiplier(scale)
    assert multiplier == 0 or 1 << 63 <= multiplier < 1 << 64
    assert multiplier == 0 or multiplier * 2.0 ** (shift - 64) == scale
    assert_equal(scale, bound)


@pytest.mark.parametrize("odd", [21, 2047, 3995, 1 << 20 | 5])
def test_halves_that_double_precision_takes_for_ties(odd):
    """1 / (2 * odd) is no double: products of odd numbers of halves are beside them, on either side."""
    for factor in (1, 3, 7):
        assert_equal(1 / (2.0 * odd * factor), 520 * odd)


def test_there_are_scales_that_only_this_way_rounds():
    missing = [
        odd for odd in range(3001, 3201, 2) if exact_multiplier(1 / (2.0 * odd), 520 * odd, 200) is None
    ]
    assert missing
    for odd in missing:
        assert_equal(1 / (2.0 * odd), 520 * odd)

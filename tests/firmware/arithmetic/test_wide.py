"""A 64-bit multiplier equals TFLite's one rounding for every sum near a step, however large the sums are."""

import numpy as np
import pytest

from zerotap.firmware.arithmetic.fixed_point import exact_multiplier, requantise_real
from zerotap.firmware.arithmetic.scaling import thresholds
from zerotap.firmware.arithmetic.wide import wide_multiplier

REACH = 256


def by_multiplier(sums: np.ndarray, multiplier: int, shift: int) -> np.ndarray:
    whole = [((abs(int(each)) << shift) * multiplier + (1 << 63)) >> 64 for each in sums]
    return np.sign(sums) * np.array(whole)


def near_steps(scale: float, bound: int) -> np.ndarray:
    _, reached = thresholds(lambda sums: np.clip(requantise_real(sums, scale), -REACH, REACH), -bound, bound)
    near = np.concatenate([reached + step for step in (-1, 0, 1)])
    return np.clip(np.concatenate([near, [-bound, 0, bound]]), -bound, bound)


@pytest.mark.parametrize("seed", range(60))
def test_it_equals_double_precision_for_every_sum(seed):
    rng = np.random.default_rng(seed)
    bound = int(rng.integers(1, (1 << int(rng.integers(1, 31))) + 1))
    scale = float(2.0 ** rng.uniform(-34, 6))
    if seed % 3 == 0:  # ties: a power of two
        scale = float(2.0 ** rng.integers(-30, 3))
    multiplier, shift = wide_multiplier(scale, bound, REACH)
    assert 0 <= multiplier < 1 << 64
    sums = near_steps(scale, bound)
    got = np.clip(by_multiplier(sums, multiplier, shift), -REACH, REACH)
    assert np.array_equal(got, np.clip(requantise_real(sums, scale), -REACH, REACH))


def test_there_is_one_where_31_bits_have_none():
    missing = 0
    for seed in range(40):
        scale, bound = float(2.0 ** np.random.default_rng(seed).uniform(-22, -18)), 1 << 29
        missing += exact_multiplier(scale, bound, REACH) is None
        assert wide_multiplier(scale, bound, REACH) is not None
    assert missing > 10

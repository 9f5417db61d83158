"""Constants of the form that clamps last: TFLite's result for every sum, and nothing leaves 32 bits."""

import numpy as np
import pytest

from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import late_scales

COUNT = 6


def drawn(seed: int, largest: int) -> Outputs:
    """A layer whose results begin at the zero point, as behind a ReLU, or anywhere where it rounds once."""
    rng = np.random.default_rng(seed)
    low, high = -rng.integers(largest // 2, largest, COUNT), rng.integers(largest // 2, largest, COUNT)
    once, factors = bool(seed % 2), rng.uniform(0.5, 3, COUNT) * 255 / (high - low)
    point = int(rng.integers(-128, 100))
    least, most = (-128, 127) if once else (point, int(rng.integers(max(point, 0), 128)))
    return Outputs(
        rng.integers(-largest, largest, COUNT), factors.tolist(), low, high, once, point, least, most
    )


@pytest.mark.parametrize("largest", [1_000, 7_000, 60_000, 300_000])
@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_rule_for_every_sum(seed, largest):
    outputs = drawn(seed, largest)
    found = late_scales(outputs)
    assert found is not None
    for number, each in enumerate(found.each):
        sums = np.arange(outputs.low[number], outputs.high[number] + 1)
        assert np.array_equal(found.form.apply(each, sums), outputs.rule(number)(sums))
        x = np.maximum(sums - each.low, 0)
        scaled = x * each.factor + (x * each.fraction >> found.form.bits) + each.offset
        assert (x * each.fraction).max() < 1 << 32 and np.abs(scaled).max() < 1 << 31
        assert found.clamps(number) == bool((scaled >> found.form.shift).max() > found.form.most)


def test_two_roundings_of_both_signs_and_results_below_zero_have_none():
    twice = drawn(0, 3_000)
    assert late_scales(Outputs(*_fields(twice, once=False, minimum=-128, maximum=127))) is None
    assert late_scales(Outputs(*_fields(twice, once=True, minimum=-128, maximum=-1))) is None


def _fields(outputs: Outputs, once: bool, minimum: int, maximum: int) -> tuple:
    scales = outputs.offsets * 0, [0.05] * COUNT, outputs.low, outputs.high
    return *scales, once, 0, minimum, maximum

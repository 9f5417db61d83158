"""Constants for two small multiplies: TFLite's result for every sum, in the 32 bits that the board has."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from zerotap.firmware.arithmetic.fixed_point import (
    quantise_multiplier,
    requantise,
    requantise_halves_up,
    requantise_real,
)
from zerotap.firmware.arithmetic.scaling import NARROW_BITS, WIDE_BITS, Scale, Signs, scale, signs, thresholds
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import requantisers

EVERY_SUM = 1 << 16
DRAWS = 400
SUM_MAX = (1 << 30) - 1
LEAST = -(1 << 31)
TWICE = {"twice": requantise, "halves up": requantise_halves_up}
ROUNDINGS = ["once", *TWICE]


@dataclass(frozen=True)
class Output:
    """One output of a layer: raw sums lack ``bias``; the result is clamped to [minimum, maximum]."""

    factor: float
    bias: int
    low: int
    high: int
    zero_point: int
    minimum: int
    maximum: int
    rounding: str

    def rule(self, sums: np.ndarray) -> np.ndarray:
        totals = np.asarray(sums, np.int64) + self.bias
        multiplier, shift = quantise_multiplier(self.factor)
        if self.rounding == "once":
            scaled = requantise_real(totals, self.factor)
        else:
            scaled = TWICE[self.rounding](totals, multiplier, shift)
        return np.clip(scaled + self.zero_point, self.minimum, self.maximum)

    def signs(self) -> Signs | None:
        """Of two roundings, where the results have both signs."""
        _, reached = thresholds(self.rule, self.low, self.high)
        if self.rounding != "twice" or reached.size == 0 or not reached[0] <= -self.bias <= reached[-1]:
            return None
        return signs(-self.bias, self.zero_point, quantise_multiplier(self.factor)[1])

    def sums(self) -> np.ndarray:
        """All that can be, or those around the thresholds, at the ends, and some between."""
        if self.high - self.low < EVERY_SUM:
            return np.arange(self.low, self.high + 1)
        _, reached = thresholds(self.rule, self.low, self.high)
        near = np.concatenate([reached + step for step in range(-2, 3)])
        ends = [self.low, self.low + 1, -self.bias - 1, -self.bias, -self.bias + 1, self.high - 1, self.high]
        between = np.random.default_rng(0).integers(self.low, self.high + 1, 1000)
        return np.clip(np.concatenate([near, ends, between]), self.low, self.high)


@st.composite
def outputs(draw, exponents=(-13.0, 1.0)) -> Output:
    factor = 2.0 ** draw(st.floats(*exponents, allow_nan=False))
    reach = draw(st.sampled_from([3, 300, 30_000, int(300 / factor), 1 << 24, (1 << 29) - (1 << 21)]))
    bias = draw(st.integers(-min(reach, 1 << 21), min(reach, 1 << 21)))
    low, high = sorted(draw(st.lists(st.integers(-reach, reach), min_size=2, max_size=2)))
    if draw(st.booleans()):
        low, high = -reach, reach
    whole = draw(st.booleans())
    ends = [-128, 127] if whole else sorted(draw(st.lists(st.integers(-128, 127), min_size=2, max_size=2)))
    return Output(
        factor, bias, low, high, draw(st.integers(-128, 127)), *ends, draw(st.sampled_from(ROUNDINGS))
    )


def on_the_board(found: Scale, sums: np.ndarray, middle: int) -> np.ndarray:
    """runtime/zerotap_scale_run.h, modulo 2^32 wherever the core is."""
    x = np.clip(sums - found.low, 0, found.span).astype(np.uint32)
    factor, fraction = np.uint32(found.factor), np.uint32(found.fraction)
    if found.bits == NARROW_BITS:
        part = x * fraction >> np.uint32(14)
    else:
        part = (x >> np.uint32(16)) * fraction + ((x & np.uint32(0xFFFF)) * fraction >> np.uint32(16))
    scaled = (x * factor + part + np.uint32(found.offset & 0xFFFFFFFF)).view(np.int32)
    below = np.where(scaled < middle, np.uint32(found.step), np.uint32(0))
    return (scaled.view(np.uint32) - below).view(np.int32) >> 24


@pytest.mark.parametrize("bits", [NARROW_BITS, WIDE_BITS])
@settings(max_examples=DRAWS, deadline=None)
@given(outputs())
@example(Output(2.0**-6, 0, -20000, 20000, 0, -128, 127, "twice"))
@example(Output(2.0**-1, 3, -300, 300, 7, -128, 127, "twice"))
@example(Output(2.0, 0, -300, 300, -128, -128, 127, "once"))
def test_what_is_found_equals_tflite_for_every_sum(bits, output):
    signed = output.signs()
    found = scale(output.rule, output.low, output.high, output.factor, bits, signed)
    if found is None:
        return
    assert found.bits == bits
    assert -(1 << 30) <= found.low <= SUM_MAX
    assert 0 <= found.span < 1 << (18 if bits == NARROW_BITS else 32)
    assert 0 <= found.fraction < 1 << bits
    assert 0 <= found.factor < 1 << 32
    assert 0 <= found.step < 1 << 24
    middle = signed.middle if signed else LEAST
    assert middle & 0xFFFF == 0, "the kernel is given its upper half alone"
    sums = output.sums()
    expected = output.rule(sums)
    assert np.array_equal(found.apply(sums, middle), expected)
    assert np.array_equal(on_the_board(found, sums, middle), expected)


def ordinary(seed: int, exponents: tuple[float, float]) -> Output:
    """An output as layers have it: sums reach somewhat beyond what int8 holds."""
    rng = np.random.default_rng(seed)
    factor = float(2.0 ** rng.uniform(*exponents))
    reach = int(rng.uniform(100, 2000) / factor)
    bias, zero_point = int(rng.integers(-reach // 4, reach // 4 + 1)), int(rng.integers(-128, 128))
    minimum = zero_point if rng.random() < 0.3 else -128
    return Output(factor, bias, -reach, reach, zero_point, minimum, 127, str(rng.choice(ROUNDINGS)))


@pytest.mark.parametrize(
    ("bits", "exponents", "share"), [(WIDE_BITS, (-12, -1), 0.99), (NARROW_BITS, (-9, -2), 0.9)]
)
def test_nearly_every_ordinary_output_has_constants(bits, exponents, share):
    drawn = [ordinary(seed, exponents) for seed in range(DRAWS)]
    missing = [
        seed
        for seed, output in enumerate(drawn)
        if scale(output.rule, output.low, output.high, output.factor, bits, output.signs()) is None
    ]
    assert len(missing) <= (1 - share) * DRAWS, ("seeds without constants", missing)


@pytest.mark.parametrize("rounding", ["once", "twice"])
def test_outputs_of_one_factor_have_a_way_however_large_it_is(rounding):
    for seed in range(DRAWS):
        output = ordinary(seed, (-1, 5))
        layer = Outputs(
            np.array([output.bias]),
            [output.factor],
            np.array([output.low]),
            np.array([output.high]),
            rounding == "once",
            output.zero_point,
            output.minimum,
            output.maximum,
        )
        assert requantisers(layer), seed


@settings(max_examples=DRAWS, deadline=None)
@given(outputs())
def test_thresholds_are_the_first_sums_of_their_results(output):
    first, reached = thresholds(output.rule, output.low, output.high)
    assert first == output.rule(np.array([output.low]))[0]
    results = np.arange(first + 1, first + 1 + reached.size)
    assert np.all(output.rule(reached) >= results)
    assert np.all(output.rule(reached - 1) < results)
    assert first + reached.size == output.rule(np.array([output.high]))[0]


def test_a_span_that_a_narrow_product_cannot_hold_has_no_narrow_constants():
    wide = Output(2.0**-11.5, 0, -(1 << 20), 1 << 20, 0, -128, 127, "once")
    assert scale(wide.rule, wide.low, wide.high, wide.factor, NARROW_BITS) is None
    found = scale(wide.rule, wide.low, wide.high, wide.factor, WIDE_BITS)
    assert found is not None
    assert found.span >= 1 << 18


@pytest.mark.parametrize("bits", [NARROW_BITS, WIDE_BITS])
def test_a_rule_without_constants_is_refused(bits):
    """Steps of changing width lie on no line."""
    bent = np.array([0, 10, 20, 30, 300, 310, 320, 330, 1300])

    def rule(sums: np.ndarray) -> np.ndarray:
        return np.searchsorted(bent, sums, side="right")

    assert scale(rule, -100, 2000, 0.05, bits) is None

"""Time codes, key bits, keystroke times, decimation and range scaling: what they mean, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features.transforms.decimate import Decimate
from zerotap.features.transforms.elapsed_time import ElapsedTime, log2_code
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.item_times import elapsed_ms, rows_of, timed, times_ms, untimed
from zerotap.features.transforms.key_bits import KeyBits
from zerotap.features.transforms.keystroke_timing import KeystrokeTiming
from zerotap.features.transforms.range_scale import RangeScale

A, B, LEFT_SHIFT = 0x04, 0x05, 0xE1


def at_ms(*times: int) -> np.ndarray:
    return np.array(times, np.int64) * 1_000_000


def report(*keys: int, modifiers: int = 0) -> list[int]:
    return [modifiers, 0, *keys, *[0] * (6 - len(keys))]


def strokes(*events: tuple[int, list[int]]) -> list[list[int]]:
    times, reports = zip(*events, strict=True)
    items = timed(at_ms(*times), np.array(reports, np.uint8))
    return KeystrokeTiming().batch(items).tolist()


def test_the_time_code_has_eight_steps_an_octave():
    times = np.array([0, 1, 2, 3, 7, 15, 999, 3_600_000, (1 << 31) - 1], np.int64)
    assert log2_code(times).tolist() == [0, 8, 12, 16, 24, 32, 79, 173, 248]


@given(st.integers(0, (1 << 31) - 1), st.integers(0, (1 << 31) - 1))
def test_the_time_code_grows_and_a_step_is_at_most_an_eighth(one, other):
    first, second = log2_code(np.array(sorted((one, other)), np.int64)).tolist()
    assert first <= second
    if first == second:
        assert abs(one - other) <= (min(one, other) + 1) / 8


def test_timed_items_give_back_times_and_rows():
    rows = np.arange(6, dtype=np.int16).reshape(3, 2)
    items = timed(at_ms(1_000_000, 1_000_005, 1_070_000), rows)
    assert items.dtype == np.int16
    assert items.shape == (3, 4)
    assert times_ms(items).tolist() == [0, 5, 70_000]
    assert np.array_equal(rows_of(items), rows)
    assert np.shares_memory(rows_of(items), items)
    assert untimed(Signal((4,), "int16")) == Signal((2,), "int16")


def test_a_clock_passes_over_2_to_the_32_and_stands_still_where_it_runs_back():
    clock = np.array([0xFFFFFFF0, 0x10, 0x0F, 0x1F], "<u4").view(np.uint8).reshape(4, 4)
    assert elapsed_ms(np.pad(clock, ((0, 0), (0, 1)))).tolist() == [0, 32, 0, 16]


def test_elapsed_time_is_the_first_channel():
    items = timed(at_ms(0, 0, 15), np.array([report(), report(A), report()], np.uint8))
    assert ElapsedTime().batch(items)[:, [0, 3]].tolist() == [[0, 0], [0, A], [32, 0]]
    kept = ElapsedTime(keep_time=True).batch(items)
    assert times_ms(kept).tolist() == [0, 0, 15]
    assert np.array_equal(rows_of(kept), ElapsedTime().batch(items))


def test_key_bits_in_the_order_of_the_modifiers_and_of_the_keys():
    rows = np.array([[77, *report(B, modifiers=0x82)], [1, *report(0x06, A, B)]], np.uint8)
    bits = KeyBits((B, A)).batch(rows)
    assert bits[0].tolist() == [77, 0, 255, 0, 0, 0, 0, 0, 255, 255, 0]
    assert bits[1].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255]


def test_dwell_from_press_to_release_flight_from_press_to_press():
    events = [(100, report(A)), (180, report()), (300, report(B)), (360, report())]
    assert strokes(*events) == [[A, 80, 0], [B, 60, 200]]


def test_overlapping_keys_are_given_as_they_are_released():
    events = [(0, report(A)), (50, report(A, B)), (90, report(B)), (140, report())]
    assert strokes(*events) == [[A, 90, 0], [B, 90, 50]]


def test_a_modifier_is_a_key_and_goes_up_after_the_others():
    events = [(0, report(modifiers=2)), (30, report(A, modifiers=2)), (100, report()), (200, report(A))]
    assert strokes(*events) == [[A, 70, 30], [LEFT_SHIFT, 100, 0]]


def test_rollover_errors_only_pass_the_time_and_long_times_are_cut():
    events = [(0, report(A)), (20, report(*[1] * 6)), (90, report()), (90_000, report(B)), (90_001, report())]
    assert strokes(*events) == [[A, 90, 0], [B, 1, 32767]]


def test_the_typist_s_own_times_come_back(typed_reports):
    """Every press of the typist's reports has its dwell, found here by another way: a scan key by key."""
    times, reports = typed_reports
    items = timed(times, reports)
    milliseconds = times_ms(items).astype(np.int64)
    expected = []
    for usage in np.unique(reports[:, 2:])[1:]:
        down = np.flatnonzero(np.diff((reports[:, 2:] == usage).any(axis=1).astype(int), prepend=0))
        pairs = milliseconds[down[: len(down) // 2 * 2]].reshape(-1, 2)
        expected += [(int(usage), int(up - press)) for press, up in pairs]
    got = [(usage, dwell) for usage, dwell, _ in KeystrokeTiming().batch(items).tolist() if usage < 0xE0]
    assert len(got) > 20
    assert sorted(got) == sorted(expected)


@pytest.fixture
def typed_reports() -> tuple[np.ndarray, np.ndarray]:
    from zerotap.capture import Typist

    typed = Typist(seed=3).type("the Quick brown fox jumps over it all", 0)
    times = np.array([one.offset_ns for one in typed], np.int64)
    return times, np.frombuffer(b"".join(one.data for one in typed), np.uint8).reshape(-1, 8)


def test_decimation_rounds_to_nearest_and_halves_up():
    samples = np.array([1, 2, -1, -2, 7, 8, 32767, 32767, -32768, -32768, 5], np.int16)
    assert Decimate(2).batch(samples).tolist() == [2, -1, 8, 32767, -32768]


def test_a_range_is_scaled_to_its_ends_and_clipped_beyond():
    scale = RangeScale.fitted(np.array([[-1000, 0], [1000, 5], [3, 2]], np.int16))
    assert (scale.low, scale.high) == ((-1000, 0), (1000, 5))
    samples = np.array([[-1000, 0], [1000, 5], [0, 1], [32767, -32768]], np.int16)
    assert scale.batch(samples).tolist() == [[-128, -128], [127, 127], [0, -77], [127, -128]]


@given(st.integers(-32768, 32766), st.integers(1, 65535), st.integers(-32768, 32767))
def test_range_scaling_is_within_half_a_step_and_a_hair_of_the_real_value(low, span, value):
    high = min(low + span, 32767)
    real = min(max((value - low) * 255 / (high - low), 0), 255) - 128
    got = int(RangeScale((low,), (high,)).batch(np.array([[value]], np.int16))[0, 0])
    assert abs(got - real) <= 0.5 + 65535 / (1 << 23)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Decimate(1),
        lambda: Decimate(257),
        lambda: KeyBits(()),
        lambda: KeyBits((A, A)),
        lambda: KeyBits((3,)),
        lambda: KeyBits((0xE0,)),
        lambda: RangeScale((0,), (0,)),
        lambda: RangeScale((0, 1), (1,)),
        lambda: RangeScale((-40000,), (0,)),
        lambda: RangeScale.fitted(np.zeros((9, 2), np.int16)),
        lambda: RangeScale.fitted(np.zeros((0, 2), np.int16)),
        lambda: RangeScale((0, 0), (1, 1)).output(Signal((3,), "int16")),
        lambda: KeystrokeTiming().output(Signal((8,), "uint8")),
        lambda: ElapsedTime().output(Signal((4,), "uint8")),
        lambda: KeyBits((A,)).output(Signal((7,), "uint8")),
        lambda: timed(at_ms(1), np.zeros((2, 8), np.uint8)),
    ],
)
def test_what_cannot_be_is_refused(wrong):
    with pytest.raises(FeatureError, match=r"choose|give|use|record|leave"):
        wrong()

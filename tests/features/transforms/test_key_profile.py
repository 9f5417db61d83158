"""A typist's profile: values of chosen keys, quantiles of all strokes, keys taken from recordings."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording
from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.transforms.interface import Signal, run_stream
from zerotap.features.transforms.key_profile import EIGHTHS, STROKE, KeyProfile
from zerotap.features.transforms.keystroke_timing import KeystrokeTiming

A, B, SHIFT = 0x04, 0x05, 0xE1
STROKES = st.lists(
    st.tuples(st.sampled_from([A, B, SHIFT, 0x1E]), st.integers(-5, 32767), st.integers(-5, 32767)),
    max_size=40,
)


def code(milliseconds: int) -> int:
    """Eight steps an octave, as the docstring of log2_code says it."""
    octave = (abs(milliseconds) + 1).bit_length() - 1
    size = 8 * octave + ((abs(milliseconds) + 1) * 8 // 2**octave - 8)
    return -size if milliseconds < 0 else size


def row_of(profile: KeyProfile, strokes) -> list[int]:
    return profile.batch(np.array(strokes, np.int16).reshape(-1, 3))[0].tolist()


def test_a_key_has_the_codes_of_its_last_stroke():
    profile = KeyProfile((A, B, 0x1E), quantiles=False)
    strokes = [(A, 90, 0), (B, 120, 200), (A, 60, 100)]
    # B was pressed 200 - 90 ms after A's release, A again 20 ms before B's.
    assert row_of(profile, strokes) == [
        *(127, code(60), code(100), code(-20)),
        *(127, code(120), code(200), code(110)),
        *(0, 0, 0, 0),
    ]


@given(st.lists(st.tuples(st.just(A), st.integers(0, 32767), st.integers(0, 32767)), min_size=1, max_size=60))
def test_quantiles_are_order_statistics_of_the_codes(strokes):
    dwells = sorted(code(dwell) for _, dwell, _ in strokes)
    flights = sorted(code(flight) for _, _, flight in strokes)
    row = row_of(KeyProfile((A,)), strokes)
    ranks = [(len(strokes) - 1) * part // 8 for part in EIGHTHS]
    assert row[4:9] == [dwells[rank] for rank in ranks]
    assert row[9:14] == [flights[rank] for rank in ranks]


@pytest.mark.parametrize("profile", [KeyProfile((A, SHIFT)), KeyProfile((B,), strokes=7)])
@given(STROKES)
def test_batch_equals_stream(profile, strokes):
    items = np.array(strokes, np.int16).reshape(-1, 3)
    streamed = run_stream(profile.stream(STROKE), items)
    assert np.array_equal(profile.batch(items), streamed)


def test_rows_of_some_strokes_and_of_the_rest():
    profile = KeyProfile((A,), quantiles=False, strokes=2)
    rows = profile.batch(np.array([(A, 10, 0), (B, 20, 30), (B, 5, 5)], np.int16))
    assert rows.tolist() == [[127, code(10), 0, 0], [0, 0, 0, 0]]
    assert profile.batch(np.zeros((4, 3), np.int16)).shape == (2, 4)


def test_a_recording_without_a_stroke_is_a_row_of_zeros():
    assert not any(row_of(KeyProfile((A, B)), []))


def test_the_values_have_names():
    names = KeyProfile((A, SHIFT)).feature_names(STROKE)
    assert names[:5] == ["present_4", "dwell_4", "press_press_4", "release_press_4", "present_225"]
    assert names[-1] == "release_press_7_8"
    assert len(names) == KeyProfile((A, SHIFT)).output(STROKE).size == 8 + 15


def recording_of(usages, typing, step_ms=100):
    reports = typing([(0, usage, False) for usage in usages])
    packets = [Packet(n * step_ms * 1_000_000, 0x81, row.tobytes()) for n, row in enumerate(reports)]
    return Recording.from_packets(packets)


def test_training_takes_the_most_frequent_keys(typing):
    profile = KeyProfile(most_keys=2, quantiles=False)
    pipeline = Pipeline("who", (KeystrokeTiming(), profile), "timed_reports")
    assert not pipeline.is_fitted
    training = [(recording_of([9, 9, 4, 7], typing), 0), (recording_of([7, 9], typing), 1)]
    fitted = pipeline.fitted(training)
    assert fitted.stages[-1] == dataclasses.replace(profile, keys=(7, 9))
    assert Pipeline.from_toml(fitted.to_toml()) == fitted
    windows = fitted.transform(training)
    assert (windows.x.shape, windows.x.dtype) == ((2, 8), np.int8)
    assert windows.groups.tolist() == [0, 1]
    assert windows.x[1, 4:6].tolist() == [127, code(100)]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"keys": (3,)}, "choose up to 64 different usages"),
        ({"keys": (4, 4)}, "different usages"),
        ({"keys": (0xE8,)}, "from 0x04 to 0xe7"),
        ({"most_keys": 0}, "choose 1 to 64"),
        ({"most_keys": 65}, "choose 1 to 64"),
        ({"strokes": -1}, "choose 1 to 65535, or 0"),
    ],
)
def test_other_values_are_refused(fields, message):
    with pytest.raises(FeatureError, match=message):
        KeyProfile(**fields)


def test_other_items_are_refused_with_what_to_put_before():
    with pytest.raises(FeatureError, match="put keystroke_timing before it"):
        KeyProfile((A,)).output(Signal((12,), "uint8"))

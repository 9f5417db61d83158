"""Key presses as ids."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording
from zerotap.features import Pipeline
from zerotap.features.transforms.interface import run_stream
from zerotap.features.transforms.key_ids import KEY_IDS, KeyIds
from zerotap.features.transforms.pad_ids import PadIds
from zerotap.features.transforms.typed_words import BOOT_REPORT

A, F6, F7, KEYPAD_1, CAPS_LOCK, LAST = 0x04, 0x3F, 0x40, 0x59, 0x39, 0xDF


@pytest.mark.parametrize(
    ("modifiers", "usage", "expected"),
    [
        (0, A, A),
        (0x02, A, A + 64),
        (0x20, A, A + 64),
        (0x01, A, A),
        (0x41, A, A),
        (0, CAPS_LOCK, CAPS_LOCK),
        (0, F6, 63),
        (0x22, F6, 127),
        (0, F7, 1),
        (0, KEYPAD_1, 1),
        (0x02, LAST, 65),
    ],
)
def test_an_id_is_the_usage_and_64_with_shift(typing, modifiers, usage, expected):
    assert KeyIds().batch(typing([(modifiers, usage, False)])).tolist() == [expected]


def test_each_press_gives_one_whatever_is_held(typing):
    reports = typing([(0, 4, True), (0, 5, True), (2, 6, False), (0, 1, False), (0, 4, False)])
    assert KeyIds().batch(reports).tolist() == [4, 5, 70, 4]


@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0x02, 0x21, 0x80]), st.integers(0x04, 0xDF), st.booleans()), max_size=60
    )
)
def test_batch_equals_stream_and_every_id_has_a_row(typing, strokes):
    reports = typing(strokes)
    ids = KeyIds().batch(reports)
    assert ids.tolist() == run_stream(KeyIds().stream(BOOT_REPORT), reports)
    assert ((ids > 0) & (ids < KEY_IDS)).all()


def test_a_pipeline_of_them_is_raw_and_has_a_table_of_128_rows(typing):
    pipeline = Pipeline("keys", (KeyIds(), PadIds(5)))
    assert (pipeline.kind, pipeline.buckets, pipeline.input_shape) == ("raw", 128, (5,))
    reports = typing([(0, 4, False), (2, 5, False)])
    recording = Recording.from_packets([Packet(n, 0x81, row.tobytes()) for n, row in enumerate(reports)])
    windows = pipeline.transform([(recording, 1)])
    assert np.array_equal(windows.x, [[4, 69, 0, 0, 0]])

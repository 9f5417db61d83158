"""The pipeline: TOML there and back, and windows of both kinds from the same recordings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording
from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.text import word_ids

PIPELINES = st.builds(
    Pipeline,
    name=st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20),
    kind=st.sampled_from(["raw", "text"]),
    length=st.integers(20, 500),
    hop=st.integers(1, 20),
    minimum_fill=st.floats(0, 1),
    report_bytes=st.integers(1, 64),
    buckets=st.integers(2, 100_000),
)


def typed(text: str) -> Recording:
    """Press and release each letter or blank, one report each."""
    usage = {letter: 4 + number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz")} | {" ": 44}
    reports = [bytes([0, 0, key, 0, 0, 0, 0, 0]) for letter in text for key in (usage[letter], 0)]
    return Recording.from_packets([Packet(n, 0x81, data) for n, data in enumerate(reports)], name=text)


@given(PIPELINES)
def test_toml_there_and_back(pipeline):
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline


@pytest.mark.parametrize("text", ["", "name = 3 =", 'name = "a"\nkind = "raw"\nlength = 4\nhop = 2\nx = 1'])
def test_what_is_no_pipeline_is_refused(text):
    with pytest.raises(FeatureError, match="no pipeline"):
        Pipeline.from_toml(text)


def test_an_unknown_kind_lists_the_known_ones():
    with pytest.raises(FeatureError, match="raw, text"):
        Pipeline("x", "audio", 4, 4)


def test_raw_windows_are_the_reports_and_know_their_recording():
    recordings = [(typed("ab cd"), 1), (typed("e"), 0)]
    windows = Pipeline("x", "raw", length=4, hop=2).transform(recordings, first_group=7)
    assert windows.x.shape == (5, 4, 8)
    assert windows.x.dtype == np.uint8
    assert windows.y.tolist() == [1, 1, 1, 1, 0]
    assert windows.groups.tolist() == [7, 7, 7, 7, 8]
    assert np.array_equal(windows.x[1], recordings[0][0].reports(8)[2:6])


def test_text_windows_are_the_words_ids():
    windows = Pipeline("x", "text", length=4, hop=4, buckets=100).transform([(typed("hello there hello"), 0)])
    assert windows.x.dtype == np.int32
    assert windows.x.tolist() == [[*word_ids("hello there hello", 100), 0]]


def test_a_text_without_words_is_one_window_of_padding():
    windows = Pipeline("x", "text", length=4, hop=4).transform([(typed("  "), 0)])
    assert windows.x.tolist() == [[0, 0, 0, 0]]


def test_a_recording_without_reports_is_named():
    mouse = Recording.from_packets([Packet(0, 0x81, b"abcd")], name="mouse")
    with pytest.raises(FeatureError, match="mouse"):
        Pipeline("x", "raw", 4, 4).transform([(mouse, 0)])


def test_no_recordings_are_refused():
    with pytest.raises(FeatureError, match="no recordings"):
        Pipeline("x", "raw", 4, 4).transform([])

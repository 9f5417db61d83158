"""The pipeline: TOML there and back, and windows of both kinds from the same recordings."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Event, Packet, Recording, encode_frames
from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.elapsed_time import ElapsedTime
from zerotap.features.transforms.interface import Signal
from zerotap.features.transforms.range_scale import RangeScale
from zerotap.features.transforms.registry import TRANSFORMS
from zerotap.features.transforms.typed_words import TypedWords
from zerotap.features.transforms.whole_text import TypedText
from zerotap.features.transforms.window_statistics import Statistics

WINDOWS = {
    "name": st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), max_size=20),
    "length": st.integers(20, 500),
    "hop": st.integers(1, 20),
    "minimum_fill": st.floats(0, 1),
}
PIPELINES = st.one_of(
    st.builds(Pipeline.raw, **WINDOWS, report_bytes=st.integers(1, 64)),
    st.builds(Pipeline.text, **WINDOWS, buckets=st.integers(2, 60_000)),
)


def typed(text: str) -> Recording:
    """Press and release each letter or blank, one report each."""
    usage = {letter: 4 + number for number, letter in enumerate("abcdefghijklmnopqrstuvwxyz")} | {" ": 44}
    reports = [bytes([0, 0, key, 0, 0, 0, 0, 0]) for letter in text for key in (usage[letter], 0)]
    return Recording.from_packets([Packet(n, 0x81, data) for n, data in enumerate(reports)], name=text)


@given(PIPELINES)
def test_toml_there_and_back(pipeline):
    assert Pipeline.from_toml(pipeline.to_toml()) == pipeline


@pytest.mark.parametrize("kind", TRANSFORMS.values(), ids=TRANSFORMS)
def test_every_transform_comes_back_from_toml(kind):
    for transform, source in kind.examples():
        pipeline = leading_to(transform, source)
        if pipeline:
            assert Pipeline.from_toml(pipeline.to_toml()) == pipeline


def leading_to(transform, source) -> Pipeline | None:
    """A pipeline that gives a transform what it takes, where one can."""
    sources = {"uint8": "reports", "int16": "samples"}
    if source == Signal((), "int32"):
        return Pipeline("x", (TypedWords(), transform))
    if source.dtype == "int32" and len(source.shape) == 1:
        means = (CountWindows(2, 2), Statistics(("mean",)))
        return Pipeline("x", (*means, transform), "samples", 2 * source.shape[0])
    if source.dtype not in sources or not 1 <= len(source.shape) <= 2:
        return None
    row_bytes = source.nbytes // (source.shape[0] if len(source.shape) == 2 else 1)
    before = [CountWindows(source.shape[0], source.shape[0])] if len(source.shape) == 2 else []
    return Pipeline("x", (*before, transform), sources[source.dtype], row_bytes)


def test_every_transform_can_stand_in_a_pipeline():
    led = {name for name, kind in TRANSFORMS.items() if any(leading_to(*one) for one in kind.examples())}
    assert led == set(TRANSFORMS)


@pytest.mark.parametrize(
    "text",
    ["", "name = 3 =", 'name = "a"\nstages = 3', "a = " + 5000 * "["],
)
def test_what_is_no_pipeline_is_refused(text):
    with pytest.raises(FeatureError, match="no pipeline"):
        Pipeline.from_toml(text)


@pytest.mark.parametrize(
    ("stages", "fault"),
    [
        ("3", "stage 1 names no transform"),
        ("{length = 4}", "stage 1 names no transform"),
        ("{transform = 4}", "stage 1 names no transform"),
        ('{transform = "windows", length = 4, hop = 2, x = 1}', "there is no field x"),
        ('{transform = "windows", length = 4}', "hop is missing"),
        ('{transform = "windows", length = "4", hop = 2}', "length = '4' is no int"),
        ('{transform = "windows", length = 4.0, hop = 2}', "length = 4.0 is no int"),
        ('{transform = "windows", length = [4], hop = 2}', "length = [4] is no int"),
        ('{transform = "windows", length = true, hop = true}', "length = True is no int"),
        (
            '{transform = "windows", length = 4, hop = 2, minimum_fill = "0"}',
            "minimum_fill = '0' is no float",
        ),
        ('{transform = "key_bits", keys = [4, "5"]}', "keys = [4, '5'] is no list of int"),
        ('{transform = "key_bits", keys = 4}', "keys = 4 is no list of int"),
    ],
)
def test_a_wrong_field_names_its_stage_and_lists_the_allowed_ones(stages, fault):
    with pytest.raises(FeatureError) as raised:
        Pipeline.from_toml(f'name = "a"\nstages = [{stages}]')
    assert fault in str(raised.value)
    if "windows" in stages:
        assert str(raised.value) == (
            f"stage 1 (windows): {fault}: windows takes length (int, required, 1 to 32,768 items); "
            "hop (int, required, 1 to length items); minimum_fill (float, default 0.5, 0 to 1); "
            'padding (str, default "zero", one of zero, edge, drop)'
        )


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("x = 1", "there is no field x: a pipeline takes name (str, required); source (str, "),
        ("report_bytes = 8.0", "report_bytes = 8.0 is no int: "),
    ],
)
def test_a_wrong_field_of_the_pipeline_lists_the_allowed_ones(line, fault):
    with pytest.raises(FeatureError) as raised:
        Pipeline.from_toml(f'name = "a"\n{line}\nstages = [{{transform = "windows", length = 4, hop = 2}}]')
    assert str(raised.value).startswith(fault)


@pytest.mark.parametrize(
    ("stages", "fault"),
    [
        ('{transform = "windows", length = 4, hop = 2}, {transform = "narrow", shift = 99}', "99"),
        ('{transform = "windows", length = 4, hop = 2}, {transform = "narrow", shift = 9}', "uint8"),
    ],
)
def test_what_a_stage_refuses_names_the_stage(stages, fault):
    with pytest.raises(FeatureError, match=rf"^stage 2 \(narrow\): .*{fault}"):
        Pipeline.from_toml(f'name = "a"\nstages = [{stages}]')


def test_a_file_that_is_no_pipeline_is_named(tmp_path):
    file = tmp_path / "p.toml"
    with pytest.raises(FeatureError, match=r"p\.toml cannot be read"):
        Pipeline.read(file)
    file.write_bytes(b"\xff")
    with pytest.raises(FeatureError, match=r"p\.toml cannot be read"):
        Pipeline.read(str(file))
    file.write_text("name = 3")
    with pytest.raises(FeatureError, match=r"p\.toml: this is no pipeline"):
        Pipeline.read(file)


def test_an_unknown_source_or_transform_lists_the_known_ones():
    with pytest.raises(FeatureError, match="reports, timed_reports"):
        Pipeline("x", (CountWindows(4, 4),), "audio")
    with pytest.raises(FeatureError, match="range_scale"):
        Pipeline.from_toml('name = "a"\nstages = [{transform = "spectogram"}]')
    with pytest.raises(FeatureError, match=r"stage 1 \(spectogram\): there is no transform"):
        Pipeline.from_toml('name = "a"\nstages = [{transform = "spectogram"}]')


def test_a_stage_that_does_not_take_what_comes_is_refused():
    with pytest.raises(FeatureError, match="range_scale"):
        Pipeline("x", (RangeScale((0,), (1,)),))
    with pytest.raises(FeatureError, match="no stage"):
        Pipeline("x", ())
    with pytest.raises(FeatureError, match="even"):
        Pipeline("x", (RangeScale((0,), (1,)),), "samples", 3)


def test_windows_cross_no_gap():
    typed_with_gap = replace(typed("abcd"), events=(Event(3, "gap"),))
    windows = Pipeline.raw("x", length=4, hop=4).transform([(typed_with_gap, 0)])
    assert windows.x[:, :, 2].tolist() == [[4, 0, 5, 0], [0, 6, 0, 7]]


def test_timed_reports_and_samples():
    stages = (ElapsedTime(), CountWindows(2, 2))
    times = Pipeline("x", stages, "timed_reports").transform([(typed("a"), 0)])
    assert times.x.tolist() == [[[0, 0, 0, 4, 0, 0, 0, 0, 0], [0] * 9]]
    samples = Recording.from_packets([Packet(0, 0x81, bytes([1, 0, 255, 255])), Packet(1, 0x81, bytes(4))])
    scaled = Pipeline("x", (RangeScale((-1,), (1,)), CountWindows(2, 2)), "samples", 4)
    assert scaled.transform([(samples, 0)]).x.tolist() == [[[127, -128], [0, 0]]]


def test_raw_windows_are_the_reports_and_know_their_recording():
    recordings = [(typed("ab cd"), 1), (typed("e"), 0)]
    windows = Pipeline.raw("x", length=4, hop=2).transform(recordings, first_group=7)
    assert windows.x.shape == (5, 4, 8)
    assert windows.x.dtype == np.uint8
    assert windows.y.tolist() == [1, 1, 1, 1, 0]
    assert windows.groups.tolist() == [7, 7, 7, 7, 8]
    assert np.array_equal(windows.x[1], recordings[0][0].reports(8)[2:6])


def test_text_windows_are_the_words_ids():
    windows = Pipeline.text("x", length=4, hop=4, buckets=100).transform([(typed("hello there hello"), 0)])
    assert windows.x.dtype == np.int32
    assert windows.x.tolist() == [[*TypedText(99).ids("hello there hello"), 0]]


def test_a_text_without_words_is_one_window_of_padding():
    windows = Pipeline.text("x", length=4, hop=4).transform([(typed("  "), 0)])
    assert windows.x.tolist() == [[0, 0, 0, 0]]


def test_a_recording_without_reports_is_named():
    mouse = Recording.from_packets([Packet(0, 0x81, b"abcd")], name="mouse")
    with pytest.raises(
        FeatureError, match=r"mouse has no reports of 8 bytes: .*report_bytes = 4 .*zerotap trans"
    ):
        Pipeline.raw("x", 4, 4).transform([(mouse, 0)])


def test_a_recording_of_a_sensor_asks_for_a_pipeline_of_one_and_an_empty_one_to_be_made_again():
    frames = Recording.from_packets(
        [Packet(0, 0x83, encode_frames(np.zeros((2, 3), np.int16)))], name="shake"
    )
    with pytest.raises(
        FeatureError, match=r'3 channels: give a --pipeline with source = "frames" and report_bytes = 6'
    ):
        Pipeline.raw("x", 4, 4).transform([(frames, 0)])
    with pytest.raises(FeatureError, match="no packet at all: record it again"):
        Pipeline.raw("x", 4, 4).transform([(Recording.from_packets([], name="none"), 0)])


def test_no_recordings_are_refused():
    with pytest.raises(FeatureError, match="no recordings"):
        Pipeline.raw("x", 4, 4).transform([])


@pytest.mark.parametrize("packet_bytes", [3, 64, 1000])
def test_frames_are_the_samples_however_packets_divide_them(packet_bytes):
    samples = np.random.default_rng(0).integers(-32768, 32768, (300, 3)).astype(np.int16)
    sent = encode_frames(samples)
    packets = [Packet(at, 0x83, sent[at : at + packet_bytes]) for at in range(0, len(sent), packet_bytes)]
    recording = Recording.from_packets(packets, name="moved")
    pipeline = Pipeline("motion", (CountWindows(100, 100),), "frames", 6)
    assert np.array_equal(pipeline.transform([(recording, 0)]).x, samples.reshape(3, 100, 3))
    with pytest.raises(FeatureError, match="report_bytes to 6"):
        replace(pipeline, report_bytes=4).transform([(recording, 0)])


def test_a_channel_that_never_changes_is_refused_before_training():
    samples = np.random.default_rng(0).integers(-100, 100, (300, 3)).astype(np.int16)
    samples[:, 1] = 7
    recording = Recording.from_packets([Packet(0, 0x83, encode_frames(samples))], name="half")
    pipeline = Pipeline("motion", (CountWindows(100, 100),), "frames", 6)
    for source in ("frames", "timed_frames"):
        with pytest.raises(FeatureError, match="channel 1 is 7 in all 300 samples"):
            replace(pipeline, source=source).check([(recording, 0)])


def test_a_report_byte_that_never_changes_is_not():
    Pipeline.raw("raw", 32, 16).check([(typed("abc"), 0)])


def test_without_a_whole_frame_the_recording_is_named():
    recording = Recording.from_packets([Packet(0, 0x83, b"nothing")], name="still")
    with pytest.raises(FeatureError, match="still has no frames of 6 bytes"):
        Pipeline("motion", (CountWindows(100, 100),), "frames", 6).transform([(recording, 0)])


def test_the_example_for_a_sensor_is_a_pipeline():
    text = (Path(__file__).parents[2] / "examples" / "motion.toml").read_text()
    samples = np.random.default_rng(0).integers(-900, 900, (300, 3)).astype(np.int16)
    recording = Recording.from_packets([Packet(0, 0x83, encode_frames(samples))])
    assert Pipeline.from_toml(text).fitted([(recording, 0)]).signals[-1] == Signal((6,), "int8")

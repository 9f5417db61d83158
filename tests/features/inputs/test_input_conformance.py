"""Every input of the registry: its items fit a pipeline, and recordings are read back."""

import numpy as np
import pytest

from zerotap.capture import Packet, Recording, encode_frames
from zerotap.errors import FeatureError
from zerotap.features import Pipeline
from zerotap.features.inputs.interface import PERIOD_MS
from zerotap.features.inputs.registry import INPUTS, input_named, input_of
from zerotap.features.transforms.count_window import CountWindows
from zerotap.features.transforms.item_times import TIME_BYTES, times_ms
from zerotap.features.transforms.time_window import TimeWindows

ROW_BYTES = 12
every_input = pytest.mark.parametrize("name", INPUTS)


def sent_by(name: str, rows: np.ndarray) -> Recording:
    """A recording of one packet a row, PERIOD_MS apart, as what an input reads sends them."""
    if name.endswith("numbers"):
        sent = [b"%s\n" % b",".join(b"%d" % value for value in row) for row in rows.tolist()]
        sent[0] = b"a,b,c\n" + sent[0]
    elif name.endswith("frames"):
        sent = [encode_frames(rows[at : at + 1], at % 256) for at in range(len(rows))]
    else:
        sent = [row.tobytes() for row in rows]
    packets = [Packet(10**9 + n * PERIOD_MS * 10**6, 0x83, data) for n, data in enumerate(sent)]
    return Recording.from_packets(packets, name="sent")


@every_input
def test_an_input_is_found_by_its_name_and_gives_rows_of_its_dtype(name):
    one = input_named(name)
    assert one.name == name
    assert one.signal(ROW_BYTES).dtype == one.dtype
    assert one.signal(ROW_BYTES).nbytes == ROW_BYTES + TIME_BYTES * one.is_timed


@every_input
@pytest.mark.parametrize("row_bytes", [2, 4, 8, 64])
def test_drawn_items_are_what_a_pipeline_takes(name, row_bytes):
    cut = TimeWindows(4, 40, 40) if input_named(name).is_timed else CountWindows(4, 4)
    row_bytes = max(row_bytes, np.dtype(input_named(name).dtype).itemsize)
    decimals = (0,) if name.endswith("numbers") else ()
    pipeline = Pipeline("drawn", (cut,), name, row_bytes, decimals)
    items = pipeline.draw(50)
    assert items.shape == (50, *pipeline.signals[0].shape)
    assert items.dtype == pipeline.signals[0].dtype
    assert len(pipeline.apply(items)) >= 10
    assert np.array_equal(items, pipeline.draw(50))
    assert not np.array_equal(items, pipeline.draw(50, seed=1))


@every_input
def test_a_recording_is_read_back(name):
    one = input_named(name)
    items = one.draw(40, ROW_BYTES)
    read = one.items(sent_by(name, one.untimed(items)), ROW_BYTES)
    assert read.dtype == one.dtype
    assert np.array_equal(read, items)
    if one.is_timed:
        assert times_ms(read).tolist() == [PERIOD_MS * n for n in range(40)]


@every_input
def test_a_recording_without_its_rows_gives_none(name):
    one = input_named(name)
    nothing = one.items(Recording.from_packets([Packet(0, 0x83, b"xyz")]), ROW_BYTES)
    assert nothing.shape == (0, *one.signal(ROW_BYTES).shape)
    assert nothing.dtype == one.dtype


@every_input
@pytest.mark.parametrize("row_bytes", [0, -2, 1 << 21, 10**30])
def test_rows_without_bytes_or_of_too_many_are_refused(name, row_bytes):
    with pytest.raises(FeatureError, match="set the pipeline's report_bytes"):
        input_named(name).check(row_bytes)


def test_half_a_sample_is_refused_and_an_odd_report_is_not():
    for name in ("samples", "timed_samples", "frames", "timed_frames"):
        with pytest.raises(FeatureError, match="even"):
            input_named(name).check(5)
    input_named("reports").check(5)


def test_an_unknown_input_lists_the_known():
    with pytest.raises(
        FeatureError,
        match="reports, timed_reports, samples, timed_samples, frames, timed_frames, numbers, timed_numbers",
    ):
        input_named("audio")


def test_time_of_a_frame_is_that_of_the_packet_that_completes_it():
    samples = np.arange(4, dtype=np.int16)[:, None]
    sent = encode_frames(samples)
    halves = [Packet(n * 10**6, 0x83, sent[at : at + 14]) for n, at in enumerate(range(0, len(sent), 14))]
    items = input_named("timed_frames").items(Recording.from_packets(halves), 2)
    assert times_ms(items).tolist() == [0, 0, 1, 1]
    assert input_named("timed_frames").untimed(items).tolist() == samples.tolist()


def test_the_input_of_a_recording_is_recognised():
    frames = sent_by("frames", np.zeros((3, 2), np.int16))
    assert (input_of(frames)[0].name, input_of(frames)[1]) == ("frames", 4)
    packets = [
        Packet(0, 0x81, bytes(5)),
        Packet(1, 0x81, bytes(8)),
        Packet(2, 0x81, bytes(8)),
        Packet(3, 0x81, b""),
    ]
    assert input_of(Recording.from_packets(packets)) == (INPUTS["reports"], 8)
    assert input_of(Recording.from_packets([])) is None

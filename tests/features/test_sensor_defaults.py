"""The pipeline that a sensor's dataset gets where none is given."""

from dataclasses import replace

import numpy as np
import pytest

from zerotap.capture import Packet, Recording, encode_frames
from zerotap.features import is_of_sensor, sensor_pipeline
from zerotap.features.transforms.interface import Signal


def told(count: int, rate_hz: float, channels: int = 3, *, binary: bool = False) -> Recording:
    """Random samples at an even rate, a packet each."""
    values = np.random.default_rng(count).integers(-900, 900, (count, channels)).astype(np.int16)
    if binary:
        sent = [encode_frames(values[at : at + 1], at % 256) for at in range(count)]
    else:
        sent = [b"\t".join(b"%d" % value for value in row) + b"\n" for row in values.tolist()]
        sent[0] = b"\t".join(b"c%d" % n for n in range(channels)) + b"\n" + sent[0]
    packets = [Packet(round(n / rate_hz * 1e9), 0x83, data) for n, data in enumerate(sent)]
    return replace(Recording.from_packets(packets, name="told"), transfer="bulk")


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize(("rate_hz", "length"), [(10, 10), (62.5, 62), (100, 100)])
def test_windows_are_a_second_at_the_measured_rate_and_half_of_each_is_new(binary, rate_hz, length):
    pipeline = sensor_pipeline("moves", [(told(400, rate_hz, binary=binary), 0)])
    assert (pipeline.stages[-1].length, pipeline.stages[-1].hop) == (length, length // 2)
    assert pipeline.signals[-1] == Signal((length, 3), "int8")
    assert pipeline.source == ("frames" if binary else "numbers")


def test_statistics_of_a_window_are_scaled_each_by_itself():
    recording = told(400, 100)
    pipeline = sensor_pipeline("moves", [(recording, 0)], ("mean", "max"))
    assert pipeline.signals[-1] == Signal((6,), "int8")
    x = pipeline.transform([(recording, 0)]).x
    assert x.min(axis=0).tolist() == [-128] * 6
    assert x.max(axis=0).tolist() == [127] * 6


def test_a_fast_sensor_is_decimated_so_that_a_window_fits_a_board():
    pipeline = sensor_pipeline("moves", [(told(9000, 4000), 0)])
    assert [stage.name for stage in pipeline.stages] == ["sample_scale", "decimate", "range_scale", "windows"]
    assert pipeline.stages[1].factor == 6
    assert pipeline.stages[-1].length == 666


def test_a_window_is_no_longer_than_the_median_recording_and_long_enough_for_the_model():
    short = [(told(count, 100), 0) for count in (30, 40, 500)]
    assert sensor_pipeline("moves", short).stages[-1].length == 40
    assert sensor_pipeline("moves", [(told(90, 5), 0)], (), 19).stages[-1].length == 19


def test_without_a_rate_a_window_has_64_samples():
    at_once = told(300, 1e12)
    at_once = replace(at_once, timestamps_ns=np.zeros_like(at_once.timestamps_ns))
    assert sensor_pipeline("moves", [(at_once, 0)]).stages[-1].length == 64


def test_more_channels_than_statistics_take_are_taken_as_samples():
    pipeline = sensor_pipeline("moves", [(told(60, 10, 65), 0)], ("mean",))
    assert [stage.name for stage in pipeline.stages] == ["sample_scale", "range_scale", "windows"]


def test_a_sensor_is_known_by_its_serial_port():
    assert is_of_sensor(told(50, 100))
    assert is_of_sensor(told(50, 100, binary=True))
    assert not is_of_sensor(replace(told(50, 100), transfer="interrupt"))
    keys = Recording.from_packets([Packet(n, 0x81, bytes(8)) for n in range(9)])
    assert not is_of_sensor(replace(keys, transfer="bulk"))


@pytest.mark.parametrize(("window_s", "hop", "expected"), [(0.5, 0.25, (50, 12)), (2.0, 1.0, (200, 200))])
def test_windows_are_as_long_and_as_new_as_is_asked(window_s, hop, expected):
    pipeline = sensor_pipeline("moves", [(told(400, 100), 0)], window_s=window_s, hop=hop)
    assert (pipeline.stages[-1].length, pipeline.stages[-1].hop) == expected

"""Synthetic movements: seeded, of three channels, each unlike the others, and recorded as any device."""

from itertools import pairwise

import numpy as np
import pytest

from zerotap.capture.packet import Packet, Recording
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.capture.sources.movements import MOVEMENTS, ONE_G, SAMPLES, movement_samples
from zerotap.capture.sources.registry import find_source
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.virtual import as_lines, framed
from zerotap.errors import CaptureError

every_movement = pytest.mark.parametrize("name", MOVEMENTS)


@every_movement
def test_a_take_is_the_same_each_time_and_another_differs(name):
    first = movement_samples(name, 100)
    assert (first.dtype, first.shape) == (np.int16, (SAMPLES, 3))
    assert np.array_equal(first, movement_samples(name, 100, take=1))
    assert (first != movement_samples(name, 100, take=2)).any(axis=1).mean() > 0.9


@every_movement
def test_a_movement_has_noise_and_the_earth_s_pull(name):
    samples = movement_samples(name, 100).astype(float) / ONE_G
    assert 0.85 < samples.mean(axis=0)[2] < 1.05
    assert np.unique(samples[:256], axis=0).shape[0] > 250  # nothing is sent over and over


@every_movement
@pytest.mark.parametrize("rate_hz", [0.5, 10, 8000])
def test_a_movement_can_be_sampled_at_any_rate(name, rate_hz):
    assert movement_samples(name, rate_hz).std() > 0


def test_each_movement_is_told_by_how_much_and_where_it_moves():
    moved = {name: movement_samples(name, 100)[:3000].std(axis=0) / ONE_G for name in MOVEMENTS}
    assert moved["rest"].max() < 0.02
    assert moved["tap"].argmax() == 2
    assert moved["wave"][0] > 5 * moved["wave"][1]
    assert 0.8 < moved["circle"][0] / moved["circle"][1] < 1.25
    by_strength = sorted((movement.max(), name) for name, movement in moved.items())
    assert [name for _, name in by_strength][::4] == ["rest", "shake"]
    assert all(after > 1.2 * before for (before, _), (after, _) in pairwise(by_strength))


def test_frames_and_lines_hold_the_samples():
    samples = movement_samples("wave", 100)[:512]
    frames = b"".join(framed(samples))
    read = frame_recording(Recording.from_packets([Packet(0, 0x83, frames)]), "binary")
    assert np.array_equal(read.values, samples)
    assert read.lost_frames == 0
    lines = [b"x\ty\tz\n", *as_lines(samples)]
    read = frame_recording(Recording.from_packets([Packet(0, 0x83, b"".join(lines))]), "text")
    assert np.abs(read.values - samples / ONE_G).max() <= 0.0005 + 1e-9


@pytest.mark.parametrize(
    ("device", "framing"),
    [("sensor/shake@500", "binary"), ("sensor/tap/7@500", "binary"), ("text/rest", "text")],
)
def test_a_movement_is_a_device_like_any_other(device, framing):
    source = find_source(f"virtual:{device}")
    assert source.synthetic
    packets = []
    with opened(source):
        for packet in source.packets():
            packets += [packet] if packet else []
            if len(packets) >= 12:
                break
    assert frame_recording(Recording.from_packets(packets), framing).values.shape[1] == 3


@pytest.mark.parametrize(
    "device", ["sensor/jump", "keyboard/rest", "sensor/rest/0", "sensor/rest/x", "text/"]
)
def test_what_is_no_movement_lists_those_that_are(device):
    with pytest.raises(CaptureError, match="rest, wave, circle, tap, shake"):
        find_source(f"virtual:{device}")

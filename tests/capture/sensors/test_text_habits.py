"""How sketches print: names beside numbers, banners, units, separators; what is not believed and what is."""

import random

import numpy as np
import pytest

from zerotap.capture import DeviceIdentity, Event, Packet, Recording, describe_sensor, frame_recording, record
from zerotap.capture.datasets.dataset import Dataset
from zerotap.errors import CaptureError

BULK = 0x82


def _recording(*chunks, device=None, events=()):
    recording = Recording.from_packets(
        [Packet(n * 1_000_000, BULK, chunk) for n, chunk in enumerate(chunks)], device
    )
    return Recording(
        *(recording.timestamps_ns, recording.endpoints, recording.payload, recording.offsets),
        device=recording.device, name="1.2.2", transfer="bulk",
        events=tuple(Event(time_ns, "gap") for time_ns in events),
    )  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "x:{},y:{}", "x:{}\ty:{}", "x:{} y:{}", "x: {}, y: {}", "x={};y={}", "x = {} | y = {}", "x:{},y:{},",
        "x: {} g\ty: {} g", "x:{}g,y:{}g", "x:{} m/s^2 y:{} m/s^2",
    ],
)  # fmt: skip
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_names_beside_numbers(line, end):
    values = [[n, -n / 8] for n in range(1, 9)]
    text = "".join(line.format(*row) + end for row in values).encode()
    stream = frame_recording(_recording(text))
    assert (stream.names, stream.values.tolist()) == (("x", "y"), values)
    assert (stream.lost_frames, stream.dropped_bytes) == (0, 0)


@pytest.mark.parametrize("separator", [",", ", ", ";", "\t", " ", " | "])
@pytest.mark.parametrize("header", ["ax ay", "# ax ay", '"ax" "ay"'])
def test_a_banner_before_the_header_is_no_loss(separator, header):
    lines = ["MPU6050 ready", "range: 2 g", "", header, "1 2", "3 4", "5 6"]
    joined = [line if number < 3 else line.replace(" ", separator) for number, line in enumerate(lines)]
    joined[3] = joined[3].replace("#" + separator, "# ")
    stream = frame_recording(_recording("".join(f"{line}\r\n" for line in joined).encode()))
    assert stream.names == ("ax", "ay")
    assert stream.values.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert stream.lost_frames == 0
    assert stream.dropped_bytes == len("MPU6050 ready\r\nrange: 2 g\r\n")


def test_a_board_that_starts_anew_tells_its_banner_again():
    told = b"ready\r\na,b\r\n"
    stream = frame_recording(_recording(told + b"1,2\r\n" * 9 + told + b"3,4\r\n" * 9))
    assert (len(stream), stream.lost_frames) == (18, 0)


def test_a_long_banner_does_not_make_it_another_stream():
    report = describe_sensor(_recording(b"Adafruit 10DOF, all rights reserved\r\n1\r\n2\r\n3\r\n4\r\n"))
    assert report is not None and report["samples"] == 4 and report["lost_frames"] == 0


def test_separators_at_the_end_of_a_line():
    stream = frame_recording(_recording(b"a,b,\r\n1,2,\r\n3,4,\r\n"))
    assert (stream.names, stream.values.tolist()) == (("a", "b"), [[1, 2], [3, 4]])


def test_lines_of_other_names_are_not_mixed_into_one_channel():
    stream = frame_recording(_recording(b"temp:21\nhum:40\ntemp:22\nhum:41\ntemp:23\n"))
    assert (stream.names, stream.values[:, 0].tolist(), stream.lost_frames) == (("temp",), [21, 22, 23], 2)


def test_a_named_line_that_lost_its_beginning_is_lost():
    for cut in (b"x:1,ay:2\n", b":1,ay:2\n", b"1,ay:2\n", b"ay:2\n"):
        stream = frame_recording(_recording(cut + b"ax:3,ay:4\n" * 3))
        assert (len(stream), stream.dropped_bytes) == (3, len(cut))
    whole = _recording(b"ax:1,ay:2\n", b"ax:3,ay:4\n", b"ax:5,ay:6\n", events=[500_000])
    assert len(frame_recording(whole)) == 3


VIRTUAL = DeviceIdentity(0x1209, 3, 1, 2, "zerotap", "Virtual sensor")
BOARD = DeviceIdentity(0x2341, 0x804F, 1, 2, "Arduino", "MKR Zero")
FILE = DeviceIdentity(product="walk.csv")


@pytest.mark.parametrize(
    ("device", "chunks", "samples", "lost"),
    [
        (VIRTUAL, [b"1,2\r\n", b"3,4\r\n", b"5,6\r\n"], 3, 0),
        (VIRTUAL, [b"1,2\r\n3,", b"4\r\n5,6\r\n"], 2, 0),
        (FILE, [b"1,2\n", b"3,4\n", b"5,6\n"], 3, 0),
        (BOARD, [b"1,2\r\n", b"3,4\r\n", b"5,6\r\n"], 2, 1),
    ],
    ids=["virtual", "virtual, in pieces", "file", "board"],
)
def test_a_first_line_is_believed_where_nobody_can_have_cut_it(device, chunks, samples, lost):
    stream = frame_recording(_recording(*chunks, device=device))
    assert (len(stream), stream.lost_frames) == (samples, lost)


@pytest.mark.parametrize("rate_hz", [100, 2000])
def test_the_virtual_device_loses_nothing(tmp_path, rate_hz):
    record(f"virtual:text@{rate_hz}", tmp_path / "d", "a", packets=60)
    dataset = Dataset.open(tmp_path / "d")
    (measured,) = dataset.manifest.sensors.values()
    assert measured["lost_frames"] == 0
    assert dataset.numbers().channels == ("channel_0", "channel_1")


def test_damage_never_makes_a_number_of_nothing():
    """Every sample that is found has the values of a line that was sent, or of a line that was damaged."""
    rng = random.Random(3)
    lines = [b"x:%d,y:%d\n" % (n, n * 7) for n in range(30)]
    for _ in range(200):
        data = bytearray(b"".join(lines))
        at = rng.randrange(len(data))
        data[at : at + rng.randint(1, 20)] = rng.randbytes(rng.randint(0, 9))
        try:
            stream = frame_recording(_recording(bytes(data)), "text")
        except CaptureError:
            continue
        sent = {(n, n * 7) for n in range(30)}
        assert len({tuple(row) for row in stream.values.tolist()} - sent) <= 1
        assert np.isfinite(stream.values).all()

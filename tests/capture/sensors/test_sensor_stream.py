"""Sensor bytes into samples: whatever the packets, whatever is lost, and at what rate they came."""

import time
import tracemalloc
from contextlib import suppress
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from zerotap.capture import Event, Packet, Recording, describe_sensor, encode_frames, frame_recording
from zerotap.capture.sensors.binary_frames import SYNC, _running_crc8, _zeros_after, crc8
from zerotap.errors import CaptureError

MILLISECOND_NS = 1_000_000
BULK = 0x82

samples = st.integers(1, 4).flatmap(
    lambda channels: hnp.arrays(np.int16, st.tuples(st.integers(1, 30), st.just(channels)))
)


def _recording(*chunks, events=(), transfer="bulk", interval_ns=MILLISECOND_NS):
    packets = [Packet(i * interval_ns, BULK, chunk) for i, chunk in enumerate(chunks)]
    recording = Recording.from_packets(packets, name="1.2.2")
    return Recording(
        recording.timestamps_ns,
        recording.endpoints,
        recording.payload,
        recording.offsets,
        events=tuple(Event(time_ns, "gap") for time_ns in events),
        name=recording.name,
        transfer=transfer,
    )


def _chunked(data, cuts):
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:stop] for start, stop in pairwise(edges)]


def test_the_checksum_is_the_catalogued_crc8():
    assert crc8(np.frombuffer(b"123456789", np.uint8)[None]).tolist() == [0xF4]


def test_a_frame_is_laid_out_as_documented():
    body = bytes([7, 2]) + (-2).to_bytes(2, "little", signed=True) + (300).to_bytes(2, "little")
    crc = int(crc8(np.frombuffer(body, np.uint8)[None])[0])
    assert encode_frames(np.array([[-2, 300]], np.int16), 7) == b"\xa5\x5a" + body + bytes([crc])


@given(samples, st.integers(0, 255), st.lists(st.integers(0, 2000)))
def test_any_division_into_packets_gives_the_same_samples(values, first, cuts):
    stream = frame_recording(_recording(*_chunked(encode_frames(values, first), cuts)))
    assert stream.kind == "binary"
    assert stream.values.dtype == np.int16
    assert np.array_equal(stream.values, values)
    assert (stream.lost_frames, stream.dropped_bytes) == (0, 0)


def test_a_sample_has_the_time_of_the_packet_that_completes_it():
    data = encode_frames(np.arange(4, dtype=np.int16)[:, None])  # 7 bytes each
    stream = frame_recording(_recording(data[:7], data[7:13], b"", data[13:15], data[15:]))
    assert (stream.timestamps_ns // MILLISECOND_NS).tolist() == [0, 3, 4, 4]


def _expected_after(values, damage):
    """The damaged bytes, and the samples whose frames are untouched."""
    length = 5 + 2 * values.shape[1]
    data = bytearray(encode_frames(values))
    touched: set[int] = set()
    undamaged = len(data)
    for start, size, replacement in sorted(((s % len(data), *rest) for s, *rest in damage), reverse=True):
        stop = min(undamaged, start + size)
        touched.update(range(start // length, (stop - 1) // length + 1) if stop > start else ())
        data[start:stop] = replacement
        undamaged = start
    return bytes(data), [i for i in range(len(values)) if i not in touched]


damages = st.lists(
    st.tuples(st.integers(0, 400), st.integers(1, 40), st.binary(max_size=10)), min_size=1, max_size=3
)


@given(samples, damages)
def test_every_intact_frame_survives_loss_and_damage_anywhere(values, damage):
    data, intact = _expected_after(values, damage)
    assume(len(intact) >= 3)  # fewer might be outvoted by damaged frames with another number of channels
    stream = frame_recording(_recording(data), "binary")
    found = iter(stream.values.tolist())
    assert all(any(row == sample for sample in found) for row in values[intact].tolist())
    length = 5 + 2 * values.shape[1]
    assert stream.dropped_bytes == len(data) - len(stream) * length


@given(samples, st.data())
def test_lost_frames_are_counted_by_their_numbers(values, data):
    kept = sorted(data.draw(st.sets(st.integers(0, len(values) - 1), min_size=1)))
    length = 5 + 2 * values.shape[1]
    frames = encode_frames(values, 250)
    stream = frame_recording(_recording(b"".join(frames[i * length : (i + 1) * length] for i in kept)))
    assert np.array_equal(stream.values, values[kept])
    assert stream.lost_frames == kept[-1] - kept[0] + 1 - len(kept)


def test_a_frame_cut_short_never_swallows_the_next():
    """The next one's bytes complete the first to its length; now and then the CRC is right by chance."""
    collisions = 0
    for value in range(2000):
        values = np.array([[value, 1, 2, 3], [value * 7, 4, 5, 6]], np.int16)
        first, second = (encode_frames(row[None], 9 + i) for i, row in enumerate(values))
        data = first[:6] + second + SYNC
        collisions += crc8(np.frombuffer(data[2:13], np.uint8)[None])[0] == 0
        stream = frame_recording(_recording(data), "binary")
        assert stream.values.tolist() == [values[1].tolist()]
    assert collisions > 0


def test_frames_of_another_number_of_channels_are_dropped():
    many, few = (np.zeros(shape, np.int16) for shape in ((5, 2), (1, 3)))
    stream = frame_recording(_recording(encode_frames(few) + encode_frames(many)))
    assert (stream.values.shape, stream.dropped_bytes) == ((5, 2), 11)


@pytest.mark.parametrize("separator", [",", ", ", "\t", " ", "  "])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_numbers_with_a_header(separator, end):
    lines = ["time x", "1 -2.5", "+2 .5", "3. 1e-3"]
    text = "".join(line.replace(" ", separator) + end for line in lines).encode()
    stream = frame_recording(_recording(text))
    assert (stream.kind, stream.names) == ("text", ("time", "x"))
    assert stream.values.tolist() == [[1, -2.5], [2, 0.5], [3, 0.001]]
    assert (stream.lost_frames, stream.dropped_bytes) == (0, 0)


numbers = st.one_of(st.integers(-10000, 10000), st.floats(-1e6, 1e6))


@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=20), st.lists(st.integers(0, 999)))
def test_text_read_back_whatever_the_packets(rows, cuts):
    text = "".join(f"{','.join(map(str, row))}\n" for row in [("a", "b", "c"), *rows]).encode()
    stream = frame_recording(_recording(*_chunked(text, cuts)), "text")
    assert stream.values.tolist() == [list(row) for row in rows]
    assert (stream.dropped_bytes, stream.lost_frames) == (0, 0)


def test_a_first_line_without_a_header_may_have_lost_its_beginning():
    stream = frame_recording(_recording(b"3,4\n5,6\n7,8\n9"), "text")
    assert stream.values.tolist() == [[5, 6], [7, 8]]
    assert (stream.lost_frames, stream.dropped_bytes) == (1, 5)
    assert stream.names == ("channel_0", "channel_1")


@given(st.lists(st.integers(0, 9999), min_size=6, max_size=30), st.data())
def test_lines_between_damaged_ones_survive(rows, data):
    broken = data.draw(st.sets(st.integers(0, len(rows) - 1), max_size=2))
    lines = [b"1,x\n" if i in broken else b"%d,%d\n" % (row, row) for i, row in enumerate(rows)]
    stream = frame_recording(_recording(b"a,b\n", *lines), "text")
    assert stream.values[:, 0].tolist() == [row for i, row in enumerate(rows) if i not in broken]
    assert (stream.lost_frames, stream.dropped_bytes) == (len(broken), 4 * len(broken))


def test_a_line_after_a_gap_is_not_believed():
    """1,234 lost its beginning in the gap: it would look whole."""
    chunks = b"a,b\n1,200\n1,2", b"34\n1,250\n4,250\n"
    assert frame_recording(_recording(*chunks)).values[:, 1].tolist() == [200, 234, 250, 250]
    stream = frame_recording(_recording(*chunks, events=[MILLISECOND_NS // 2]))
    assert stream.values.tolist() == [[1, 200], [1, 250], [4, 250]]
    assert (stream.lost_frames, stream.dropped_bytes) == (1, 6)


def test_a_header_that_comes_again_is_no_loss():
    stream = frame_recording(_recording(b"a,b\n1,2\na,b\n\n3,4\n"))
    assert (len(stream), stream.lost_frames, stream.dropped_bytes) == (2, 0, 0)


@given(st.binary(max_size=200))
def test_any_bytes_give_samples_or_a_clear_error(data):
    for kind in ("auto", "binary", "text"):
        try:
            stream = frame_recording(_recording(data), kind)
        except CaptureError as error:
            assert "are samples" in str(error)
        else:
            assert 0 <= stream.dropped_bytes < len(data)


def test_an_unknown_framing_lists_the_known():
    with pytest.raises(CaptureError, match="choose auto or one of binary, text"):
        frame_recording(_recording(b""), "morse")


def _paced(offsets_ns, frames_a_packet=1, kept=None):
    """One packet at each time, holding so many frames; ``kept`` chooses packets."""
    count = len(offsets_ns) * frames_a_packet
    data = encode_frames(np.zeros((count, 1), np.int16))
    size = 7 * frames_a_packet
    chosen = range(len(offsets_ns)) if kept is None else kept
    return Recording.from_packets(
        [Packet(int(offsets_ns[i]), BULK, data[i * size : (i + 1) * size]) for i in chosen]
    )


@pytest.mark.parametrize("frames_a_packet", [1, 5])
def test_the_rate_is_measured_and_steady_packets_have_no_jitter(frames_a_packet):
    stream = frame_recording(_paced(np.arange(100) * 10 * MILLISECOND_NS, frames_a_packet))
    assert stream.rate_hz == pytest.approx(100 * frames_a_packet)
    assert stream.jitter_s == pytest.approx(0, abs=1e-9)


def test_a_pause_moves_the_mean_rate_and_the_jitter_but_not_the_rate():
    times_ns = np.arange(200) * 10 * MILLISECOND_NS
    times_ns[150:] += 1000 * MILLISECOND_NS
    stream = frame_recording(_paced(times_ns))
    assert stream.rate_hz == pytest.approx(100)
    assert stream.pace.mean_rate_hz == pytest.approx(199 / 2.99)
    assert stream.jitter_s == pytest.approx(1 / np.sqrt(199))


def test_lost_frames_do_not_slow_the_rate():
    stream = frame_recording(
        _paced(np.arange(200) * 10 * MILLISECOND_NS, kept=[i for i in range(200) if i % 3 != 1])
    )
    assert stream.rate_hz == pytest.approx(100)
    assert stream.lost_frames == 66


def test_jitter_is_measured():
    rng = np.random.default_rng(0)
    late_ns = rng.normal(0, MILLISECOND_NS, 2000).astype(np.int64)
    stream = frame_recording(_paced(np.arange(2000) * 10 * MILLISECOND_NS + late_ns))
    assert stream.rate_hz == pytest.approx(100, rel=0.01)
    assert stream.jitter_s == pytest.approx(np.sqrt(2) * 1e-3, rel=0.1)  # of intervals: two ends each
    assert stream.pace.jitter_p99_s == pytest.approx(2.58 * np.sqrt(2) * 1e-3, rel=0.15)


def test_what_came_in_one_packet_has_no_rate():
    stream = frame_recording(_recording(encode_frames(np.zeros((9, 1), np.int16))))
    assert (stream.rate_hz, stream.jitter_s, stream.pace.mean_rate_hz) == (None, None, None)


def test_a_sensor_is_described_for_a_report():
    text = [b"ax,ay\n", *(b"%d,%d\n" % (i, -i) for i in range(50)), b"oops\n"]
    report = describe_sensor(_recording(*text))
    assert report == {
        "framing": "text",
        "channels": ["ax", "ay"],
        "samples": 50,
        "lost_frames": 1,
        "dropped_bytes": 5,
        "rate_hz": pytest.approx(1000),
        "mean_rate_hz": pytest.approx(1000),
        "jitter_s": pytest.approx(0, abs=1e-9),
        "jitter_p99_s": pytest.approx(0, abs=1e-9),
    }


def test_other_streams_are_no_sensor():
    assert describe_sensor(_recording(b"login: root\n", b"$ ls\n")) is None
    assert describe_sensor(_recording(b"1,2\n3,4\n5,6\n", transfer="interrupt")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"\xa5\x5a" * 150_000,
        b"\xa5\x5a\0\xff" * 75_000,
        b"\n" * 300_000,
        b"letters\n" * 40_000,
        b"1," * 15_000 + b"\n1\n" + b"\n" * 200_000,
        b"1.25,-3.5,7.125\n" * 20_000,
        (b"1" * 30_000 + b"\n" + b"1\n" * 10_000) * 3,
        b"1\n" * 200_000,
        b"1\n1\n1\n1,2\n" * 20_000,
    ],
    ids=[
        "sync",
        "long frames",
        "blank lines",
        "no numbers",
        "a long line",
        *("samples", "long", "short", "mixed"),
    ],
)
def test_memory_and_time_follow_the_bytes(data):
    recording, small = (Recording.from_packets([Packet(1, BULK, part)]) for part in (data, data[:9]))
    for kind in ("binary", "text"):
        _peak_bytes(small, kind)  # makes tables for good
        started = time.process_time()
        assert _peak_bytes(recording, kind) < 10 * len(data) + (3 << 19)
        assert time.process_time() - started < 4


def _peak_bytes(recording, kind):
    tracemalloc.start()
    try:
        with suppress(CaptureError):
            frame_recording(recording, kind)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@given(st.lists(st.sampled_from([b"\xa5", b"\x5a", b"\x01", b"\xff", b"\0"]), max_size=80), st.integers(1, 9))
def test_running_crcs_are_those_of_each_stretch(parts, start):
    data = np.frombuffer(b"".join(parts), np.uint8)
    running = _running_crc8(data)
    assert running.tolist() == [int(crc8(data[None, :n])[0]) for n in range(len(data) + 1)]
    rest = data[start:]
    after = _zeros_after()[len(rest), running[min(start, len(data))]]
    assert int(crc8(rest[None])[0]) == int(running[-1] ^ after)

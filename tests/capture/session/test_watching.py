"""Watching: which bytes changed, what may be typed text, and that a watched device is given back."""

import numpy as np
import pytest

from zerotap.capture import DeviceIdentity, Event, Packet, Recording, generate_corpus, type_corpus
from zerotap.capture.session.watching import (
    Row,
    Viewer,
    hexadecimal,
    holds_text,
    types_text,
    watch_recordings,
    watch_source,
)
from zerotap.capture.signals import Stop
from zerotap.capture.sources.registry import find_source
from zerotap.errors import CaptureError

MS = 1_000_000


def _recording(*data, transfer="interrupt"):
    packets = [Packet(n * 10 * MS, 0x81, one) for n, one in enumerate(data)]
    made = Recording.from_packets(packets, name="1.2.1")
    return made if transfer == "interrupt" else _bulk(made)


def _bulk(recording):
    from dataclasses import replace

    return replace(recording, transfer="bulk")


class _Kept(Viewer):
    def __init__(self, stop=None, after=None):
        self.taken, self._stop, self._after = [], stop, after

    def take(self, stream, packet):
        self.taken.append((stream, packet))
        if len(self.taken) == self._after:
            self._stop.requested = True


def test_changed_bytes_are_those_of_the_packet_before():
    row = Row()
    for n, data in enumerate([b"abc", b"abd", b"xbd", b"xbd"]):
        row.take(Packet(n * 10 * MS, 0x81, data))
        expected = [(), (2,), (0,), ()][n]
        assert tuple(np.flatnonzero(row.changed)) == expected
    assert row.recent(10 * MS) == (True, False, False)
    assert row.recent(20 * MS) == (True, False, True)
    assert (row.count, row.rate_hz) == (4, 100.0)


def test_bytes_that_changed_are_in_brackets_and_hidden_ones_are_dots():
    assert hexadecimal(b"\x00\xab\x01", (False, True, False), hidden=False) == " 00 [ab] 01"
    assert hexadecimal(b"\x00\xab", (False, True), hidden=True) == " .. [..]"


@pytest.mark.parametrize(
    ("data", "is_text"),
    [
        ([bytes([0, 0, 4, 0, 0, 0, 0, 0]), bytes(8)], True),
        ([bytes([1, 0, 0, 4, 0, 0, 0, 0, 0]), bytes([1, *bytes(8)])], True),
        ([bytes([n == 3, *bytes(8), 16 * (n % 3 == 0), *bytes(4)]) for n in range(9)], True),
        ([bytes([0, n, 255 - n, 0]) for n in range(9)], False),
        ([bytes((17 * n + k * k) % 256 for k in range(64)) for n in range(9)], False),
    ],
)
def test_what_may_be_typed(data, is_text):
    assert holds_text(_recording(*data)) is is_text
    assert not holds_text(_recording(*data, transfer="bulk"))


def test_every_typed_recording_is_known_as_such(tmp_path):
    dataset = type_corpus(generate_corpus(6), tmp_path / "d")
    assert all(holds_text(dataset.load(entry)) for entry in dataset.entries())
    assert types_text(find_source("virtual:keyboard"))
    assert types_text(find_source(f"replay:{dataset.entries()[0].path}"))
    assert not types_text(find_source("virtual:sensor@100"))


def test_recordings_come_in_order_of_time_until_the_stop_or_the_seconds():
    one, other = _recording(b"a", b"b", b"c"), _recording(b"d", b"e")
    viewer = _Kept()
    watch_recordings([one, other], viewer, Stop(), paced=False)
    assert [packet.data for _, packet in viewer.taken] == [b"a", b"d", b"b", b"e", b"c"]
    viewer = _Kept()
    watch_recordings([one], viewer, Stop(), paced=True, seconds=0.015)
    assert len(viewer.taken) == 2
    stop = Stop()
    viewer = _Kept(stop, after=1)
    watch_recordings([one], viewer, stop, paced=True)
    assert len(viewer.taken) == 1


def test_a_device_is_watched_and_given_back():
    stop, source = Stop(), find_source("virtual:reports@500")
    viewer = _Kept(stop, after=3)
    watch_source(source, viewer, stop)
    assert len(viewer.taken) >= 3 and {stream for stream, _ in viewer.taken} == {"0x81"}
    assert source.device.backend.driver_attached and not source.device.backend.claimed


class _Unplugged:
    identity, descriptors, transfer, synthetic = DeviceIdentity(), {}, "interrupt", True

    def open(self):
        self.is_open = True

    def packets(self):
        yield Packet(1, 0x81, b"a")
        yield Event(2, "unplug")

    def clock_ns(self):
        return 0

    def close(self):
        self.is_open = False


def test_unplugging_is_told_and_the_source_closed():
    source, viewer = _Unplugged(), _Kept()
    with pytest.raises(CaptureError, match="unplugged"):
        watch_source(source, viewer, Stop())
    assert not source.is_open and len(viewer.taken) == 1

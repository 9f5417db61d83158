"""usbmon's binary interface: what a header comes to, and a bus that becomes a file a stream."""

import errno
import os
import struct

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture.commands.record import record as record_command
from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.labels import read_labels
from zerotap.capture.packet import DeviceIdentity, Event
from zerotap.capture.session.recording import BUS_WARNING, keyboard_warning, record_source
from zerotap.capture.session.session import Operator, Plan
from zerotap.capture.sources import usbmon, usbmon_device
from zerotap.capture.sources.registry import find_bus
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.usbmon import UsbmonSource
from zerotap.capture.sources.usbmon_device import Stream, StreamEvent, StreamPacket, UsbmonDevice, read_frame
from zerotap.capture.usb import devices
from zerotap.capture.usb.opening import DeviceOptions
from zerotap.errors import CaptureError

KEYS, DISK = Stream(1, 4, 0x81, "interrupt"), Stream(1, 5, 0x82, "bulk")
REPORT = bytes((0, 0, 4, 0, 0, 0, 0, 0))


def frame(data=REPORT, kind=b"C", transfer=1, endpoint=0x81, address=4, status=0, length=None, at_us=0):
    """struct usbmon_packet in this machine's byte order, as MON_IOCX_GETX gives it, and its data."""
    length = len(data) if length is None else length
    at = (7, kind, transfer, endpoint, address, 1, 45, 0, 1_700_000_000 + at_us // 10**6, at_us % 10**6)
    return struct.pack(
        "=Q c BBBH BB q i i I I 8s i i I I", *at, status, length, len(data), bytes(8), 0, 0, 0, 0
    ), data


def test_a_completed_transfer_is_a_packet_of_its_stream():
    (packet,) = read_frame(*frame(at_us=250))
    assert packet == StreamPacket(1_700_000_000_000_250_000, 0x81, REPORT, KEYS)
    assert str(packet.stream) == "1.4.1"
    assert read_frame(*frame(transfer=3, endpoint=0x82, address=5))[0].stream == DISK


@pytest.mark.parametrize(
    "other", [{"kind": b"S"}, {"transfer": 2}, {"transfer": 0}, {"endpoint": 0x01}, {"data": b""}]
)
def test_what_is_no_packet_from_a_device_is_nothing(other):
    assert read_frame(*frame(**other)) == []


@pytest.mark.parametrize(("status", "kind"), [(-71, "failed"), (-19, "unplug"), (-75, "gap")])
def test_a_transfer_that_failed_is_an_event(status, kind):
    (event,) = read_frame(*frame(data=b"", status=status))
    assert (event.kind, event.status, event.stream) == (kind, status, KEYS)


def test_what_the_ring_had_no_room_for_is_a_gap():
    packet, event = read_frame(*frame(data=b"abc", length=9))
    assert packet.data == b"abc"
    assert (event.kind, event.detail) == ("gap", "usbmon kept 3 of 9 bytes")


@pytest.mark.drawn
@given(st.binary(min_size=64, max_size=64), st.binary(max_size=100))
def test_any_header_is_read(header, data):
    for item in read_frame(header, data):
        assert isinstance(item, StreamPacket | StreamEvent)
        assert isinstance(item, StreamEvent) or data.startswith(item.data)


class Monitor:
    """In place of /dev/usbmonN: frames that wait, and how many were dropped, look by look."""

    def __init__(self, frames, dropped=()):
        self.frames, self.losses, self.closed = list(frames), list(dropped), 0

    def wait(self, _timeout_s):
        return bool(self.frames)

    def read(self):
        return self.frames.pop(0) if self.frames else None

    def dropped(self):
        return self.losses.pop(0) if self.losses else 0

    def close(self):
        self.closed += 1


TYPED = [frame(bytes((0, 0, n, 0, 0, 0, 0, 0)), at_us=n * 1000) for n in range(4, 10)]
READ = [frame(b"12,3\n", transfer=3, endpoint=0x82, address=5, at_us=n * 1000 + 500) for n in range(4, 8)]


@pytest.fixture
def bus(monkeypatch):
    """A bus with a keyboard whose name is known, and a device that nothing tells of."""
    monitor = Monitor([*TYPED[:3], *READ, *TYPED[3:]], [3])
    known = devices.DeviceInfo(DeviceIdentity(0x046D, 0xC31C, 1, 4, "Logitech", "Keyboard"), "low", ())
    monkeypatch.setattr(usbmon, "UsbmonDevice", lambda _bus: monitor)
    monkeypatch.setattr(usbmon, "find_devices", lambda: [known])
    monkeypatch.setattr(UsbmonSource, "clock_ns", lambda _source: 1_700_000_000 * 10**9)
    return monitor


def test_each_stream_becomes_a_recording_and_what_was_dropped_a_gap(bus, tmp_path):
    results = record_source(UsbmonSource(1), tmp_path / "desk", Plan(("typing",), seconds=0.5))
    assert [(r.path.name, r.packets, r.gaps) for r in results] == [
        ("typing-1_4_1.pcapng", 6, 1),
        ("typing-1_5_2.pcapng", 4, 1),
    ]
    (keys,), (lines,) = (read_recordings(result.path) for result in results)
    assert [p.data for p in keys.packets()] == [data for _, data in TYPED]
    assert (keys.device.product, keys.transfer, lines.transfer) == ("Keyboard", "interrupt", "bulk")
    assert (lines.device.bus, lines.device.address) == (1, 5)
    assert [event.kind for event in keys.events] == ["gap"]
    assert bus.closed == 1
    dataset = Dataset.open(tmp_path / "desk")
    assert {entry.label for entry in dataset.entries()} == {"typing"}
    assert dataset.manifest.device == DeviceIdentity()


def test_a_device_and_an_endpoint_narrow_it(bus, tmp_path):
    only = DeviceIdentity(0x046D, 0xC31C, 1, 4)
    (result,) = record_source(UsbmonSource(1, only), tmp_path / "desk", Plan(("a",), seconds=0.3))
    assert result.path.name == "a-1_4_1.pcapng"
    assert Dataset.open(tmp_path / "desk").manifest.device == only


def test_a_device_that_sends_nothing_leaves_no_file(bus, tmp_path):
    source = UsbmonSource(1, endpoint=0x8F)
    (result,) = record_source(source, tmp_path / "desk", Plan(("a",), seconds=0.3))
    assert result.path is None
    assert "no packets of a came" in result.problem()


def test_packets_of_all_streams_count_towards_the_limit(bus, tmp_path):
    results = record_source(UsbmonSource(1), tmp_path / "desk", Plan(("a",), packets=5))
    assert [(r.packets, r.stopped) for r in results] == [(3, "limit"), (2, "limit")]


def test_a_key_labels_every_stream_at_the_same_moment(bus, tmp_path, monkeypatch):
    bus.losses.clear()  # an event of these takes the time as well
    now = iter([0, *[6_500_000] * 99])
    monkeypatch.setattr(UsbmonSource, "clock_ns", lambda _source: 1_700_000_000 * 10**9 + next(now))

    class Presses(Operator):
        pressed = False

        def keys(self):
            pressed, self.pressed = self.pressed, True
            return "" if pressed else "2"

    results = record_source(
        UsbmonSource(1), tmp_path / "desk", Plan(("a", "b"), seconds=0.4), operator=Presses()
    )
    labels = [[(s.start_s, s.label) for s in read_labels(result.path)] for result in results]
    assert labels == [[(0.0, "a"), (pytest.approx(0.0025), "b")], [(0.0, "a"), (pytest.approx(0.002), "b")]]


def test_a_bus_that_is_not_open_does_not_read(bus):
    source = UsbmonSource(1)
    with pytest.raises(CaptureError, match="not open"):
        source.packets()
    with opened(source):
        items = source.packets()
        next(items)
        source.close()
    assert list(items) == []


def test_losses_are_said_even_where_nothing_comes(monkeypatch):
    monkeypatch.setattr(usbmon, "UsbmonDevice", lambda _bus: Monitor([], [2]))
    with opened(UsbmonSource(0)) as source:
        items = source.packets()
        event = next(items)
        assert isinstance(event, Event)
        assert (event.kind, event.detail) == ("gap", "usbmon dropped 2 transfers")
        assert next(items) is None


@pytest.mark.parametrize(
    ("number", "nodes", "said"),
    [
        (errno.EACCES, [1], "usbmon1 may be read by root alone: run this with sudo"),
        (errno.ENOENT, [], "usbmon1 is not there: load the kernel's module by `sudo modprobe usbmon`"),
        (errno.ENOENT, [0, 2], "usbmon1 is not there: choose one of the buses 0, 2"),
        (errno.EIO, [1], "usbmon1 does not open"),
    ],
)
def test_why_a_bus_does_not_open_is_said(tmp_path, monkeypatch, number, nodes, said):
    def refuse(*_arguments):
        raise OSError(number, os.strerror(number))

    for node in nodes:
        (tmp_path / f"usbmon{node}").touch()
    monkeypatch.setattr(usbmon_device, "NODES", tmp_path)
    monkeypatch.setattr(usbmon_device.os, "open", refuse)
    with pytest.raises(CaptureError, match=said):
        UsbmonDevice(1)


def test_what_is_on_another_bus_or_would_need_the_device_is_refused(monkeypatch, usb_devices):
    monkeypatch.setattr(devices, "usb_backend", lambda: usb_devices.bus(usb_devices.keyboard()))
    assert find_bus(1, "Desk Keyboard", DeviceOptions(endpoint=0x81)).only.address == 3
    with pytest.raises(CaptureError, match="is on bus 1 and not on bus 2: say --usbmon 1"):
        find_bus(2, "Desk Keyboard")
    with pytest.raises(CaptureError, match="only listens"):
        find_bus(1, None, DeviceOptions(baud=9600))


def test_that_keys_are_recorded_is_said():
    assert keyboard_warning(UsbmonSource(1), False) == BUS_WARNING


def test_the_command_takes_a_bus_or_a_device(bus, tmp_path):
    more = ["--label", "typing", "--dataset", str(tmp_path / "desk"), "--seconds", "0.3"]
    result = CliRunner().invoke(record_command, ["--usbmon", "1", *more])
    assert result.exit_code == 0, result.output
    assert "typing-1_4_1.pcapng: 6 packets" in result.output
    assert BUS_WARNING in result.stderr
    assert "zerotap record --usbmon 1 --label ANOTHER" in result.stderr
    result = CliRunner().invoke(record_command, more)
    assert result.exit_code == 2
    assert "or a bus by --usbmon BUS" in result.stderr

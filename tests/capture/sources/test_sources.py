"""One suite that every source passes, and what only one of them does."""

import time
from itertools import islice
from types import SimpleNamespace

import numpy as np
import pytest
import usb.core

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.packet import DeviceIdentity, Event, Packet, Recording
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.capture.session.session import Plan, record
from zerotap.capture.sources import registry
from zerotap.capture.sources.backend import HostClock, SimulatedClock
from zerotap.capture.sources.registry import SOURCES, VIRTUAL_DEVICES, find_source
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.typist import TimedReport
from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.sources.virtual import VirtualKeyboard, VirtualReports
from zerotap.capture.usb.opening import DeviceOptions
from zerotap.errors import CaptureError

START_NS = 1_700_000_000 * 10**9
STEP_NS = 30_000_000
NAMES = ["usb", "serial", *(f"virtual:{name}" for name in VIRTUAL_DEVICES), "replay"]


def _recorded(path, count=10, step_ns=STEP_NS):
    packets = [
        Packet(START_NS + n * step_ns, 0x81, bytes((0, 0, n + 4, 0, 0, 0, 0, 0))) for n in range(count)
    ]
    with PcapngWriter(path, DeviceIdentity(0x1209, 1, 1, 2, product="Keys")) as writer:
        for packet in packets:
            writer.write(packet)
    return packets


@pytest.fixture(params=NAMES)
def source(request, tmp_path, monkeypatch, serial_board):
    """Each source in turn, not opened; the real one is a device that `select_device` would have found."""
    if request.param == "replay":
        _recorded(tmp_path / "replayed.pcapng")
        return find_source(f"replay:{tmp_path / 'replayed.pcapng'}")
    if request.param == "serial":
        return find_source(f"serial:{serial_board.path}")
    if request.param != "usb":
        return find_source(request.param)
    keyboard = VirtualKeyboard(clock=HostClock())
    keyboard.play(TimedReport(n * STEP_NS, bytes((0, 0, n + 4, 0, 0, 0, 0, 0))) for n in range(10))
    device = usb.core.find(backend=keyboard)
    monkeypatch.setattr(
        registry, "select_device", lambda spec: device if spec == "1.2" else pytest.fail(spec)
    )
    return find_source("1.2")


def _packets(source, count):
    return list(islice((item for item in source.packets() if item is not None), count))


def test_every_kind_of_source_is_tested_here():
    assert {name.partition(":")[0] for name in NAMES} == set(SOURCES)


def test_a_source_that_is_not_open_does_not_read(source):
    with pytest.raises(CaptureError, match="open"):
        next(source.packets())


def test_packets_are_whole_and_in_order_of_time(source):
    with opened(source):
        packets = _packets(source, 5)
        now_ns = source.clock_ns()
    assert all(isinstance(packet, Packet) and packet.data for packet in packets)
    assert {packet.endpoint & 0x80 for packet in packets} == {0x80}
    times = [packet.timestamp_ns for packet in packets]
    assert times == sorted(times)
    assert times[-1] <= now_ns


@pytest.mark.alone
def test_a_reader_is_never_left_waiting(source):
    with opened(source):
        packets = source.packets()
        for _ in range(5):
            before_s = time.monotonic()
            next(packets)
            assert time.monotonic() - before_s < 0.45


def test_who_sends_is_known_once_it_is_open(source):
    with opened(source):
        assert source.identity.vendor_id == 0x1209
        assert source.identity.product
        assert source.transfer in ("interrupt", "bulk")
        assert all(bytes.fromhex(descriptor) for descriptor in source.descriptors.values())


def test_closing_gives_back_what_opening_took_at_any_time(source):
    source.close()
    with opened(source):
        _packets(source, 1)
        source.close()
        source.close()
    _is_given_back(source)


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_closing_gives_back_after_an_exception(source, error):
    with pytest.raises(error), opened(source):
        _packets(source, 1)
        raise error
    _is_given_back(source)


def _is_given_back(source):
    with pytest.raises(CaptureError, match="open"):
        next(source.packets())
    if isinstance(source, UsbSource):
        backend = source.device.backend
        assert backend.driver_attached
        assert backend.claimed == set()


def test_what_is_recorded_is_what_came(source, tmp_path):
    seen = []

    class Watched:
        synthetic = source.synthetic
        open, close, clock_ns = source.open, source.close, source.clock_ns
        identity = property(lambda _self: source.identity)
        transfer = property(lambda _self: source.transfer)
        descriptors = property(lambda _self: source.descriptors)

        def packets(self):
            for item in source.packets():
                seen.append(item)
                yield item

    with opened(Watched()) as watched:
        dataset = Dataset.open_or_create(tmp_path / "data", watched.synthetic)
        (result,) = record(watched, dataset, Plan(("a",), packets=4))
    assert (result.stopped, result.packets, result.gaps, result.failures) == ("limit", 4, 0, 0)
    (recording,) = read_recordings(result.path)
    sent = [item for item in seen if isinstance(item, Packet)]
    assert list(recording.packets()) == sent[:4]
    assert recording.device == source.identity
    assert recording.transfer == source.transfer


def test_what_is_not_from_a_person_now_is_synthetic(tmp_path):
    _recorded(tmp_path / "a.pcapng")
    assert find_source(f"replay:{tmp_path / 'a.pcapng'}").synthetic
    assert all(find_source(f"virtual:{name}").synthetic for name in VIRTUAL_DEVICES)
    assert not UsbSource(usb.core.find(backend=VirtualKeyboard())).synthetic


@pytest.mark.alone
def test_a_replay_keeps_times_payloads_and_events(tmp_path):
    path = tmp_path / "a.pcapng"
    packets = _recorded(path)
    gap = Event(START_NS + 1, "gap", "status -70", -70)
    with PcapngWriter(tmp_path / "b.pcapng", DeviceIdentity(bus=1, address=2)) as writer:
        (recording,) = read_recordings(path)
        writer.write_all(Recording.from_packets(packets))
        writer.write_failure(gap, 0x81)
    before_s = time.monotonic()
    with opened(find_source(f"replay:{tmp_path / 'b.pcapng'}@10")) as source:
        items = _packets(source, 99)
    assert 0.02 < time.monotonic() - before_s < 0.25  # 270 ms at ten times the speed
    assert items == [packets[0], gap, *packets[1:]]
    assert len(recording) == len(packets)


def test_a_replay_waits_in_turns(tmp_path):
    _recorded(tmp_path / "a.pcapng", count=2, step_ns=600_000_000)
    with opened(find_source(f"replay:{tmp_path / 'a.pcapng'}")) as source:
        items = list(source.packets())
    assert [item is None for item in items] == [False, True, True, False]


@pytest.mark.parametrize(
    "spec", ["replay:{}@0", "replay:{}x", "virtual:mouse", "virtual:keyboard@9", "virtual:"]
)
def test_what_cannot_be_a_source_is_said(tmp_path, spec):
    _recorded(tmp_path / "a.pcapng")
    with pytest.raises(CaptureError):
        find_source(spec.format(tmp_path / "a.pcapng"))


def test_an_unknown_virtual_device_lists_those_that_are():
    with pytest.raises(CaptureError, match="keyboard, sensor, text, reports"):
        find_source("virtual:mouse")


def test_a_file_with_an_at_sign_is_no_speed(tmp_path):
    _recorded(tmp_path / "a@2")
    assert find_source(f"replay:{tmp_path / 'a@2'}").speed == 1.0
    assert find_source(f"replay:{tmp_path / 'a@2'}@3").speed == 3.0


def test_a_replay_refuses_how_to_open_usb(tmp_path):
    _recorded(tmp_path / "a.pcapng")
    with pytest.raises(CaptureError, match="opens no USB device"):
        find_source(f"replay:{tmp_path / 'a.pcapng'}", DeviceOptions(endpoint=0x81))


def test_a_replay_of_two_streams_is_refused(tmp_path):
    path = tmp_path / "a.pcapng"
    with PcapngWriter(path) as writer:
        for endpoint in (0x81, 0x82):
            writer.write(Packet(START_NS, endpoint, b"a"))
    with pytest.raises(CaptureError, match="holds 2 streams"):
        find_source(f"replay:{path}")


@pytest.mark.parametrize(("name", "channels", "dtype"), [("sensor", 3, np.int16), ("text", 2, np.float64)])
def test_the_sensor_sends_samples_at_its_rate(name, channels, dtype, tmp_path):
    dataset = Dataset.create(tmp_path / "data", True)
    with opened(find_source(f"virtual:{name}@500")) as source:
        (result,) = record(source, dataset, Plan(("a",), seconds=1))
    (recording,) = read_recordings(result.path)
    stream = frame_recording(recording)
    assert stream.values.shape[1] == channels
    assert stream.values.dtype == dtype
    assert stream.lost_frames <= (
        name == "text"
    )  # the first line may have lost its beginning, for all it knows
    assert 450 <= len(stream) <= 550


def test_the_sensor_is_silent_without_dtr():
    device = VIRTUAL_DEVICES["sensor"](None)
    assert device.due_ns() is None
    source = UsbSource(usb.core.find(backend=device))
    with opened(source):
        assert device.due_ns() is not None
    assert device.due_ns() is None


def test_reports_are_numbered_and_none_is_lost_when_nobody_reads():
    device = VirtualReports(100, SimulatedClock())
    with opened(UsbSource(usb.core.find(backend=device))) as source:
        packets = _packets(source, 300)
    assert [int.from_bytes(packet.data[:4], "little") for packet in packets] == list(range(300))
    assert {len(packet.data) for packet in packets} == {64}
    assert packets[-1].timestamp_ns - packets[0].timestamp_ns == 299 * 10_000_000


def test_real_time_waits_no_longer_than_the_timeout():
    clock = HostClock()
    before_ns = clock.now_ns()
    assert not clock.wait(before_ns + 10**9, timeout_ms=20)
    assert not clock.wait(None, timeout_ms=1)
    assert clock.wait(clock.now_ns() + 5_000_000, timeout_ms=20)
    assert clock.wait(before_ns, timeout_ms=20)
    assert 0.025 <= (clock.now_ns() - before_ns) / 1e9 < 0.2


def test_descriptors_are_rebuilt_byte_for_byte():
    with opened(find_source("virtual:keyboard")) as source:
        assert source.descriptors == {
            "device": "120100020000000809120100000101020001",
            "configuration": "09022200010100a0320904000001030101000921110100 01223f00 07058103080001".replace(
                " ", ""
            ),
        }


def test_a_device_that_may_not_be_opened_shows_no_descriptors():
    def refuse():
        raise usb.core.USBError("Access denied", -3, 13)

    from zerotap.capture.usb.descriptors import raw_descriptors

    assert raw_descriptors(SimpleNamespace(get_active_configuration=refuse)) == {}

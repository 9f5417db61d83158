"""Everything that USB does to a read loop, scripted: the errors are those that libusb gives on Linux."""

import errno
import time

import pytest
import usb.core
import usb.util

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.packet import Event, Packet
from zerotap.capture.session.session import Plan, record
from zerotap.capture.sources.backend import Endpoint, Interface, VirtualDevice
from zerotap.capture.sources.source import opened
from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.usb import polling
from zerotap.capture.usb.giving_back import restore_drivers
from zerotap.capture.usb.opening import DeviceOptions, open_tap
from zerotap.capture.usb.polling import FAULTS_IN_A_ROW, read_packets
from zerotap.capture.usb.statuses import kind_of, status_of
from zerotap.errors import CaptureError

A_DOWN = bytes.fromhex("0000040000000000")
UP = bytes(8)
TIMEOUT = None
BUSY = (errno.EBUSY, -6)
DENIED = (errno.EACCES, -3)
STALL = (errno.EPIPE, -9)
OVERFLOW = (errno.EOVERFLOW, -8)
IO_ERROR = (errno.EIO, -1)
GONE = (errno.ENODEV, -4)


class Scripted(VirtualDevice):
    """A boot keyboard that answers reads by a script: bytes, TIMEOUT, or (errno, libusb's code).

    The call after the script raises KeyboardInterrupt, so no test can hang. ``failures`` names calls that
    fail, with their error. ``listed``: whether it is still there when the bus is enumerated again.
    """

    product_id = 0x0001
    product = "Scripted keyboard"
    interfaces = (Interface((3, 1, 1), b"", (Endpoint(0x81, 3, 8),)),)
    class_requests = frozenset({0x0A, 0x0B})

    def __init__(self, *script, driver_attached=True, listed=True, **failures):
        super().__init__(driver_attached=driver_attached)
        self.script, self.listed, self.failures = list(script), listed, failures
        self.halts_cleared, self.opened = [], False

    def _fail(self, call):
        if call in self.failures:
            number, code = self.failures[call]
            raise usb.core.USBError("made to fail", code, number)

    def enumerate_devices(self):
        if self.listed or not self.opened:
            yield "device"

    def open_device(self, dev):
        self._fail("open")
        self.opened = True
        return dev

    def detach_kernel_driver(self, handle, intf):
        self._fail("detach")
        super().detach_kernel_driver(handle, intf)

    def claim_interface(self, handle, intf):
        self._fail("claim")
        super().claim_interface(handle, intf)

    def release_interface(self, handle, intf):
        self._fail("release")
        super().release_interface(handle, intf)

    def attach_kernel_driver(self, handle, intf):
        self._fail("attach")
        super().attach_kernel_driver(handle, intf)

    def ctrl_transfer(self, handle, request_type, request, value, index, data, timeout):
        self._fail(f"request_{request:02x}")
        return super().ctrl_transfer(handle, request_type, request, value, index, data, timeout)

    def clear_halt(self, _handle, ep):
        self.halts_cleared.append(ep)

    def due_ns(self):
        if self.script and self.script[0] is TIMEOUT:
            return self.script.pop(0)
        return self.clock.now_ns()

    def take(self, _most_bytes):
        if not self.script:
            raise KeyboardInterrupt
        step = self.script.pop(0)
        if isinstance(step, tuple):
            raise usb.core.USBError("made to fail", step[1], step[0])
        return step


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(polling, "PAUSE_S", 0)


def _find(keyboard):
    return usb.core.find(backend=keyboard)


def _read(keyboard):
    """Read the script to its end, and give back the device."""
    items = []
    try:
        with open_tap(_find(keyboard)) as tap:
            items.extend(read_packets(tap))
    except KeyboardInterrupt:
        pytest.fail("read on after the end")
    return items


def _read_until_interrupted(keyboard):
    items = []
    with pytest.raises(KeyboardInterrupt), open_tap(_find(keyboard)) as tap:
        for item in read_packets(tap):
            items.append(item)
    return items


def _said(items):
    """Payloads as they are, events by kind and status, None as it is."""
    return [i.data if isinstance(i, Packet) else i and (i.kind, i.status) for i in items]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ([TIMEOUT, A_DOWN, TIMEOUT, UP], [None, A_DOWN, None, UP]),
        ([b"", A_DOWN, b"", b"", UP], [A_DOWN, UP]),
        ([A_DOWN, OVERFLOW, UP], [A_DOWN, ("gap", -75), UP]),
        ([A_DOWN, STALL, UP], [A_DOWN, ("failed", -32), UP]),
        ([A_DOWN, IO_ERROR, UP], [A_DOWN, ("failed", -5), UP]),
        ([A_DOWN[:3], UP], [A_DOWN[:3], UP]),
    ],
)
def test_reading_goes_on(script, said):
    keyboard = Scripted(*script)
    assert _said(_read_until_interrupted(keyboard)) == said
    assert keyboard.driver_attached


@pytest.mark.parametrize(
    ("script", "listed", "said"),
    [
        ([A_DOWN, GONE], True, [A_DOWN, ("unplug", -19)]),
        ([A_DOWN, IO_ERROR, GONE], True, [A_DOWN, ("failed", -5), ("unplug", -19)]),
        ([A_DOWN, IO_ERROR, GONE], False, [A_DOWN, ("unplug", -19)]),
    ],
)
def test_an_unplug_ends_it(script, listed, said):
    keyboard = Scripted(*script, listed=listed, release=GONE, attach=(errno.ENOENT, -5))
    assert _said(_read(keyboard)) == said


def test_a_stall_is_cleared():
    keyboard = Scripted(STALL, A_DOWN)
    _read_until_interrupted(keyboard)
    assert keyboard.halts_cleared == [0x81]


def test_a_device_that_only_fails_is_given_up_and_given_back():
    keyboard = Scripted(A_DOWN, *[IO_ERROR] * FAULTS_IN_A_ROW)
    with pytest.raises(CaptureError, match=r"1209:0001 at 1\.2 stopped: it does not answer"):
        _read(keyboard)
    assert keyboard.driver_attached


def test_faults_between_packets_are_no_reason_to_give_up():
    keyboard = Scripted(*[IO_ERROR, A_DOWN, STALL, TIMEOUT] * FAULTS_IN_A_ROW)
    items = _read_until_interrupted(keyboard)
    assert sum(isinstance(item, Event) for item in items) == 2 * FAULTS_IN_A_ROW


@pytest.mark.parametrize("has_own_clock", [False, True], ids=["real", "virtual"])
def test_a_loop_that_came_late_notes_a_gap_where_the_device_did_not_wait(monkeypatch, has_own_clock):
    monkeypatch.setattr(polling, "LATE_S", 0.05)
    if not has_own_clock:
        monkeypatch.setattr(polling, "_own_clock", lambda _device: None)
    keyboard = Scripted(A_DOWN, UP)
    said = []
    with pytest.raises(KeyboardInterrupt), open_tap(_find(keyboard)) as tap:
        for item in read_packets(tap):
            said.extend(_said([item]))
            if said == [A_DOWN]:
                time.sleep(0.1)
    assert said == ([A_DOWN, UP] if has_own_clock else [A_DOWN, ("gap", -70), UP])


@pytest.mark.parametrize(
    ("call", "error", "advice"),
    [
        ("open", DENIED, "permission"),
        ("detach", DENIED, "permission"),
        ("claim", BUSY, "another program or driver holds it"),
        ("claim", GONE, "no longer there"),
        ("request_0b", STALL, "--report-protocol"),
        ("request_0b", GONE, "no longer there"),
    ],
)
def test_what_cannot_be_opened_says_why_and_is_given_back(call, error, advice):
    keyboard = Scripted(**{call: error})
    with pytest.raises(CaptureError, match=advice), open_tap(_find(keyboard)):
        pytest.fail("opened what cannot be opened")
    assert keyboard.driver_attached
    assert keyboard.claimed == set()


def test_report_protocol_is_left_alone_and_boot_protocol_left_behind():
    keyboard = Scripted()
    with open_tap(_find(keyboard), DeviceOptions(report_protocol=True)):
        pass
    assert [request[1] for request in keyboard.control_requests] == [0x0A]
    with open_tap(_find(keyboard)):
        keyboard.control_requests.clear()
    assert keyboard.control_requests == [(0x21, 0x0B, 1, 0)]


def test_a_boot_mouse_is_set_up_like_a_keyboard_and_another_hid_device_is_not():
    for kind, requests in (((3, 1, 2), [0x0B, 0x0A]), ((3, 0, 0), []), ((0xFF, 0, 0), [])):
        device = Scripted()
        device.interfaces = (Interface(kind, b"", (Endpoint(0x81, 3, 4),)),)
        with open_tap(_find(device)):
            assert [request[1] for request in device.control_requests] == requests


def test_an_endpoint_is_chosen_by_its_address():
    device = Scripted()
    device.interfaces = (
        Interface((3, 1, 1), b"", (Endpoint(0x81, 3, 8),)),
        Interface((3, 0, 0), b"", (Endpoint(0x82, 3, 16), Endpoint(0x03, 3, 16))),
    )
    with open_tap(_find(device), DeviceOptions(endpoint=0x82)) as tap:
        assert tap.endpoint.bEndpointAddress == 0x82
        assert device.claimed == {1}
        assert device.control_requests == []
    missing = pytest.raises(CaptureError, match="no IN endpoint 0x83; it has 0x81, 0x82")
    with missing, open_tap(_find(device), DeviceOptions(endpoint=0x83)):
        pytest.fail("opened an endpoint that is not there")


def test_a_baud_rate_for_what_has_none_is_refused():
    keyboard = Scripted()
    with (
        pytest.raises(CaptureError, match="no serial port"),
        open_tap(_find(keyboard), DeviceOptions(baud=9600)),
    ):
        pass
    assert keyboard.driver_attached


def test_a_driver_that_a_killed_program_took_is_given_back():
    keyboard = Scripted(driver_attached=False)
    assert restore_drivers(_find(keyboard)) == [0]
    assert keyboard.driver_attached
    assert restore_drivers(_find(keyboard)) == []


def test_an_interface_without_any_driver_is_passed_over():
    assert restore_drivers(_find(Scripted(driver_attached=False, attach=(errno.ENOENT, -5)))) == []


@pytest.mark.parametrize(("error", "advice"), [(BUSY, "another program"), (DENIED, "permission")])
def test_a_driver_that_cannot_be_given_back_is_said(error, advice):
    with pytest.raises(CaptureError, match=advice):
        restore_drivers(_find(Scripted(driver_attached=False, attach=error)))


def test_a_system_without_detachable_drivers_needs_no_restoring():
    class Windows(Scripted):
        def is_kernel_driver_active(self, handle, intf):
            raise NotImplementedError

    with pytest.raises(CaptureError, match="plug the device in again"):
        restore_drivers(_find(Windows()))


def test_what_went_wrong_is_in_the_file_and_in_the_report(tmp_path):
    keyboard = Scripted(STALL, A_DOWN, OVERFLOW, UP, IO_ERROR, GONE)
    with opened(UsbSource(_find(keyboard))) as source:
        (result,) = record(source, Dataset.open_or_create(tmp_path / "d", False), Plan(("a",)))
    assert (result.stopped, result.packets, result.gaps, result.failures) == ("unplugged", 2, 1, 2)
    assert "2 packets are kept in" in result.problem()
    (recording,) = read_recordings(result.path)
    assert [packet.data for packet in recording.packets()] == [A_DOWN, UP]
    assert [(event.kind, event.status) for event in recording.events] == [
        ("failed", -32),
        ("gap", -75),
        ("failed", -5),
        ("unplug", -19),
    ]
    assert keyboard.driver_attached


def test_a_device_that_fails_for_good_leaves_what_it_sent(tmp_path):
    keyboard = Scripted(A_DOWN, *[IO_ERROR] * FAULTS_IN_A_ROW)
    with opened(UsbSource(_find(keyboard))) as source:
        (result,) = record(source, Dataset.open_or_create(tmp_path / "d", False), Plan(("a",)))
    assert (result.stopped, result.packets) == ("failed", 1)
    assert "does not answer" in result.fault
    assert len(read_recordings(result.path)[0]) == 1


def test_statuses_are_those_of_linux_on_every_host():
    assert [status_of(n) for n in (errno.EIO, errno.ENODEV, errno.EPIPE, errno.EOVERFLOW)] == [
        -5,
        -19,
        -32,
        -75,
    ]
    assert [kind_of(status) for status in (-19, -70, -75, -71)] == ["unplug", "gap", "gap", "failed"]

import errno
from types import SimpleNamespace

import pytest
import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity
from zerotap.capture.sources.backend import START_NS
from zerotap.capture.sources.typist import TimedReport
from zerotap.capture.sources.virtual import VirtualKeyboard
from zerotap.capture.usb.opening import open_tap
from zerotap.capture.usb.polling import TIMEOUT_MS, clock_of, read_packets, record_until_idle
from zerotap.errors import CaptureError

A_DOWN = bytes.fromhex("0000040000000000")
REPORTS = [TimedReport(1_000_000, A_DOWN), TimedReport(90_000_000, bytes(8))]


class Sink:
    def __init__(self):
        self.packets = []

    def write(self, packet):
        self.packets.append(packet)


class FailingKeyboard(VirtualKeyboard):
    """Fails in the calls named, with the errno given for each."""

    def __init__(self, driver_attached=True, **failures):
        super().__init__(driver_attached)
        self.failures = failures

    def _fail(self, call):
        if call in self.failures:
            raise usb.core.USBError("made to fail", -1, self.failures[call])

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

    def intr_read(self, handle, ep, intf, buffer, timeout):
        self._fail("read")
        return super().intr_read(handle, ep, intf, buffer, timeout)


def _find(keyboard):
    return usb.core.find(backend=keyboard)


def test_pyusb_enumerates_a_boot_keyboard():
    device = _find(VirtualKeyboard())
    interface = device.get_active_configuration()[(0, 0)]
    endpoint = interface[0]
    assert (interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol) == (
        3,
        1,
        1,
    )
    assert (endpoint.bEndpointAddress, endpoint.wMaxPacketSize, endpoint.bmAttributes) == (0x81, 8, 3)
    assert "Virtual boot keyboard" in str(device)
    with pytest.raises(IndexError):
        device[1]


def test_reports_are_recorded_as_they_were_played_with_simulated_times():
    keyboard, sink = VirtualKeyboard(), Sink()
    keyboard.play(REPORTS)
    with open_tap(_find(keyboard)) as tap:
        assert record_until_idle(tap, sink) == 2
    assert [packet.data for packet in sink.packets] == [A_DOWN, bytes(8)]
    assert [packet.timestamp_ns - START_NS for packet in sink.packets] == [1_000_000, 90_000_000]
    assert {packet.endpoint for packet in sink.packets} == {0x81}


def test_a_second_script_goes_on_where_time_stands():
    keyboard, sink = VirtualKeyboard(), Sink()
    with open_tap(_find(keyboard)) as tap:
        for _ in range(2):
            keyboard.play(REPORTS)
            record_until_idle(tap, sink)
    assert sink.packets[2].timestamp_ns == sink.packets[1].timestamp_ns + TIMEOUT_MS * 1_000_000 + 1_000_000


def test_the_keyboard_is_set_up_identified_and_given_back():
    keyboard = VirtualKeyboard()
    with open_tap(_find(keyboard)) as tap:
        assert not keyboard.driver_attached
        assert keyboard.claimed == {0}
        assert tap.identity == DeviceIdentity(0x1209, 0x0001, 1, 2, "zerotap", "Virtual boot keyboard", "")
    assert keyboard.driver_attached
    assert keyboard.claimed == set()
    assert keyboard.control_requests == [(0x21, 0x0B, 0, 0), (0x21, 0x0A, 0, 0), (0x21, 0x0B, 1, 0)]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_the_driver_is_given_back_when_the_reader_fails(error):
    keyboard = VirtualKeyboard()
    with pytest.raises(error), open_tap(_find(keyboard)):
        raise error
    assert keyboard.driver_attached
    assert keyboard.claimed == set()


@pytest.mark.parametrize(
    ("call", "number", "advice"),
    [
        ("claim", errno.EBUSY, "another program or driver holds it"),
        ("claim", errno.EACCES, "udev rule"),
        ("request_0b", errno.ENODEV, "plug it in"),
    ],
)
def test_the_driver_is_given_back_when_opening_fails(call, number, advice):
    keyboard = FailingKeyboard(**{call: number})
    with pytest.raises(CaptureError, match=advice), open_tap(_find(keyboard)):
        pytest.fail("opened a device that cannot be opened")
    assert keyboard.driver_attached
    assert keyboard.claimed == set()


def test_a_keyboard_without_driver_gets_none():
    keyboard = VirtualKeyboard(driver_attached=False)
    with open_tap(_find(keyboard)):
        assert keyboard.claimed == {0}
    assert not keyboard.driver_attached


@pytest.mark.parametrize("error", [NotImplementedError(), usb.core.USBError("Other error", -99)])
def test_a_system_that_cannot_tell_of_drivers_is_taken_to_have_none(error):
    class Mute(VirtualKeyboard):
        def is_kernel_driver_active(self, handle, intf):
            raise error

    keyboard = Mute(driver_attached=False)
    with open_tap(_find(keyboard)):
        assert keyboard.claimed == {0}
    assert not keyboard.driver_attached


def test_a_keyboard_may_stall_on_set_idle():
    keyboard = FailingKeyboard(request_0a=errno.EPIPE)
    with open_tap(_find(keyboard)):
        assert keyboard.control_requests == [(0x21, 0x0B, 0, 0)]
    assert keyboard.driver_attached


def test_cleaning_up_after_an_unplug_is_quiet():
    keyboard = FailingKeyboard(read=errno.ENODEV, release=errno.ENODEV, attach=errno.ENOENT)
    with open_tap(_find(keyboard)) as tap:
        assert [event.kind for event in read_packets(tap)] == ["unplug"]


def test_a_keyboard_that_goes_while_it_types_is_an_error():
    keyboard, sink = FailingKeyboard(read=errno.ENODEV), Sink()
    with pytest.raises(CaptureError, match=r"1209:0001 at 1\.2 stopped: the device was unplugged"):  # noqa: SIM117
        with open_tap(_find(keyboard)) as tap:
            record_until_idle(tap, sink)


def test_a_timeout_yields_none_and_the_next_packet_still_comes():
    keyboard = VirtualKeyboard()
    with open_tap(_find(keyboard)) as tap:
        packets = read_packets(tap)
        assert next(packets) is None
        keyboard.play(REPORTS)
        assert next(packets).data == A_DOWN


def test_reads_of_length_zero_are_no_packets():
    keyboard, sink = VirtualKeyboard(), Sink()
    keyboard.play([TimedReport(1, b""), TimedReport(2, A_DOWN), TimedReport(3, b"")])
    with open_tap(_find(keyboard)) as tap:
        assert record_until_idle(tap, sink) == 1


def test_an_unconfigured_device_is_configured():
    keyboard = VirtualKeyboard()
    keyboard.set_configuration("keyboard", 0)
    with open_tap(_find(keyboard)):
        assert keyboard.get_configuration("keyboard") == 1


def test_a_device_without_in_endpoints_is_refused_and_left_alone():
    class Listener(VirtualKeyboard):
        def get_endpoint_descriptor(self, dev, ep, intf, alt, config):
            descriptor = super().get_endpoint_descriptor(dev, ep, intf, alt, config)
            return SimpleNamespace(**{**vars(descriptor), "bEndpointAddress": 0x01})

    keyboard = Listener()
    with pytest.raises(CaptureError, match="no interrupt or bulk IN endpoint"), open_tap(_find(keyboard)):
        pytest.fail("opened a device that sends nothing")
    assert keyboard.driver_attached


def test_a_real_device_is_stamped_by_a_clock_that_never_runs_back():
    class Real:
        backend = object()

    now_ns = clock_of(Real())
    stamps = [now_ns() for _ in range(100)]
    assert stamps == sorted(stamps)


def test_virtual_errors_are_those_of_libusb():
    keyboard = VirtualKeyboard()
    device = _find(keyboard)
    with pytest.raises(usb.core.USBError) as busy:
        usb.util.claim_interface(device, 0)
    assert (busy.value.errno, busy.value.backend_error_code) == (errno.EBUSY, -6)
    device.detach_kernel_driver(0)
    with pytest.raises(usb.core.USBError) as twice:
        device.detach_kernel_driver(0)
    assert (twice.value.errno, twice.value.backend_error_code) == (errno.ENOENT, -5)
    with pytest.raises(usb.core.USBTimeoutError) as timeout:
        device.read(0x81, 8, 10)
    assert (timeout.value.errno, timeout.value.backend_error_code) == (errno.ETIMEDOUT, -7)
    with pytest.raises(usb.core.USBError) as stall:
        device.ctrl_transfer(0xC0, 0x42, 0, 0, 8)
    assert (stall.value.errno, stall.value.backend_error_code) == (errno.EPIPE, -9)

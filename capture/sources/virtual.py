"""A virtual boot keyboard: a pyusb backend with one device, scripted reports and simulated time.

Everything above ``usb.backend.IBackend`` is the real pyusb, so what finds, claims and reads a real keyboard
does the same here. Error numbers are those of libusb on Linux.
"""

from __future__ import annotations

import errno
from collections import deque
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING

import usb.backend
import usb.core

from zerotap.capture.sources.typist import NANOSECONDS_A_MILLISECOND, TimedReport

if TYPE_CHECKING:
    from array import array

VENDOR_ID, PRODUCT_ID = 0x1209, 0x0001
"""The pid.codes identity for tests."""
START_NS = 1_735_689_600 * 10**9
"""2025-01-01 00:00 UTC: simulated time begins here, so that the same seed makes the same file."""

_STRINGS = {1: "zerotap", 2: "Virtual boot keyboard"}
_HID_DESCRIPTOR = bytes.fromhex("092111010001223f00")
_DEVICE = SimpleNamespace(
    bLength=18, bDescriptorType=1, bcdUSB=0x0200, bDeviceClass=0, bDeviceSubClass=0, bDeviceProtocol=0,
    bMaxPacketSize0=8, idVendor=VENDOR_ID, idProduct=PRODUCT_ID, bcdDevice=0x0100, iManufacturer=1,
    iProduct=2, iSerialNumber=0, bNumConfigurations=1, bus=1, address=2, port_number=1,
    port_numbers=(1,), speed=2,
)  # fmt: skip
_CONFIGURATION = SimpleNamespace(
    bLength=9, bDescriptorType=2, wTotalLength=34, bNumInterfaces=1, bConfigurationValue=1, iConfiguration=0,
    bmAttributes=0xA0, bMaxPower=50, extra_descriptors=[],
)  # fmt: skip
_INTERFACE = SimpleNamespace(
    bLength=9, bDescriptorType=4, bInterfaceNumber=0, bAlternateSetting=0, bNumEndpoints=1, bInterfaceClass=3,
    bInterfaceSubClass=1, bInterfaceProtocol=1, iInterface=0, extra_descriptors=list(_HID_DESCRIPTOR),
)  # fmt: skip
_ENDPOINT = SimpleNamespace(
    bLength=7, bDescriptorType=5, bEndpointAddress=0x81, bmAttributes=3, wMaxPacketSize=8, bInterval=1,
    bRefresh=0, bSynchAddress=0, extra_descriptors=[],
)  # fmt: skip

_GET_STRING = (0x80, 6, 3)
_HID_REQUESTS = {(0x21, 0x0A), (0x21, 0x0B)}


def _only_first(descriptor: SimpleNamespace, *indices: int) -> SimpleNamespace:
    if any(indices):
        raise IndexError
    return descriptor


class VirtualKeyboard(usb.backend.IBackend):  # type: ignore[misc]
    """A bus with one keyboard on it: interface class 3/1/1, interrupt IN 0x81, boot reports of 8 bytes.

    ``play`` queues reports; reads return them at once and move ``clock_ns`` to the report's time, or by the
    read's timeout once the script is over. ``driver_attached``, ``claimed`` and ``control_requests``
    ((bmRequestType, bRequest, wValue, wIndex) of each class request) tell what the host did.
    """

    def __init__(self, driver_attached: bool = True) -> None:
        self.driver_attached = driver_attached
        self.claimed: set[int] = set()
        self.control_requests: list[tuple[int, int, int, int]] = []
        self._configuration = 1
        self._now_ns = START_NS
        self._script: deque[TimedReport] = deque()

    def play(self, reports: Iterable[TimedReport]) -> None:
        """Queue the reports, their times counted from now."""
        self._script.extend(TimedReport(self._now_ns + offset_ns, data) for offset_ns, data in reports)

    def clock_ns(self) -> int:
        """Simulated time, in nanoseconds since the Unix epoch."""
        return self._now_ns

    def enumerate_devices(self) -> Iterator[str]:
        """Yield the one device."""
        yield "keyboard"

    def get_parent(self, _dev: str) -> None:
        """Return None: it is no hub's child."""

    def get_device_descriptor(self, _dev: str) -> SimpleNamespace:
        """Describe the device."""
        return _DEVICE

    def get_configuration_descriptor(self, _dev: str, config: int) -> SimpleNamespace:
        """Describe the one configuration."""
        return _only_first(_CONFIGURATION, config)

    def get_interface_descriptor(self, _dev: str, intf: int, alt: int, config: int) -> SimpleNamespace:
        """Describe the one interface."""
        return _only_first(_INTERFACE, intf, alt, config)

    def get_endpoint_descriptor(
        self, _dev: str, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        """Describe the one endpoint."""
        return _only_first(_ENDPOINT, ep, intf, alt, config)

    def open_device(self, dev: str) -> str:
        """Return the device as its own handle."""
        return dev

    def close_device(self, _handle: str) -> None:
        """Do nothing: a handle holds no resource."""

    def get_configuration(self, _handle: str) -> int:
        """Return the configuration that the bus set up."""
        return self._configuration

    def set_configuration(self, _handle: str, value: int) -> None:
        """Choose a configuration."""
        self._configuration = value

    def claim_interface(self, _handle: str, intf: int) -> None:
        """Claim, unless a kernel driver has the interface."""
        if self.driver_attached:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self.claimed.add(intf)

    def release_interface(self, _handle: str, intf: int) -> None:
        """Release what was claimed."""
        if intf not in self.claimed:
            raise usb.core.USBError("Entity not found", -5, errno.ENOENT)
        self.claimed.remove(intf)

    def is_kernel_driver_active(self, _handle: str, _intf: int) -> bool:
        """Tell whether the kernel's driver is attached."""
        return self.driver_attached

    def detach_kernel_driver(self, _handle: str, _intf: int) -> None:
        """Detach the driver; twice is an error."""
        if not self.driver_attached:
            raise usb.core.USBError("Entity not found", -5, errno.ENOENT)
        self.driver_attached = False

    def attach_kernel_driver(self, _handle: str, intf: int) -> None:
        """Attach the driver; it cannot take an interface that is claimed."""
        if intf in self.claimed:
            raise usb.core.USBError("Resource busy", -6, errno.EBUSY)
        self.driver_attached = True

    def ctrl_transfer(
        self,
        _handle: str,
        request_type: int,
        request: int,
        value: int,
        index: int,
        data: array[int],
        _timeout: int,
    ) -> int:
        """Answer GET_DESCRIPTOR(string), take SET_IDLE and SET_PROTOCOL, stall on all else."""
        if (request_type, request, value >> 8) == _GET_STRING:
            return _fill(data, _string_descriptor(value & 0xFF))
        if (request_type, request) in _HID_REQUESTS:
            self.control_requests.append((request_type, request, value, index))
            return len(data)
        raise usb.core.USBError("Pipe error", -9, errno.EPIPE)

    def intr_read(self, _handle: str, _ep: int, intf: int, buffer: array[int], timeout: int) -> int:
        """Put the script's next report into ``buffer``; a timeout (in ms) once it is over."""
        if intf not in self.claimed:
            raise usb.core.USBError("Input/output error", -1, errno.EIO)
        if not self._script:
            self._now_ns += timeout * NANOSECONDS_A_MILLISECOND
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        self._now_ns, report = self._script.popleft()
        return _fill(buffer, report)


def _fill(buffer: array[int], data: bytes) -> int:
    length = min(len(buffer), len(data))
    memoryview(buffer).cast("B")[:length] = data[:length]
    return length


def _string_descriptor(index: int) -> bytes:
    """USB 2.0, section 9.6.7: index 0 lists the languages (US English), the others are UTF-16."""
    body = b"\x09\x04" if index == 0 else _STRINGS[index].encode("utf-16-le")
    return bytes((2 + len(body), 3)) + body

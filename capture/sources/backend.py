"""Virtual USB devices: pyusb backends with one device each.

Everything above ``usb.backend.IBackend`` is the real pyusb, so what finds, claims and reads a real device
does the same here. Error numbers are those of libusb on Linux.
"""

from __future__ import annotations

import errno
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Protocol

import usb.backend
import usb.core

from zerotap.capture.packet import VIRTUAL_MANUFACTURER, VIRTUAL_VENDOR_ID
from zerotap.capture.usb.polling import host_clock

if TYPE_CHECKING:
    from array import array


START_NS = 1_735_689_600 * 10**9
"""2025-01-01 00:00 UTC: simulated time begins here, so that the same seed makes the same file."""
NANOSECONDS_A_MILLISECOND = 1_000_000

_GET_STRING = (0x80, 6, 3)
_CLASS_REQUEST = 0x21  # host to device, class, to an interface


class Clock(Protocol):
    """The time that a virtual device lives in."""

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch."""

    def wait(self, until_ns: int | None, timeout_ms: int) -> bool:
        """Wait until ``until_ns``, or as long as ``timeout_ms``; tell whether the time has come."""


class SimulatedClock:
    """Time that only waiting moves: what is to come comes at once, and what never comes takes its timeout."""

    def __init__(self) -> None:
        self._now_ns = START_NS

    def now_ns(self) -> int:
        """The simulated time."""
        return self._now_ns

    def wait(self, until_ns: int | None, timeout_ms: int) -> bool:
        """Move the time on."""
        if until_ns is None:
            self._now_ns += timeout_ms * NANOSECONDS_A_MILLISECOND
        else:
            self._now_ns = max(self._now_ns, until_ns)
        return until_ns is not None


class HostClock:
    """Real time."""

    def __init__(self) -> None:
        self.now_ns = host_clock()

    def wait(self, until_ns: int | None, timeout_ms: int) -> bool:
        """Sleep."""
        now_ns = self.now_ns()
        end_ns = now_ns + timeout_ms * NANOSECONDS_A_MILLISECOND
        wake_ns = end_ns if until_ns is None else min(until_ns, end_ns)
        if wake_ns > now_ns:
            time.sleep((wake_ns - now_ns) / 1e9)
        return until_ns is not None and until_ns <= end_ns


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IN endpoint of a virtual device. ``attributes``: 3 interrupt, 2 bulk."""

    address: int
    attributes: int
    packet_bytes: int


@dataclass(frozen=True, slots=True)
class Interface:
    """An interface of a virtual device: class, subclass and protocol, class descriptors, endpoints."""

    kind: tuple[int, int, int]
    descriptors: bytes
    endpoints: tuple[Endpoint, ...]


class VirtualDevice(usb.backend.IBackend, ABC):  # type: ignore[misc]
    """A bus with one device on it.

    ``driver_attached``, ``claimed`` and ``control_requests`` ((bmRequestType, bRequest, wValue, wIndex) of
    each class request) tell what the host did. One driver has all the interfaces. Subclasses say what comes.
    """

    product_id = 0
    product = ""
    interfaces: tuple[Interface, ...] = ()
    class_requests: frozenset[int] = frozenset()

    def __init__(self, clock: Clock | None = None, driver_attached: bool = True) -> None:
        self.driver_attached = driver_attached
        self.claimed: set[int] = set()
        self.control_requests: list[tuple[int, int, int, int]] = []
        self.clock = clock or SimulatedClock()
        self._configuration = 1

    @abstractmethod
    def due_ns(self) -> int | None:
        """When the next bytes come, in nanoseconds as ``clock_ns``; None where none are to come."""

    @abstractmethod
    def take(self, most_bytes: int) -> bytes:
        """Return what one transfer brings now, at most ``most_bytes``."""

    def clock_ns(self) -> int:
        """The device's time, in nanoseconds since the Unix epoch: it stamps the packets."""
        return self.clock.now_ns()

    def enumerate_devices(self) -> Iterator[str]:
        """Yield the one device."""
        yield "device"

    def get_parent(self, _dev: str) -> None:
        """Return None: it is no hub's child."""

    def get_device_descriptor(self, _dev: str) -> SimpleNamespace:
        """Describe the device."""
        return SimpleNamespace(
            bLength=18, bDescriptorType=1, bcdUSB=0x0200, bDeviceClass=0, bDeviceSubClass=0,
            bDeviceProtocol=0, bMaxPacketSize0=8, idVendor=VIRTUAL_VENDOR_ID, idProduct=self.product_id,
            bcdDevice=0x0100, iManufacturer=1, iProduct=2, iSerialNumber=0, bNumConfigurations=1, bus=1,
            address=2, port_number=1, port_numbers=(1,), speed=2,
        )  # fmt: skip

    def get_configuration_descriptor(self, _dev: str, config: int) -> SimpleNamespace:
        """Describe the one configuration."""
        if config:
            raise IndexError
        class_bytes = sum(9 + len(i.descriptors) + 7 * len(i.endpoints) for i in self.interfaces)
        return SimpleNamespace(
            bLength=9, bDescriptorType=2, wTotalLength=9 + class_bytes, bNumInterfaces=len(self.interfaces),
            bConfigurationValue=1, iConfiguration=0, bmAttributes=0xA0, bMaxPower=50, extra_descriptors=[],
        )  # fmt: skip

    def get_interface_descriptor(self, _dev: str, intf: int, alt: int, config: int) -> SimpleNamespace:
        """Describe an interface."""
        if alt or config:
            raise IndexError
        interface = self.interfaces[intf]
        class_code, subclass, protocol = interface.kind
        return SimpleNamespace(
            bLength=9, bDescriptorType=4, bInterfaceNumber=intf, bAlternateSetting=0,
            bNumEndpoints=len(interface.endpoints), bInterfaceClass=class_code, bInterfaceSubClass=subclass,
            bInterfaceProtocol=protocol, iInterface=0, extra_descriptors=list(interface.descriptors),
        )  # fmt: skip

    def get_endpoint_descriptor(
        self, _dev: str, ep: int, intf: int, alt: int, config: int
    ) -> SimpleNamespace:
        """Describe an endpoint."""
        if alt or config:
            raise IndexError
        endpoint = self.interfaces[intf].endpoints[ep]
        return SimpleNamespace(
            bLength=7, bDescriptorType=5, bEndpointAddress=endpoint.address, bmAttributes=endpoint.attributes,
            wMaxPacketSize=endpoint.packet_bytes, bInterval=1, bRefresh=0, bSynchAddress=0,
            extra_descriptors=[],
        )  # fmt: skip

    def open_device(self, dev: str) -> str:
        """Return the device as its own handle."""
        return dev

    def close_device(self, _handle: str) -> None:
        """End every claim, as the system does."""
        self.claimed.clear()

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

    def attach_kernel_driver(self, _handle: str, _intf: int) -> None:
        """Attach the driver; it cannot take what is claimed."""
        if self.claimed:
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
        """Answer GET_DESCRIPTOR(string), take the class requests that the device knows, stall on all else."""
        if (request_type, request, value >> 8) == _GET_STRING:
            return fill(data, self._string_descriptor(value & 0xFF))
        if request_type == _CLASS_REQUEST and request in self.class_requests:
            self.control_requests.append((request_type, request, value, index))
            return len(data)
        raise usb.core.USBError("Pipe error", -9, errno.EPIPE)

    def intr_read(self, _handle: str, _ep: int, intf: int, buffer: array[int], timeout: int) -> int:
        """Put what comes next into ``buffer``; a timeout (in ms) where nothing does."""
        if intf not in self.claimed:
            raise usb.core.USBError("Input/output error", -1, errno.EIO)
        if not self.clock.wait(self.due_ns(), timeout):
            raise usb.core.USBTimeoutError("Operation timed out", -7, errno.ETIMEDOUT)
        return fill(buffer, self.take(len(buffer)))

    def bulk_read(self, handle: str, ep: int, intf: int, buffer: array[int], timeout: int) -> int:
        """Read a bulk endpoint, which differs in nothing here."""
        return self.intr_read(handle, ep, intf, buffer, timeout)

    def _string_descriptor(self, index: int) -> bytes:
        """USB 2.0, section 9.6.7: index 0 lists the languages (US English), the others are UTF-16."""
        names = VIRTUAL_MANUFACTURER, self.product
        body = b"\x09\x04" if index == 0 else names[index - 1].encode("utf-16-le")
        return bytes((2 + len(body), 3)) + body


def fill(buffer: array[int], data: bytes) -> int:
    """Copy what fits of ``data`` into ``buffer``, and return how much that is."""
    length = min(len(buffer), len(data))
    memoryview(buffer).cast("B")[:length] = data[:length]
    return length

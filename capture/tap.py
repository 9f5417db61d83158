"""Open a USB device for reading and give it back: interface released, kernel driver attached, closed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import usb.core
import usb.util

from zerotap.capture.devices import describe, explain, identify
from zerotap.capture.packet import DeviceIdentity
from zerotap.errors import CaptureError

BOOT_KEYBOARD = (3, 1, 1)
"""Interface class HID, subclass boot, protocol keyboard (HID 1.11, section 4)."""

_SET_IDLE = (0x21, 0x0A, 0x0000)
"""Report only when something changes (HID 1.11, section 7.2.4)."""
_SET_BOOT_PROTOCOL = (0x21, 0x0B, 0x0000)
"""HID 1.11, section 7.2.6."""


@dataclass(frozen=True, slots=True)
class Tap:
    """An open device: the endpoint to read (an interrupt or bulk IN endpoint of pyusb) and whose it is."""

    endpoint: usb.core.Endpoint
    identity: DeviceIdentity


@contextmanager
def open_tap(device: usb.core.Device) -> Iterator[Tap]:
    """Claim the boot keyboard of ``device``, or else its first interface that sends packets, and yield it.

    A kernel driver on that interface is detached, and attached again on every way out; clean-up after an
    unplug fails quietly. A keyboard is set to boot protocol and to report changes only. Raises CaptureError
    where the device cannot be opened.
    """
    with ExitStack() as stack:
        stack.callback(usb.util.dispose_resources, device)
        try:
            tap = _claim(device, stack)
        except usb.core.USBError as error:
            raise CaptureError(f"USB device {describe(device)} does not open: {explain(error)}") from error
        yield tap


def _claim(device: usb.core.Device, stack: ExitStack) -> Tap:
    interface, endpoint = _choose(device)
    number = interface.bInterfaceNumber
    if _has_driver(device, number):
        # Registered first: an interrupt between the two lines must not lose the driver.
        stack.callback(_attach_driver, device, number)
        device.detach_kernel_driver(number)
    stack.callback(_release, device, number)
    usb.util.claim_interface(device, number)
    if _kind(interface) == BOOT_KEYBOARD:
        device.ctrl_transfer(*_SET_BOOT_PROTOCOL, number)
        with suppress(usb.core.USBError):  # some keyboards stall on it and repeat their reports instead
            device.ctrl_transfer(*_SET_IDLE, number)
    return Tap(endpoint, identify(device))


def _choose(device: usb.core.Device) -> tuple[usb.core.Interface, usb.core.Endpoint]:
    found = [(i, e) for i in _configuration(device) for e in i if _sends_packets(e)]
    if not found:
        raise CaptureError(
            f"USB device {describe(device)} has no interrupt or bulk IN endpoint; choose another device"
        )
    return next((pair for pair in found if _kind(pair[0]) == BOOT_KEYBOARD), found[0])


def _configuration(device: usb.core.Device) -> usb.core.Configuration:
    try:
        return device.get_active_configuration()
    except usb.core.USBError:
        device.set_configuration()
        return device.get_active_configuration()


def _kind(interface: usb.core.Interface) -> tuple[int, int, int]:
    return interface.bInterfaceClass, interface.bInterfaceSubClass, interface.bInterfaceProtocol


def _sends_packets(endpoint: usb.core.Endpoint) -> bool:
    is_in = usb.util.endpoint_direction(endpoint.bEndpointAddress) == usb.util.ENDPOINT_IN
    kinds = usb.util.ENDPOINT_TYPE_INTR, usb.util.ENDPOINT_TYPE_BULK
    return is_in and usb.util.endpoint_type(endpoint.bmAttributes) in kinds


def _has_driver(device: usb.core.Device, number: int) -> bool:
    try:
        return bool(device.is_kernel_driver_active(number))
    except (NotImplementedError, usb.core.USBError):  # no such thing here; claiming tells whether it is free
        return False


def _attach_driver(device: usb.core.Device, number: int) -> None:
    with suppress(usb.core.USBError):
        device.attach_kernel_driver(number)


def _release(device: usb.core.Device, number: int) -> None:
    with suppress(usb.core.USBError):
        usb.util.release_interface(device, number)

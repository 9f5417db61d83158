"""Open a USB device for reading and give it back: interfaces released, kernel driver attached, closed."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity
from zerotap.errors import CaptureError

from .cdc import (
    DATA_CLASS,
    DEFAULT_BAUD,
    checked_baud,
    close_line,
    control_interface,
    open_line,
)
from .devices import (
    BOOT_KEYBOARD,
    BOOT_MOUSE,
    describe,
    explain,
    identify,
    interface_kind,
    is_boot_keyboard,
)

_SET_IDLE = (0x21, 0x0A, 0x0000)
"""Report only when something changes (HID 1.11, section 7.2.4)."""
_SET_PROTOCOL = (0x21, 0x0B)
"""HID 1.11, section 7.2.6."""
_BOOT_PROTOCOL, _REPORT_PROTOCOL = 0, 1


@dataclass(frozen=True, slots=True)
class Tap:
    """An open device: the endpoint to read (an interrupt or bulk IN endpoint of pyusb) and whose it is."""

    endpoint: usb.core.Endpoint
    identity: DeviceIdentity

    @property
    def transfer(self) -> str:
        """How the endpoint sends: "interrupt" or "bulk"."""
        return "bulk" if is_bulk(self.endpoint) else "interrupt"


@dataclass(frozen=True, slots=True)
class _Choice:
    """What to open: an endpoint, its interface, and where that is a serial port's, the control interface."""

    interface: usb.core.Interface
    endpoint: usb.core.Endpoint
    control_number: int | None

    @property
    def number(self) -> int:
        return int(self.interface.bInterfaceNumber)

    @property
    def numbers(self) -> list[int]:
        """The interfaces to claim. The control interface first: the kernel's driver gives both by it."""
        return [self.number] if self.control_number is None else [self.control_number, self.number]


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """How to open a device; the defaults are right for most.

    ``endpoint``: the address of an IN endpoint, 0x81 and up; by default that of the boot keyboard, else of
    the data of a serial port (CDC-ACM), else the first that sends. ``report_protocol``: leave a boot keyboard
    or mouse in its report protocol. ``baud``: of a serial port and of nothing else; 115200 by default, never
    1200.
    """

    endpoint: int | None = None
    report_protocol: bool = False
    baud: int | None = None


@contextmanager
def open_tap(device: usb.core.Device, options: DeviceOptions | None = None) -> Iterator[Tap]:
    """Claim what sends packets on ``device`` and yield it.

    A boot keyboard or mouse is set to boot protocol and to report changes only; a serial port gets its baud
    rate, 8N1, and DTR. Kernel drivers are detached, and attached again on every way out; clean-up after an
    unplug fails quietly. Raises CaptureError where the device cannot be opened or lacks what is asked for.
    """
    options = options or DeviceOptions()
    with ExitStack() as stack:
        stack.callback(usb.util.dispose_resources, device)
        try:
            choice = _choose(device, options.endpoint)
            _claim(device, choice.numbers, stack)
            _set_up(device, choice, options, stack)
            tap = Tap(choice.endpoint, identify(device))
        except usb.core.USBError as error:
            raise CaptureError(f"USB device {describe(device)} does not open: {explain(error)}") from error
        yield tap


def restore_drivers(device: usb.core.Device) -> list[int]:
    """Attach the kernel's drivers to the interfaces of ``device`` that have none; return their numbers.

    For a keyboard that a killed program left without its driver. Raises CaptureError where the system
    refuses, or where another program holds an interface.
    """
    restored = []
    try:
        for number in sorted({int(i.bInterfaceNumber) for i in _configuration(device)}):
            if not device.is_kernel_driver_active(number) and _attached(device, number):
                restored.append(number)
    except NotImplementedError as error:
        raise CaptureError(
            "Drivers are given back by the system itself here: plug the device in again"
        ) from error
    except usb.core.USBError as error:
        raise CaptureError(f"USB device {describe(device)}: driver not restored: {explain(error)}") from error
    finally:
        usb.util.dispose_resources(device)
    return restored


def is_bulk(endpoint: usb.core.Endpoint) -> bool:
    """Tell a bulk endpoint from an interrupt endpoint."""
    return bool(usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK)


def _choose(device: usb.core.Device, address: int | None) -> _Choice:
    configuration = _configuration(device)
    found = [(i, e) for i in configuration if not i.bAlternateSetting for e in i if _sends_packets(e)]
    chosen = [(i, e) for i, e in found if address in (None, e.bEndpointAddress)]
    if not chosen:
        raise CaptureError(_nothing_to_read(device, address, [e for _, e in found]))
    interface, endpoint = min(chosen, key=lambda pair: _preference(pair[0]))
    is_data = interface.bInterfaceClass == DATA_CLASS
    control = control_interface(configuration, interface.bInterfaceNumber) if is_data else None
    return _Choice(interface, endpoint, control)


def _preference(interface: usb.core.Interface) -> int:
    """Order interfaces, the first to choose lowest; those that are equal keep the device's order."""
    if is_boot_keyboard(interface):
        return 0
    return 1 if interface.bInterfaceClass == DATA_CLASS else 2


def _nothing_to_read(device: usb.core.Device, address: int | None, found: list[usb.core.Endpoint]) -> str:
    if not found:
        return f"USB device {describe(device)} has no interrupt or bulk IN endpoint; choose another device"
    known = ", ".join(f"{endpoint.bEndpointAddress:#04x}" for endpoint in found)
    return (
        f"USB device {describe(device)} has no IN endpoint {address:#04x}; it has {known}: choose one of them"
    )


def _claim(device: usb.core.Device, numbers: list[int], stack: ExitStack) -> None:
    for number in numbers:
        if _has_driver(device, number):
            # Registered first: an interrupt between the two lines must not lose the driver.
            stack.callback(_quietly, device.attach_kernel_driver, number)
            device.detach_kernel_driver(number)
    for number in numbers:
        stack.callback(_quietly, usb.util.release_interface, device, number)
        usb.util.claim_interface(device, number)


def _set_up(device: usb.core.Device, choice: _Choice, options: DeviceOptions, stack: ExitStack) -> None:
    if choice.control_number is not None:
        stack.callback(_quietly, close_line, device, choice.control_number)
        open_line(device, choice.control_number, DEFAULT_BAUD if options.baud is None else options.baud)
    elif options.baud is not None:
        checked_baud(options.baud)
        raise CaptureError(f"USB device {describe(device)} is no serial port: leave the baud rate out")
    if interface_kind(choice.interface) in (BOOT_KEYBOARD, BOOT_MOUSE):
        if not options.report_protocol:
            _set_boot_protocol(device, choice.number, stack)
        with suppress(usb.core.USBError):  # some keyboards stall on it and repeat their reports instead
            device.ctrl_transfer(*_SET_IDLE, choice.number)


def _set_boot_protocol(device: usb.core.Device, number: int, stack: ExitStack) -> None:
    # Linux takes it that a keyboard speaks the report protocol when it gets its driver back.
    stack.callback(_quietly, device.ctrl_transfer, *_SET_PROTOCOL, _REPORT_PROTOCOL, number)
    try:
        device.ctrl_transfer(*_SET_PROTOCOL, _BOOT_PROTOCOL, number)
    except usb.core.USBError as error:
        if error.errno != errno.EPIPE:
            raise
        raise CaptureError(
            f"USB device {describe(device)} refuses the boot protocol: record it with --report-protocol"
        ) from error


def _configuration(device: usb.core.Device) -> usb.core.Configuration:
    try:
        return device.get_active_configuration()
    except usb.core.USBError:
        device.set_configuration()
        return device.get_active_configuration()


def _sends_packets(endpoint: usb.core.Endpoint) -> bool:
    is_in = usb.util.endpoint_direction(endpoint.bEndpointAddress) == usb.util.ENDPOINT_IN
    kinds = usb.util.ENDPOINT_TYPE_INTR, usb.util.ENDPOINT_TYPE_BULK
    return is_in and usb.util.endpoint_type(endpoint.bmAttributes) in kinds


def _has_driver(device: usb.core.Device, number: int) -> bool:
    try:
        return bool(device.is_kernel_driver_active(number))
    except (NotImplementedError, usb.core.USBError):  # no such thing here; claiming tells whether it is free
        return False


def _attached(device: usb.core.Device, number: int) -> bool:
    """Attach a driver; False where the system has none for that interface."""
    try:
        device.attach_kernel_driver(number)
    except usb.core.USBError as error:
        if error.errno == errno.ENOENT:
            return False
        raise
    return True


def _quietly(step: Callable[..., object], *arguments: object) -> None:
    """Take a step of clean-up; that the device is gone by then is no news."""
    with suppress(usb.core.USBError):
        step(*arguments)

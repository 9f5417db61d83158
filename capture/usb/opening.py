"""Open a USB device for reading, and have it given back."""

from __future__ import annotations

import errno
import inspect
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import usb.core
import usb.util

from zerotap.capture.packet import DeviceIdentity, Event, Packet
from zerotap.errors import CaptureError

from .cdc import (
    DATA_CLASS,
    DEFAULT_BAUD,
    checked_baud,
    close_line,
    control_interface,
    open_line,
)
from .devices import BOOT_KEYBOARD, describe, explain, identify, interface_kind
from .giving_back import (
    BOOT_PROTOCOL,
    REPORT_PROTOCOL,
    SET_PROTOCOL,
    Taking,
    configured,
    ending_with,
    is_boot_device,
)

Reader = Generator[Packet | Event | None, None, None]

_SET_IDLE = (0x21, 0x0A, 0x0000)
"""Report only when something changes (HID 1.11, section 7.2.4)."""


@dataclass(frozen=True, slots=True)
class Tap:
    """An open device: the endpoint to read (an interrupt or bulk IN endpoint of pyusb) and whose it is.

    ``readers`` are what reads it: a device is not closed under a read that has not returned.
    """

    endpoint: usb.core.Endpoint
    identity: DeviceIdentity
    readers: list[Reader] = field(default_factory=list, compare=False, repr=False)

    @property
    def transfer(self) -> str:
        """How the endpoint sends: "interrupt" or "bulk"."""
        return "bulk" if is_bulk(self.endpoint) else "interrupt"


@dataclass(frozen=True, slots=True)
class Choice:
    """What to open: an endpoint, its interface, and where that is a serial port's, the control interface."""

    interface: usb.core.Interface
    endpoint: usb.core.Endpoint
    control: usb.core.Interface | None

    @property
    def number(self) -> int:
        """Of the interface."""
        return int(self.interface.bInterfaceNumber)

    @property
    def control_number(self) -> int | None:
        """Of the control interface."""
        return None if self.control is None else int(self.control.bInterfaceNumber)

    @property
    def interfaces(self) -> list[usb.core.Interface]:
        """The interfaces to claim. The control interface first: the kernel's driver gives both by it."""
        return [self.interface] if self.control is None else [self.control, self.interface]


@dataclass(frozen=True, slots=True)
class DeviceOptions:
    """How to open a device; the defaults are right for most.

    ``endpoint``: the address of an IN endpoint, 0x81 and up; by default that of the boot keyboard, else of
    the data of a serial port (CDC-ACM), else the first that sends. ``report_protocol``: leave a boot keyboard
    or mouse in its report protocol. ``baud``: of a serial port and of nothing else; 115200 by default, never
    1200. ``reset``: of a port behind a USB-serial chip and of nothing else; whether opening it restarts the
    board, by default it does.
    """

    endpoint: int | None = None
    report_protocol: bool = False
    baud: int | None = None
    reset: bool | None = None


@contextmanager
def open_tap(device: usb.core.Device, options: DeviceOptions | None = None) -> Iterator[Tap]:
    """Claim what sends packets on ``device`` and yield it.

    A boot keyboard or mouse is set to boot protocol and to report changes only; a serial port gets its baud
    rate, 8N1, and DTR. Kernel drivers are detached, and attached again on every way out, that of a killed
    process too; clean-up after an unplug fails quietly. Raises CaptureError where the device cannot be
    opened, lacks what is asked for, or is being recorded; DriverLostError where a driver is not back.
    """
    options, taking = options or DeviceOptions(), Taking(device)
    readers: list[Reader] = []
    with ending_with(lambda: taking.give_back(any(map(_is_running, readers)))):
        try:
            choice = choose(device, options.endpoint)
            taking.take(choice.interfaces)
            _set_up(device, choice, options, taking)
            tap = Tap(choice.endpoint, identify(device), readers)
        except usb.core.USBError as error:
            raise CaptureError(f"USB device {describe(device)} does not open: {explain(error)}") from error
        yield tap


def _is_running(reader: Reader) -> bool:
    return inspect.getgeneratorstate(reader) == inspect.GEN_RUNNING


def is_bulk(endpoint: usb.core.Endpoint) -> bool:
    """Tell a bulk endpoint from an interrupt endpoint."""
    return bool(usb.util.endpoint_type(endpoint.bmAttributes) == usb.util.ENDPOINT_TYPE_BULK)


def choose(device: usb.core.Device, address: int | None) -> Choice:
    """Choose what to read, by its address or else what is likeliest meant. Raises CaptureError, USBError."""
    configuration = configured(device)
    found = [(i, e) for i in configuration if not i.bAlternateSetting for e in i if _sends_packets(e)]
    chosen = [(i, e) for i, e in found if address in (None, e.bEndpointAddress)]
    if not chosen:
        raise CaptureError(_nothing_to_read(device, address, [e for _, e in found]))
    interface, endpoint = min(chosen, key=lambda pair: _preference(pair[0]))
    is_data = interface.bInterfaceClass == DATA_CLASS
    number = control_interface(configuration, interface.bInterfaceNumber) if is_data else None
    control = None if number is None else configuration[(number, 0)]
    return Choice(interface, endpoint, control)


def _preference(interface: usb.core.Interface) -> int:
    """Order interfaces, the first to choose lowest; those that are equal keep the device's order."""
    if interface_kind(interface) == BOOT_KEYBOARD:
        return 0
    return 1 if interface.bInterfaceClass == DATA_CLASS else 2


def _nothing_to_read(device: usb.core.Device, address: int | None, found: list[usb.core.Endpoint]) -> str:
    if not found:
        return f"USB device {describe(device)} has no interrupt or bulk IN endpoint; choose another device"
    known = ", ".join(f"{endpoint.bEndpointAddress:#04x}" for endpoint in found)
    return (
        f"USB device {describe(device)} has no IN endpoint {address:#04x}; it has {known}: choose one of them"
    )


def _set_up(device: usb.core.Device, choice: Choice, options: DeviceOptions, taking: Taking) -> None:
    if (control := choice.control_number) is not None:
        taking.before(lambda: close_line(device, control))
        open_line(device, control, DEFAULT_BAUD if options.baud is None else options.baud)
    elif options.baud is not None:
        checked_baud(options.baud)
        raise CaptureError(f"USB device {describe(device)} is no serial port: leave the baud rate out")
    if options.reset is not None:
        raise CaptureError(
            f"USB device {describe(device)} is not opened as serial:PORT, which alone restarts a board: "
            "leave --reset and --no-reset out"
        )
    if is_boot_device(choice.interface):
        if not options.report_protocol:
            _set_boot_protocol(device, choice.number, taking)
        with suppress(usb.core.USBError):  # some keyboards stall on it and repeat their reports instead
            device.ctrl_transfer(*_SET_IDLE, choice.number)


def _set_boot_protocol(device: usb.core.Device, number: int, taking: Taking) -> None:
    # Linux takes it that a keyboard speaks the report protocol when it gets its driver back.
    taking.before(lambda: device.ctrl_transfer(*SET_PROTOCOL, REPORT_PROTOCOL, number))
    try:
        device.ctrl_transfer(*SET_PROTOCOL, BOOT_PROTOCOL, number)
    except usb.core.USBError as error:
        if error.errno != errno.EPIPE:
            raise
        raise CaptureError(
            f"USB device {describe(device)} refuses the boot protocol: record it with --report-protocol"
        ) from error


def _sends_packets(endpoint: usb.core.Endpoint) -> bool:
    is_in = usb.util.endpoint_direction(endpoint.bEndpointAddress) == usb.util.ENDPOINT_IN
    kinds = usb.util.ENDPOINT_TYPE_INTR, usb.util.ENDPOINT_TYPE_BULK
    return is_in and usb.util.endpoint_type(endpoint.bmAttributes) in kinds

"""Every kind of source by its name, and the way from what a user types to a source."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import usb.core

from zerotap.capture.serial_ports.ports import select_port
from zerotap.capture.usb.cdc import DEFAULT_BAUD, checked_baud
from zerotap.capture.usb.devices import identify, select_device
from zerotap.capture.usb.opening import DeviceOptions
from zerotap.errors import CaptureError

from .backend import HostClock, VirtualDevice
from .movements import MOVEMENTS, movement_samples
from .replay import ReplaySource
from .serial_port import SerialSource
from .source import Source
from .usb import UsbSource
from .usbmon import UsbmonSource
from .virtual import (
    TypedKeyboard,
    VirtualReports,
    VirtualSensor,
    as_lines,
    binary_samples,
    framed,
    text_samples,
)

TYPED = "The quick brown fox jumps over the lazy dog.\n"

MOVED_HZ = 100.0
_TAKE = re.compile(r"[1-9]\d{0,8}")
_FORMS = {"sensor": framed, "text": as_lines}
_WITH_NUMBER = re.compile(r"(.+)@(\d+(?:\.\d+)?)")


def find_source(spec: str, options: DeviceOptions | None = None) -> Source:
    """Return the source that ``spec`` names, not opened yet.

    "NAME:REST" for a NAME of SOURCES, else a USB device in the words of ``devices.select_device``. Raises
    CaptureError where there is no such thing.
    """
    name, _, rest = spec.partition(":")
    if name not in SOURCES:
        name, rest = "usb", spec
    return SOURCES[name](rest, options or DeviceOptions())


def find_bus(bus: int, device: str | None, options: DeviceOptions | None = None) -> UsbmonSource:
    """Return usbmon's view of a ``bus`` (0: every bus), or of ``device`` and ``options.endpoint`` alone.

    Raises CaptureError for a device that is not there or on another bus, and for options that would need it.
    """
    options = options or DeviceOptions()
    if options != DeviceOptions(options.endpoint):
        raise CaptureError("--usbmon only listens: leave out how to set a device up")
    only = None if device is None else identify(select_device(device))
    if only is not None and bus not in (0, only.bus):
        raise CaptureError(f"{device} is on bus {only.bus} and not on bus {bus}: say --usbmon {only.bus}")
    return UsbmonSource(bus, only, options.endpoint)


def _usb(spec: str, options: DeviceOptions) -> Source:
    if Path(spec).is_char_device():
        raise CaptureError(f"{spec} is no name of a USB device: a serial port is serial:{spec}")
    return UsbSource(select_device(spec), options)


def _serial(spec: str, options: DeviceOptions) -> Source:
    """Read PATH or VID:PID, or either with @BAUD."""
    if options.endpoint is not None or options.report_protocol:
        raise CaptureError(f"serial:{spec} has no endpoint and no report protocol to choose: leave that out")
    name, baud = _number_after(spec)
    if baud is not None and options.baud not in (None, baud):
        raise CaptureError(f"serial:{spec} says another baud rate than {options.baud}: give it once")
    if baud is not None and baud != int(baud):
        raise CaptureError(f"serial:{spec}: {baud} is no line rate: choose one such as 115200")
    rate = checked_baud(int(baud or options.baud or DEFAULT_BAUD))
    return SerialSource(select_port(name), rate, options.reset is not False)


def _virtual(spec: str, options: DeviceOptions) -> Source:
    """Read NAME, NAME/MOVEMENT or NAME/MOVEMENT/TAKE of VIRTUAL_DEVICES, each with @RATE or without."""
    name, rate_hz = _number_after(spec)
    name, is_moved, movement = name.partition("/")
    if name not in VIRTUAL_DEVICES:
        known = ", ".join(VIRTUAL_DEVICES)
        raise CaptureError(f"there is no virtual device {name!r}: choose one of {known}")
    backend = _moved(name, movement, rate_hz or MOVED_HZ) if is_moved else VIRTUAL_DEVICES[name](rate_hz)
    return UsbSource(usb.core.find(backend=backend), options, synthetic=True)


def _moved(name: str, movement: str, rate_hz: float) -> VirtualDevice:
    """Return a sensor that is moved, as MOVEMENT or MOVEMENT/TAKE says."""
    kind, _, take = movement.partition("/")
    if name not in _FORMS or kind not in MOVEMENTS or not _TAKE.fullmatch(take or "1"):
        raise CaptureError(
            f"there is no virtual device {name}/{movement}: choose sensor/ or text/ with one of "
            f"{', '.join(MOVEMENTS)}, and /2 or another number behind for another take"
        )
    return VirtualSensor(rate_hz, _FORMS[name](movement_samples(kind, rate_hz, int(take or 1))), HostClock())


def _replay(spec: str, options: DeviceOptions) -> Source:
    """Read FILE or FILE@SPEED."""
    if options != DeviceOptions():
        raise CaptureError(f"replay:{spec} opens no USB device: leave out how to open one")
    if Path(spec).exists():
        return ReplaySource(Path(spec))
    path, speed = _number_after(spec)
    return ReplaySource(Path(path), speed or 1.0)


def _number_after(spec: str) -> tuple[str, float | None]:
    """Split "NAME@NUMBER"; raise CaptureError where the number is 0."""
    found = _WITH_NUMBER.fullmatch(spec)
    if found is None:
        return spec, None
    number = float(found.group(2))
    if not number:
        raise CaptureError(f"{spec}: nothing comes at a rate of 0: choose one above it")
    return found.group(1), number


def _typed_on(rate_hz: float | None) -> VirtualDevice:
    if rate_hz is not None:
        raise CaptureError("the virtual keyboard types at the pace of a person: leave the rate out")
    return TypedKeyboard(TYPED, HostClock())


SOURCES: dict[str, Callable[[str, DeviceOptions], Source]] = {
    "usb": _usb,
    "serial": _serial,
    "virtual": _virtual,
    "replay": _replay,
}
"""Each takes what stands behind "NAME:" and how to open a USB device."""

VIRTUAL_DEVICES: dict[str, Callable[[float | None], VirtualDevice]] = {
    "keyboard": _typed_on,
    "sensor": lambda rate_hz: VirtualSensor(rate_hz or 200, binary_samples(), HostClock()),
    "text": lambda rate_hz: VirtualSensor(rate_hz or 200, text_samples(), HostClock()),
    "reports": lambda rate_hz: VirtualReports(rate_hz or 1000, HostClock()),
}
"""Each takes its rate in samples or reports a second, None for its own, and lives in real time."""

"""Every kind of source by its name, and the way from what a user types to a source."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import usb.core

from zerotap.capture.usb.devices import select_device
from zerotap.capture.usb.opening import DeviceOptions
from zerotap.errors import CaptureError

from .backend import HostClock, VirtualDevice
from .movements import MOVEMENTS, movement_samples
from .replay import ReplaySource
from .source import Source
from .usb import UsbSource
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


def _usb(spec: str, options: DeviceOptions) -> Source:
    return UsbSource(select_device(spec), options)


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

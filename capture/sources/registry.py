"""Every kind of source by its name, and the way from what a user types to a source."""

from __future__ import annotations

from collections.abc import Callable

from zerotap.capture.devices import select_device
from zerotap.capture.sources.source import Source
from zerotap.capture.sources.usb import UsbSource
from zerotap.capture.tap import TapOptions


def find_source(spec: str, options: TapOptions | None = None) -> Source:
    """Return the source that ``spec`` names, not opened yet.

    "NAME:REST" for a NAME of SOURCES, else a USB device in the words of ``devices.select_device``. Raises
    CaptureError where there is no such thing.
    """
    name, _, rest = spec.partition(":")
    if name not in SOURCES:
        name, rest = "usb", spec
    return SOURCES[name](rest, options or TapOptions())


def _usb(spec: str, options: TapOptions) -> Source:
    return UsbSource(select_device(spec), options)


SOURCES: dict[str, Callable[[str, TapOptions], Source]] = {"usb": _usb}
"""Each takes what stands behind "NAME:" and how to open a USB device."""

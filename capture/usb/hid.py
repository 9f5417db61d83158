"""HID report descriptors: read one from a device, decode it into reports and their fields.

The decoder is ours because hid-parser 0.1 refuses Push and Pop, gives a report whose fields share a usage too
few bytes, and spells a usage range out: a damaged 4-byte range takes all the memory there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import usb.core
import usb.util

from zerotap.errors import CaptureError

from . import host
from .devices import HID, explain, interfaces

MAX_REPORT_BYTES = 16_384
MAX_DESCRIPTOR_BYTES = 4096
"""Linux takes no longer report or descriptor (HID_MAX_BUFFER_SIZE, HID_MAX_DESCRIPTOR_SIZE)."""

USAGE_PAGES = {
    0x01: "generic desktop", 0x02: "simulation", 0x05: "game", 0x06: "device", 0x07: "key", 0x08: "LED",
    0x09: "button", 0x0A: "ordinal", 0x0B: "telephony", 0x0C: "consumer", 0x0D: "digitizer", 0x0F: "force",
    0x14: "display", 0x20: "sensor", 0x40: "medical", 0x59: "lighting", 0x84: "power", 0x85: "battery",
    0x8C: "bar code", 0x8D: "scale", 0xF1D0: "FIDO",
}  # fmt: skip
"""HID Usage Tables 1.5, section 3."""
USAGES = {
    0: "no usage", 0x1_0001: "pointer", 0x1_0002: "mouse", 0x1_0004: "joystick", 0x1_0005: "gamepad",
    0x1_0006: "keyboard", 0x1_0007: "keypad", 0x1_0008: "multi-axis", 0x1_0030: "x", 0x1_0031: "y",
    0x1_0032: "z", 0x1_0033: "rx", 0x1_0034: "ry", 0x1_0035: "rz", 0x1_0036: "slider", 0x1_0037: "dial",
    0x1_0038: "wheel", 0x1_0039: "hat switch", 0x1_0080: "system control",
    0xC_0001: "consumer control", 0xC_0238: "pan",
    0xD_0002: "pen", 0xD_0004: "touch screen", 0xD_0005: "touch pad",
}  # fmt: skip
"""HID Usage Tables 1.5, sections 4, 15 and 16: page in the upper 16 bits, usage in the lower."""

_KINDS = {8: "input", 9: "output", 11: "feature"}
_COLLECTION, _END_COLLECTION = 10, 12
_APPLICATION = 1
_MAIN, _GLOBAL, _LOCAL = 0, 1, 2
_LONG_ITEM = 0xFE
_GLOBAL_NAMES = {0: "page", 1: "minimum", 2: "maximum", 7: "size", 8: "report_id", 9: "count"}
_PUSH, _POP = 10, 11
_HID_DESCRIPTOR, _REPORT_DESCRIPTOR = 0x21, 0x22
_GET_INTERFACE_DESCRIPTOR = (0x81, 6)


@dataclass(frozen=True, slots=True)
class Field:
    """``count`` values of ``bits`` bits each, the first at ``bit_offset`` after the report id.

    ``usages`` are ranges of page << 16 | usage. An array (``variable`` false) holds indices into the logical
    range; a ``constant`` is padding.
    """

    bit_offset: int
    bits: int
    count: int
    usages: tuple[range, ...]
    minimum: int
    maximum: int
    constant: bool
    variable: bool
    relative: bool

    def __str__(self) -> str:
        names = "padding" if self.constant else ", ".join(map(_range_name, self.usages)) or "no usage"
        array = "" if self.constant or self.variable else " array"
        return f"{self.count} x {self.bits} bit{array}: {names}"


@dataclass(frozen=True, slots=True)
class Report:
    """One report: ``kind`` is "input", "output" or "feature"; ``report_id`` 0 is a report without that byte.

    ``application`` is the usage of the collection that it belongs to (0x1_0006: a keyboard), 0 if none.
    """

    kind: str
    report_id: int
    application: int
    fields: tuple[Field, ...]

    @property
    def bits(self) -> int:
        """Bits of all fields, without the report id."""
        return sum(part.bits * part.count for part in self.fields)

    @property
    def length_bytes(self) -> int:
        """Bytes on the wire, the report id included."""
        return (self.bits + 7) // 8 + (self.report_id > 0)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self) -> list[str]:
        """The report for a person: what it is, then its fields, indented."""
        numbered = f" {self.report_id}" if self.report_id else ""
        head = f"{self.kind} report{numbered}, {usage_name(self.application)}, {self.length_bytes} bytes"
        return [head, *(f"  {part}" for part in self.fields)]

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON; usages as [first, last]."""
        return {
            "kind": self.kind,
            "report_id": self.report_id,
            "application": usage_name(self.application),
            "length_bytes": self.length_bytes,
            "fields": [
                asdict(part) | {"usages": [[usages[0], usages[-1]] for usages in part.usages]}
                for part in self.fields
            ],
        }


def usage_name(usage: int) -> str:
    """Name a usage (page << 16 | usage): "keyboard", "button 0x01", "0xff00:0x0001"."""
    page = USAGE_PAGES.get(usage >> 16)
    unnamed = f"{usage >> 16:#06x}:{usage & 0xFFFF:#06x}" if page is None else f"{page} {usage & 0xFFFF:#04x}"
    return USAGES.get(usage, unnamed)


def _range_name(usages: range) -> str:
    first = usage_name(usages[0])
    return first if len(usages) == 1 else f"{first} to {usages[-1] & 0xFFFF:#04x}"


def read_reports(device: usb.core.Device) -> dict[int, tuple[Report, ...] | str]:
    """Return each HID interface's reports by its number, or the sentence that says why there are none."""
    try:
        found = {i.bInterfaceNumber: i for i in interfaces(device) if i.bInterfaceClass == HID}
        return {number: _reports_or_reason(device, interface) for number, interface in found.items()}
    finally:
        usb.util.dispose_resources(device)


def _reports_or_reason(device: usb.core.Device, interface: usb.core.Interface) -> tuple[Report, ...] | str:
    try:
        return decode_report_descriptor(read_report_descriptor(device, interface))
    except CaptureError as error:
        return str(error)
    except NotImplementedError:
        return "the report descriptor cannot be read: libusb cannot ask for it through this driver"
    except usb.core.USBError as error:
        return f"the report descriptor cannot be read: {explain(error)}"


def read_report_descriptor(device: usb.core.Device, interface: usb.core.Interface) -> bytes:
    """Return an interface's report descriptor: the kernel's copy, or else asked of the device itself.

    The device answers only where no driver holds the interface. Raises usb.core.USBError where it does not
    answer, CaptureError where the interface has no HID descriptor.
    """
    number = interface.bInterfaceNumber
    known = host.report_descriptor(device, device[interface.configuration].bConfigurationValue, number)
    return known or bytes(
        device.ctrl_transfer(
            *_GET_INTERFACE_DESCRIPTOR, _REPORT_DESCRIPTOR << 8, number, _descriptor_length(interface)
        )
    )


def _descriptor_length(interface: usb.core.Interface) -> int:
    """Return wDescriptorLength of the HID descriptor (HID 1.11, section 6.2.1)."""
    extra = bytes(interface.extra_descriptors)
    at = 0
    while at + 9 <= len(extra) and extra[at]:
        if extra[at + 1] == _HID_DESCRIPTOR:
            return int.from_bytes(extra[at + 7 : at + 9], "little")
        at += extra[at]
    raise CaptureError(f"interface {interface.bInterfaceNumber} has no HID descriptor, so no reports to list")


def decode_report_descriptor(data: bytes) -> tuple[Report, ...]:
    """Decode a report descriptor (HID 1.11, section 6.2.2) into its reports, in order of appearance.

    Raises CaptureError that names the byte where the descriptor is damaged.
    """
    if len(data) > MAX_DESCRIPTOR_BYTES:
        raise CaptureError(f"the HID report descriptor is longer than {MAX_DESCRIPTOR_BYTES} bytes")
    decoder = _Decoder()
    for at, kind, tag, size, value in _items(data):
        try:
            decoder.take(kind, tag, size, value)
        except _DamagedError as damage:
            raise CaptureError(f"the HID report descriptor is damaged at byte {at}: {damage}") from None
    return decoder.reports()


class _DamagedError(Exception):
    pass


def _items(data: bytes) -> Iterator[tuple[int, int, int, int, int]]:
    """Yield each short item's place, type, tag, data size and unsigned data; long items are skipped."""
    at = 0
    while at < len(data):
        prefix = data[at]
        if prefix == _LONG_ITEM:
            at += 3 + (data[at + 1] if at + 1 < len(data) else 0)
            continue
        size = (0, 1, 2, 4)[prefix & 3]
        if at + 1 + size > len(data):
            raise CaptureError(f"the HID report descriptor ends inside the item at byte {at}")
        yield at, prefix >> 2 & 3, prefix >> 4, size, int.from_bytes(data[at + 1 : at + 1 + size], "little")
        at += 1 + size


def _signed(value: int, size: int) -> int:
    return value - (1 << 8 * size) if size and value >> (8 * size - 1) else value


@dataclass(frozen=True, slots=True)
class _Globals:
    """The items that hold until they are set again; ``maximum`` is kept with the size that tells its sign."""

    page: int = 0
    minimum: int = 0
    maximum: int = 0
    maximum_size: int = 0
    size: int = 0
    report_id: int = 0
    count: int = 0

    @property
    def logical_maximum(self) -> int:
        """Descriptors write 255 as one byte: the maximum has a sign only where the minimum is negative."""
        return _signed(self.maximum, self.maximum_size) if self.minimum < 0 else self.maximum


@dataclass(slots=True)
class _Growing:
    """A report while its fields are read: appended to, not made anew with each of thousands."""

    application: int
    bits: int = 0
    fields: list[Field] = field(default_factory=list)


@dataclass(slots=True)
class _Decoder:
    _reports: dict[tuple[str, int], _Growing] = field(default_factory=dict)
    _globals: _Globals = field(default_factory=_Globals)
    _stack: list[_Globals] = field(default_factory=list)
    _usages: list[tuple[int, int, int]] = field(default_factory=list)
    _first: tuple[int, int] | None = None
    _applications: list[int] = field(default_factory=list)

    def reports(self) -> tuple[Report, ...]:
        return tuple(
            Report(kind, report_id, report.application, tuple(report.fields))
            for (kind, report_id), report in self._reports.items()
        )

    def take(self, kind: int, tag: int, size: int, value: int) -> None:
        if kind == _MAIN:
            self._take_main(tag, value)
            self._usages, self._first = [], None
        elif kind == _GLOBAL:
            self._take_global(tag, size, value)
        elif kind == _LOCAL:
            self._take_local(tag, size, value)

    def _take_main(self, tag: int, value: int) -> None:
        if tag in _KINDS:
            self._append(_KINDS[tag], value)
        elif tag == _COLLECTION:
            usages = self._usage_ranges()
            outer = self._applications[-1] if self._applications else 0
            self._applications.append(usages[0][0] if value == _APPLICATION and usages else outer)
        elif tag == _END_COLLECTION:
            if not self._applications:
                raise _DamagedError("a collection ends that has not begun")
            self._applications.pop()

    def _take_global(self, tag: int, size: int, value: int) -> None:
        if tag == _PUSH:
            self._stack.append(self._globals)
        elif tag == _POP:
            if not self._stack:
                raise _DamagedError("Pop without Push")
            self._globals = self._stack.pop()
        elif tag in _GLOBAL_NAMES:
            changes = {_GLOBAL_NAMES[tag]: value}
            if "minimum" in changes:
                changes["minimum"] = _signed(value, size)
            if "maximum" in changes:
                changes["maximum_size"] = size
            self._globals = replace(self._globals, **changes)

    def _take_local(self, tag: int, size: int, value: int) -> None:
        if tag == 0:
            self._usages.append((size, value, value))
        elif tag == 1:
            self._first = (size, value)
        elif tag == 2:
            if self._first is None or self._first[1] > value:
                raise _DamagedError("a usage range ends before it begins")
            self._usages.append((size, self._first[1], value))
            self._first = None

    def _usage_ranges(self) -> tuple[range, ...]:
        """A usage of 4 bytes names its page; the others belong to the page in force at the main item."""
        page = self._globals.page << 16
        starts = ((0 if size == 4 else page, first, last) for size, first, last in self._usages)
        return tuple(range(base + first, base + last + 1) for base, first, last in starts)

    def _append(self, kind: str, flags: int) -> None:
        state = self._globals
        application = self._applications[-1] if self._applications else 0
        report = self._reports.setdefault((kind, state.report_id), _Growing(application))
        bits = state.size * state.count
        if report.bits + bits > 8 * MAX_REPORT_BYTES:
            raise _DamagedError(f"a report longer than {MAX_REPORT_BYTES} bytes")
        appended = Field(
            bit_offset=report.bits,
            bits=state.size,
            count=state.count,
            usages=self._usage_ranges(),
            minimum=state.minimum,
            maximum=state.logical_maximum,
            constant=bool(flags & 1),
            variable=bool(flags & 2),
            relative=bool(flags & 4),
        )
        report.fields.append(appended)
        report.bits += bits

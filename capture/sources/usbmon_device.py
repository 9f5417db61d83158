"""Linux's usbmon by its binary interface: everything that crosses a bus, drivers left where they are.

Source: Linux, ``Documentation/usb/usbmon.rst``, "Raw binary format and API"; ``drivers/usb/mon/mon_bin.c``.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from zerotap.capture.files.transfers import TRANSFER_TYPES
from zerotap.capture.files.usbmon.header import LONG_BYTES, USBMON_STRUCT
from zerotap.capture.packet import Event, Packet
from zerotap.capture.usb.statuses import OVERFLOW, kind_of
from zerotap.errors import CaptureError

NODES = Path("/dev")
RING_BYTES = 1200 << 10
"""The kernel's most: a transfer of more than a fifth of it is cut."""

_GET = struct.Struct("@PPN")  # mon_bin_get: where the header and the data go, and room for how much of it
_STATS = struct.Struct("@II")  # mon_bin_stats: waiting, dropped since the last look
_HEADER = struct.Struct("=" + USBMON_STRUCT.format[1:])  # the machine's own byte order
_TRANSFER_NAMES = {number: name for name, number in TRANSFER_TYPES.items()}
_MAGIC, _READ, _WRITE = 0x92, 2, 1


def _request(number: int, size: int = 0, direction: int = 0) -> int:
    """An ioctl's number, as Linux's _IO, _IOR and _IOW make it."""
    return direction << 30 | size << 16 | _MAGIC << 8 | number


_MON_IOCG_STATS = _request(3, _STATS.size, _READ)
_MON_IOCT_RING_SIZE = _request(4)
_MON_IOCX_GETX = _request(10, _GET.size, _WRITE)


@dataclass(frozen=True, slots=True)
class Stream:
    """One interrupt or bulk IN endpoint of a device of a bus."""

    bus: int
    address: int
    endpoint: int
    transfer: str

    def __str__(self) -> str:
        return f"{self.bus}.{self.address}.{self.endpoint & 0x0F}"


@dataclass(frozen=True, slots=True)
class StreamPacket(Packet):
    """A packet, and whose it is."""

    stream: Stream


@dataclass(frozen=True, slots=True)
class StreamEvent(Event):
    """What happened to one stream."""

    stream: Stream = Stream(0, 0, 0x80, "interrupt")


def read_frame(header: bytes, data: bytes) -> list[StreamPacket | StreamEvent]:
    """Return what a header (64 bytes) and the data behind it come to: the end of a transfer from a device.

    Nothing where it is another one's: a request, a transfer to a device, control, isochronous, no data. What
    the ring had no room for is a gap after what it had.
    """
    fields = _HEADER.unpack(header)
    kind, transfer, endpoint, address, bus = fields[1:6]
    seconds, micros, status, length, held = fields[8:13]
    if kind == ord("S") or transfer not in _TRANSFER_NAMES or not endpoint & 0x80:
        return []
    stream = Stream(bus, address, endpoint, _TRANSFER_NAMES[transfer])
    time_ns = seconds * 1_000_000_000 + micros * 1000
    if status:
        return [StreamEvent(time_ns, kind_of(status), f"status {status}", status, stream)]
    found: list[StreamPacket | StreamEvent] = []
    if payload := data[: min(held, length)]:
        found.append(StreamPacket(time_ns, endpoint, payload, stream))
    if len(payload) < length:
        said = f"usbmon kept {len(payload)} of {length} bytes"
        found.append(StreamEvent(time_ns, kind_of(OVERFLOW), said, OVERFLOW, stream))
    return found


class UsbmonDevice:
    """/dev/usbmonN, opened: ``wait``, then ``read`` until there is nothing more.

    Raises CaptureError where there is no such bus, the module is missing, or we are not root.
    """

    def __init__(self, bus: int) -> None:
        self._file = _open(bus)
        self._header = ctypes.create_string_buffer(LONG_BYTES)
        self._data = ctypes.create_string_buffer(RING_BYTES // 5)
        places = ctypes.addressof(self._header), ctypes.addressof(self._data)
        self._get = _GET.pack(*places, len(self._data))
        with suppress(OSError):  # a kernel that gives less keeps its own
            _ioctl(self._file, _MON_IOCT_RING_SIZE, RING_BYTES)

    def wait(self, timeout_s: float) -> bool:
        """Wait for something to read; tell whether there is."""
        return bool(select.select([self._file], [], [], timeout_s)[0])

    def read(self) -> tuple[bytes, bytes] | None:
        """Return the next header and its data, None where nothing waits."""
        try:
            _ioctl(self._file, _MON_IOCX_GETX, self._get)
        except BlockingIOError:
            return None
        header = self._header.raw
        held = min(_HEADER.unpack(header)[12], len(self._data))
        return header, ctypes.string_at(self._data, held)

    def dropped(self) -> int:
        """How many transfers the kernel had no room for since this was asked last."""
        answer = _ioctl(self._file, _MON_IOCG_STATS, bytes(_STATS.size))
        return int(_STATS.unpack(answer)[1])

    def close(self) -> None:
        """Close it; more than once does no harm."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _open(bus: int) -> int:
    node = NODES / f"usbmon{bus}"
    if sys.platform != "linux":
        raise CaptureError("usbmon is a part of Linux: record the device itself, without --usbmon")
    try:
        return os.open(node, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise CaptureError(f"{node} {_refusal(error)}") from error


def _refusal(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM):
        return "may be read by root alone: run this with sudo"
    buses = sorted(path.name.removeprefix("usbmon") for path in NODES.glob("usbmon*"))
    if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV) and buses:
        return f"is not there: choose one of the buses {', '.join(buses)} (0 is all of them)"
    if error.errno in (errno.ENOENT, errno.ENXIO, errno.ENODEV):
        return "is not there: load the kernel's module by `sudo modprobe usbmon`"
    return f"does not open ({error.strerror}): load the kernel's module by `sudo modprobe usbmon`"


def _ioctl(file: int, request: int, argument: bytes | int) -> bytes:
    if sys.platform == "win32":
        raise OSError(errno.ENOTTY, "no ioctl")
    import fcntl

    answer = fcntl.ioctl(file, request, argument)
    return answer if isinstance(answer, bytes) else b""

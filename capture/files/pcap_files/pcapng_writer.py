"""Capture files: write a recording as pcapng; ``reading`` reads them."""

from __future__ import annotations

import os
import struct
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture.files.link_types import USBMON_MMAP
from zerotap.capture.files.usbmon.frames import checked_address, usbmon_frame
from zerotap.capture.packet import DeviceIdentity
from zerotap.errors import CaptureError, way_out

from .pcapng_blocks import SECTION_HEADER
from .pcapng_interfaces import (
    INTERFACE_DESCRIPTION,
    OPTION_COMMENT,
    OPTION_END,
    OPTION_TSRESOL,
    device_comment,
)
from .pcapng_reader import ENHANCED_PACKET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from zerotap.capture.packet import Event, Packet, Recording

_ENHANCED = struct.Struct("<IIIIIII")
_OPTION_NAME = 2
# Windows would else write two bytes for each 0x0A.
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | getattr(os, "O_BINARY", 0)
MOST_COMMENT_BYTES = 0xFFFF
_SYNC_NS = 900_000_000  # looked at four times a second: what was written is on the disk within the second


class PcapngWriter:
    """Writes packets to a new pcapng file that is valid after every packet.

    Link type 220 (usbmon with 64-byte headers), nanoseconds, mode 0600: what was typed is nobody else's.
    Opens in Wireshark. A context manager. ``transfer`` is "interrupt" or "bulk". ``packets`` counts what was
    written, failed transfers included. While packets come they are forced to the disk each second; in a pause
    the caller sees to that with ``sync_if_due``.

    Raises CaptureError where the file exists, the disk is full, or the identity does not fit the headers.
    """

    def __init__(
        self, path: str | Path, device: DeviceIdentity | None = None, transfer: str = "interrupt"
    ) -> None:
        self._path, self._transfer = Path(path), transfer
        self._device = checked_address(device or DeviceIdentity(), self._path)
        self._written_bytes = self.packets = 0
        self._synced_bytes, self._synced_ns = 0, time.monotonic_ns()
        self._file = _create(self._path)
        try:
            self._append(_section_header() + _interface_description(self._device), packets=0)
        except CaptureError:
            self.close()
            self._path.unlink()
            raise

    def __enter__(self) -> PcapngWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; more than once does no harm."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def write(self, packet: Packet, comment: str = "") -> None:
        """Append one packet: at most 2^64 - 1 ns after 1970, endpoint 0 to 255; Wireshark shows a comment."""
        block = self._enhanced_packet(
            packet.timestamp_ns, packet.endpoint, 0, packet.data, _comment(comment) if comment else b""
        )
        self._append(block)
        self.sync_if_due()

    def write_failure(self, event: Event, endpoint: int) -> None:
        """Append a transfer that ended in the error ``event.status`` and carried nothing, and a comment."""
        comment = _comment(f"{event.kind}: {event.detail}")
        self._append(self._enhanced_packet(event.timestamp_ns, endpoint, event.status, b"", comment))

    def sync_if_due(self) -> None:
        """Force to the disk what was written, unless that was done within the last second."""
        if time.monotonic_ns() - self._synced_ns >= _SYNC_NS:
            self.sync()

    def sync(self) -> None:
        """Force to the disk what was written."""
        if self._synced_bytes < self._written_bytes:
            try:
                os.fsync(self._file)
            except OSError as error:
                raise self._failure(error) from error
        self._synced_bytes, self._synced_ns = self._written_bytes, time.monotonic_ns()

    def write_all(self, recording: Recording, comments: Mapping[int, str] | None = None) -> None:
        """Append a recording's packets and events, in order of time; ``comments`` by the packet's number."""
        # What a capture cut short is data that came, and so is among the packets.
        failures, comments = deque(e for e in recording.events if e.kind != "cut"), comments or {}
        for number, packet in enumerate(recording.packets()):
            while failures and failures[0].timestamp_ns < packet.timestamp_ns:
                self.write_failure(failures.popleft(), packet.endpoint)
            self.write(packet, comments.get(number, ""))
        for failure in failures:
            self.write_failure(failure, int(recording.endpoints[-1]))

    def _enhanced_packet(
        self, timestamp_ns: int, endpoint: int, status: int, data: bytes, options: bytes = b""
    ) -> bytes:
        frame = usbmon_frame(
            self.packets + 1, self._device, self._transfer, timestamp_ns, endpoint, status, data
        )
        captured = len(frame)
        total = _ENHANCED.size + captured + -captured % 4 + len(options) + 4
        head = _ENHANCED.pack(
            ENHANCED_PACKET, total, 0, timestamp_ns >> 32, timestamp_ns & 0xFFFFFFFF, captured, captured
        )
        return b"".join((head, frame, bytes(-captured % 4), options, struct.pack("<I", total)))

    def _append(self, block: bytes, packets: int = 1) -> None:
        # One unbuffered write a block, and back to the last whole one if it fails: the file is always valid.
        try:
            if os.write(self._file, block) < len(block):
                raise OSError("disk full")
        except OSError as error:
            os.ftruncate(self._file, self._written_bytes)
            raise self._failure(error) from error
        self._written_bytes += len(block)
        self.packets += packets

    def _failure(self, error: OSError) -> CaptureError:
        return CaptureError(
            f"{self._path}: cannot write byte {self._written_bytes}: {error}; free some space"
        )


def _create(path: Path) -> int:
    try:
        return os.open(path, _NEW_FILE, 0o600)
    except FileExistsError as error:
        raise CaptureError(
            f"{path} exists and no recording is ever overwritten: choose another name"
        ) from error
    except OSError as error:
        raise CaptureError(
            f"{path}: cannot be created: {error.strerror}; "
            + way_out(error, "choose a folder that you may write")
        ) from error


def _block(block_type: int, body: bytes) -> bytes:
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", block_type) + length + body + length


def _section_header() -> bytes:
    # Byte-order magic, version 1.0, a section length that is not known in advance.
    return _block(SECTION_HEADER, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))


def _interface_description(device: DeviceIdentity) -> bytes:
    options = _options(
        (_OPTION_NAME, f"usbmon{device.bus}".encode()),
        (OPTION_TSRESOL, bytes([9])),
        (OPTION_COMMENT, device_comment(device)),
        (OPTION_END, b""),
    )
    return _block(INTERFACE_DESCRIPTION, struct.pack("<HHI", USBMON_MMAP, 0, 0) + options)


def _comment(text: str) -> bytes:
    return _options((OPTION_COMMENT, text.encode()[:MOST_COMMENT_BYTES]), (OPTION_END, b""))


def _options(*options: tuple[int, bytes]) -> bytes:
    return b"".join(
        struct.pack("<HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in options
    )

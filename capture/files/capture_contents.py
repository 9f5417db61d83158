"""The bytes of a capture file, unpacked, in bounded memory.

A plain capture may have 1 GiB. One in gzip may unpack to 256 MiB, and beyond the first 8 MiB to at most 250
times what is packed: USB captures reach 50 times, gzip's own limit is 1032.
"""

from __future__ import annotations

import gzip
import io
import struct
import zlib
from pathlib import Path
from typing import Final

from zerotap.contents import HEAD_BYTES, Bounds, read_contents
from zerotap.errors import CaptureError

from .pcap import MAGICS
from .pcapng_blocks import SECTION_HEADER

GZIP_MAGIC = b"\x1f\x8b"
MOST_BYTES = 1 << 30
MOST_UNPACKED_BYTES = 256 << 20
MOST_RATIO, FREE_UNPACKED_BYTES = 250, 8 << 20
CHUNK_BYTES = 1 << 20
_DAMAGED = (
    "damaged at byte 0: neither pcapng nor pcap begins so; capture again or restore the file from its source"
)
_EMPTY = "empty (0 bytes): capture again and stop the capture before copying the file"
_SECTION_BYTES: Final = 28


def read_capture_bytes(path: Path) -> bytes:
    """Return what a capture file or a pipe holds; raise CaptureError where it is none or too large."""
    try:
        buffer = read_contents(path, _BOUNDS)
    except OSError as error:
        raise CaptureError(
            f"{path}: cannot be read: {error.strerror}; check the name and the permissions"
        ) from error
    return capture_bytes(buffer, path)


def capture_bytes(content: bytes, path: Path) -> bytes:
    """Return a capture, unpacked, of which ``content`` is the file; raise CaptureError where it is none."""
    if fault := _fault(content[:HEAD_BYTES]):
        raise CaptureError(f"{path}: {fault}")
    return _unpacked(content, path) if content[:2] == GZIP_MAGIC else content


def _fault(head: bytes) -> str:
    return _EMPTY if not head else "" if head[:2] == GZIP_MAGIC else _unpacked_fault(head)


def _unpacked_fault(head: bytes) -> str:
    """What is wrong with the beginning of a capture that is not packed, or no longer."""
    if head[:4] in MAGICS:
        return ""
    if head[:4] != struct.pack("<I", SECTION_HEADER):
        return _DAMAGED
    if len(head) == HEAD_BYTES and not head[_SECTION_BYTES:].strip(b"\0"):
        return f"damaged at byte {_SECTION_BYTES}: zeros follow the file's header; capture again"
    return ""


_BOUNDS = Bounds(CaptureError, MOST_BYTES, "divide it with `editcap -c 1000000`", _fault)


def _unpacked(packed: bytes, path: Path) -> bytes:
    """Return what a gzip file holds, in bounded memory: a thousandth of it may be all that the file has."""
    parts: list[bytes] = []
    size, raw = 0, io.BytesIO(packed)
    try:
        with gzip.GzipFile(fileobj=raw) as file:
            while chunk := file.read(CHUNK_BYTES):
                if not parts and (fault := _unpacked_fault(chunk[:HEAD_BYTES])):
                    raise CaptureError(f"{path}: {fault}")
                parts.append(chunk)
                size += len(chunk)
                _check_size(size, raw.tell(), path)
    except (OSError, EOFError, zlib.error) as error:
        raise CaptureError(
            f"{path}: not a whole gzip file ({error}): compress or copy the capture again"
        ) from error
    if not parts:
        raise CaptureError(f"{path}: {_EMPTY}")
    return b"".join(parts)


def _check_size(size: int, packed_bytes: int, path: Path) -> None:
    way_out = f"unpack it with `gunzip -k {path.name}` and divide it with `editcap -c 1000000`"
    if size > MOST_UNPACKED_BYTES:
        raise CaptureError(f"{path}: unpacks to more than {MOST_UNPACKED_BYTES >> 20} MiB: {way_out}")
    if size > max(FREE_UNPACKED_BYTES, MOST_RATIO * packed_bytes):
        raise CaptureError(
            f"{path}: unpacks to more than {MOST_RATIO} times its size, as no capture does: {way_out}"
        )

"""Classic pcap files, with microseconds or nanoseconds, in either byte order.

Source: draft-ietf-opsawg-pcap, sections 4 (file header) and 5 (packet record).
"""

from __future__ import annotations

import struct
from array import array
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.frames import ByteOrder, Frames, truncated

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# The first four bytes -> byte order and nanoseconds in a tick.
MAGICS: dict[bytes, tuple[ByteOrder, int]] = {
    bytes.fromhex("d4c3b2a1"): ("<", 1000),
    bytes.fromhex("a1b2c3d4"): (">", 1000),
    bytes.fromhex("4d3cb2a1"): ("<", 1),
    bytes.fromhex("a1b23c4d"): (">", 1),
}
FILE_HEADER_BYTES = 24
LINK_TYPE_AT = 20
RECORD_HEADER_BYTES = 16


def read_pcap(buffer: bytes, path: Path) -> list[Frames]:
    """Find the frames of a classic pcap file; raise CaptureError where it is truncated."""
    byte_order, tick_ns = MAGICS[buffer[:4]]
    if len(buffer) < FILE_HEADER_BYTES:
        raise truncated(path, 0, "file header")
    # The upper half of the field holds frame-check bits, not the link type.
    link_type = struct.unpack_from(f"{byte_order}I", buffer, LINK_TYPE_AT)[0] & 0xFFFF
    starts = _walk(buffer, byte_order, path)
    headers = _record_headers(buffer, byte_order, starts)
    timestamps_ns = headers[:, 0] * 1_000_000_000 + headers[:, 1] * tick_ns
    offsets = starts + RECORD_HEADER_BYTES
    return [Frames(link_type, LINK_TYPE_AT, byte_order, timestamps_ns, offsets, headers[:, 2])]


def _walk(buffer: bytes, byte_order: str, path: Path) -> NDArray[np.int64]:
    captured_length = struct.Struct(f"{byte_order}8xI4x").unpack_from
    starts, at, last = array("q"), FILE_HEADER_BYTES, len(buffer) - RECORD_HEADER_BYTES
    while at <= last:
        starts.append(at)
        at += RECORD_HEADER_BYTES + captured_length(buffer, at)[0]
    if at > len(buffer):
        raise truncated(path, starts[-1], "packet")
    if at < len(buffer):
        raise truncated(path, at, "packet header")
    return np.array(starts, np.int64)


def _record_headers(buffer: bytes, byte_order: str, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    if not len(starts):
        return np.empty((0, 4), np.int64)
    rows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(buffer, np.uint8), RECORD_HEADER_BYTES)
    return rows[starts].view(f"{byte_order}u4").astype(np.int64)

"""Classic pcap files, with microseconds or nanoseconds, in either byte order.

Source: draft-ietf-opsawg-pcap, sections 4 (file header) and 5 (packet record).
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.files.link_frames import ByteOrder, CaptureFrames, Frames, Tear, damaged, truncated
from zerotap.capture.files.link_types import READ_NAMES
from zerotap.errors import CaptureError

from .record_starts import walk

if TYPE_CHECKING:
    from collections.abc import Iterable
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
# libpcap's own bound for USB link types: a larger number was never a length.
MOST_CAPTURED_BYTES = 128 << 20
MOST_WRITTEN_BYTES = 1 << 18  # the snap length that a file states, more than any frame of ours


def read_pcap(buffer: bytes, path: Path) -> CaptureFrames:
    """Find the frames of a classic pcap file, and where it is torn.

    Raises CaptureError where the file header is truncated or a length is impossible.
    """
    byte_order, tick_ns = MAGICS[buffer[:4]]
    if len(buffer) < FILE_HEADER_BYTES:
        raise truncated(path, Tear(0, "file header", len(buffer)))
    # The upper half of the field holds frame-check bits, not the link type.
    link_type = struct.unpack_from(f"{byte_order}I", buffer, LINK_TYPE_AT)[0] & 0xFFFF
    starts, tear = _starts(buffer, byte_order, path)
    found = CaptureFrames(buffer, has_usb=link_type in READ_NAMES, tear=tear)
    if not found.has_usb:
        found.foreign[link_type] += len(starts)
        found.first_foreign = link_type, LINK_TYPE_AT
        return found
    field_of = _RecordFields(buffer, byte_order)
    timestamps_ns = field_of(starts, 0).astype(np.int64)
    timestamps_ns *= 1_000_000_000
    timestamps_ns += field_of(starts, 4).astype(np.int64) * tick_ns
    lengths = field_of(starts, 8).astype(np.int64)
    starts += RECORD_HEADER_BYTES
    interfaces = np.broadcast_to(np.int64(0), starts.shape)
    found.frames.append(Frames(link_type, byte_order, interfaces, timestamps_ns, starts, lengths))
    return found


class _RecordFields:
    """Reads one 32-bit field of the record headers that start at the given bytes."""

    def __init__(self, buffer: bytes, byte_order: ByteOrder) -> None:
        # A field at every byte: to pick one number is quicker than to pick four bytes.
        places = max(len(buffer) - 3, 0)
        self._fields = np.ndarray((places,), f"{byte_order}u4", buffer, strides=(1,))

    def __call__(self, starts: NDArray[np.int64], offset: int) -> NDArray[np.uint32]:
        column: NDArray[np.uint32] = self._fields[starts + offset]
        return column


def _starts(buffer: bytes, byte_order: ByteOrder, path: Path) -> tuple[NDArray[np.int64], Tear | None]:
    """Return the byte where each whole record starts, and where the file is torn."""
    stepper, length_type = _Stepper(buffer, byte_order), np.dtype(f"{byte_order}u4")

    def sizes(at: int, stride: int, count: int) -> NDArray[np.int64]:
        lengths = np.ndarray((count,), length_type, buffer, at + 8, (stride,))
        return lengths.astype(np.int64) + RECORD_HEADER_BYTES

    starts, at = walk(stepper.steps, sizes, FILE_HEADER_BYTES, len(buffer))
    if at > len(buffer):
        torn_at = int(starts[-1])
        length = at - torn_at - RECORD_HEADER_BYTES
        if length > MOST_CAPTURED_BYTES:
            raise damaged(path, torn_at, f"no packet has a length of {length} bytes")
        return starts[:-1], Tear(torn_at, "packet", len(buffer) - torn_at)
    return starts, Tear(at, "packet header", len(buffer) - at) if at < len(buffer) else None


class _Stepper:
    """Steps from record to record: by one byte of each length while the lengths have no more.

    That takes half the time of reading whole lengths, which then are compared all at once.
    """

    def __init__(self, buffer: bytes, byte_order: ByteOrder) -> None:
        self._buffer, self._field_of = buffer, _RecordFields(buffer, byte_order)
        self._length = struct.Struct(f"{byte_order}8xI4x").unpack_from
        self._low_byte = 8 if byte_order == "<" else 11
        self._are_short = True

    def steps(self, at: int, count: int) -> NDArray[np.int64]:
        """Return where at most ``count`` records from ``at`` on start, and the place after them."""
        lengths = self._short(at, count) if self._are_short else np.empty(0, np.int64)
        if len(lengths) < count:
            after = at + int(lengths.sum()) + RECORD_HEADER_BYTES * len(lengths)
            lengths = np.concatenate([lengths, self._any(after, count - len(lengths))])
        self._are_short = bool((lengths < 256).all())
        places = np.empty(len(lengths) + 1, np.int64)
        places[0], places[1:] = at, lengths + RECORD_HEADER_BYTES
        return places.cumsum()

    def _short(self, at: int, count: int) -> NDArray[np.int64]:
        """The lengths of at most ``count`` records, up to the first that has more than a byte."""
        found, buffer, place = bytearray(), self._buffer, at + self._low_byte
        append = found.append
        end = len(buffer) - RECORD_HEADER_BYTES + self._low_byte
        try:
            for _ in range(count):
                length = buffer[place]
                append(length)
                place += length + RECORD_HEADER_BYTES
        except IndexError:
            pass  # the end is found by those that read whole lengths
        lengths = np.frombuffer(found, np.uint8).astype(np.int64)
        places = at + np.cumsum(lengths + RECORD_HEADER_BYTES) - lengths - RECORD_HEADER_BYTES
        held = int(np.searchsorted(places, end - self._low_byte, side="right"))
        differs = np.flatnonzero(self._field_of(places[:held], 8) != lengths[:held])
        return lengths[: differs[0] if len(differs) else held]

    def _any(self, at: int, count: int) -> NDArray[np.int64]:
        lengths: list[int] = []
        append, length_at, buffer = lengths.append, self._length, self._buffer
        try:
            for _ in range(count):
                (length,) = length_at(buffer, at)
                append(length)
                at += length + RECORD_HEADER_BYTES
        except struct.error:
            pass  # no whole header is left; to ask that each time would take a third of the time
        return np.array(lengths, np.int64)


def write_pcap(path: Path, frames: Iterable[tuple[int, bytes]], link_type: int) -> None:
    """Write a new classic pcap file of frames with their times in nanoseconds since 1970, little endian.

    Raises CaptureError for a time that the format's 32 bits of seconds do not hold.
    """
    with path.open("xb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, MOST_WRITTEN_BYTES, link_type))
        for timestamp_ns, frame in frames:
            seconds, nanoseconds = divmod(timestamp_ns, 1_000_000_000)
            if not 0 <= seconds < 1 << 32:
                raise CaptureError(
                    f"{path.name}: pcap has no time {seconds} s after 1970 (0 to {(1 << 32) - 1}): "
                    "write pcapng instead"
                )
            file.write(struct.pack("<IIII", seconds, nanoseconds, len(frame), len(frame)) + frame)

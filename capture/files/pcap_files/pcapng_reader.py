"""The packets of a pcapng file: sections of either byte order, interfaces, and the packets they captured.

Source: draft-ietf-opsawg-pcapng, section 4 (block definitions).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture.files.link_frames import CaptureFrames, Frames, damaged
from zerotap.capture.files.link_types import READ_NAMES
from zerotap.capture.files.transfers import DeviceKey

from .pcapng_blocks import SECTION_HEADER, BlockReader
from .pcapng_interfaces import LATEST_S, interfaces_of

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from .pcapng_blocks import Blocks
    from .pcapng_interfaces import Interfaces

OBSOLETE_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 2, 3, 6
# The fewest bytes that a packet block has, lengths and type included.
SIMPLE_BYTES, ENHANCED_BYTES = 16, 32
NANOSECONDS = 1_000_000_000


class _Packets(NamedTuple):
    """Packets of a run of blocks: the word of each block, its interface's row, and where its bytes are."""

    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    timestamps_ns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def where(self, mask: NDArray[np.bool_]) -> _Packets:
        return self if mask.all() else _Packets(*(column[mask] for column in self))

    def interfaces(self, interfaces: Interfaces) -> NDArray[np.int64]:
        is_one = len(interfaces) == 1
        return np.broadcast_to(interfaces.starts, self.rows.shape) if is_one else interfaces.starts[self.rows]


def read_blocks(buffer: bytes, path: Path) -> CaptureFrames:
    """Find the frames of a pcapng file, one Frames a link type and byte order, and where the file is torn.

    A simple packet block carries no time: its timestamp is 0. Raises CaptureError where the file is damaged
    or ends inside its first section's header.
    """
    found, reader = CaptureFrames(buffer), BlockReader(buffer, path)
    for blocks in reader:
        interfaces = interfaces_of(blocks)
        _note_interfaces(found, interfaces)
        for packets in (_enhanced(blocks, interfaces), _simple(blocks, interfaces)):
            if len(packets.starts):
                _add(found, blocks, interfaces, packets)
    found.tear = reader.tear
    return found


def _note_interfaces(found: CaptureFrames, interfaces: Interfaces) -> None:
    is_usb = np.isin(interfaces.link_types, list(READ_NAMES))
    found.has_usb |= bool(is_usb.any())
    for row in np.flatnonzero(~is_usb)[:1].tolist():
        found.first_foreign = found.first_foreign or (
            int(interfaces.link_types[row]),
            int(interfaces.starts[row]) * 4 + 8,
        )
    for row, device in interfaces.devices.items():
        found.devices[DeviceKey(int(interfaces.link_types[row]), device.bus, device.address)] = device


def _add(found: CaptureFrames, blocks: Blocks, interfaces: Interfaces, packets: _Packets) -> None:
    link_types = interfaces.link_types[packets.rows]
    for link_type in READ_NAMES:
        part = packets.where(link_types == link_type)
        if len(part.starts):
            columns = part.timestamps_ns, part.offsets, part.lengths
            found.frames.append(Frames(link_type, blocks.byte_order, part.interfaces(interfaces), *columns))
    types, firsts = np.unique(interfaces.link_types, return_index=True)
    counts = np.bincount(np.searchsorted(types, link_types), minlength=len(types))
    for place in np.argsort(firsts).tolist():
        if int(types[place]) not in READ_NAMES:
            found.foreign[int(types[place])] += int(counts[place])


def _rows(
    blocks: Blocks, interfaces: Interfaces, packets: NDArray[np.int64], numbers: NDArray[np.uint32] | int
) -> NDArray[np.int64]:
    """Return the row of each packet's interface, from its number within the packet's section."""
    if not len(packets):
        return packets
    sections = blocks.starts[blocks.words[blocks.starts] == SECTION_HEADER]
    # The last entry stands for no section: it ends the interfaces of the one before.
    firsts = np.append(np.searchsorted(interfaces.starts, sections), len(interfaces))
    inside = np.searchsorted(sections, packets, side="right") - 1 if len(sections) > 1 else np.int64(0)
    ends = np.broadcast_to(firsts[inside + 1], packets.shape)
    rows = np.broadcast_to(firsts[inside] + np.asarray(numbers, np.int64), packets.shape)
    unknown = packets[rows >= ends]
    if len(unknown):
        raise damaged(blocks.path, int(unknown[0]) * 4, "the packet's interface was never described")
    return rows


def _enhanced(blocks: Blocks, interfaces: Interfaces) -> _Packets:
    words, starts = blocks.words, blocks.of_type(ENHANCED_BYTES, ENHANCED_PACKET, OBSOLETE_PACKET)
    numbers = words[starts + 2]
    # The obsolete block holds the number in the first two of these four bytes, a drop count in the others.
    obsolete = words[starts] == OBSOLETE_PACKET
    if obsolete.any():
        numbers = np.where(obsolete, blocks.halves(numbers), numbers)
    rows = _rows(blocks, interfaces, starts, numbers)
    lengths = words[starts + 5].astype(np.int64)
    _check_lengths(blocks, starts, lengths, ENHANCED_BYTES)
    timestamps_ns = _timestamps_ns(blocks, interfaces, starts, rows)
    return _Packets(starts, rows, timestamps_ns, starts * 4 + 28, lengths)


def _simple(blocks: Blocks, interfaces: Interfaces) -> _Packets:
    starts = blocks.of_type(SIMPLE_BYTES, SIMPLE_PACKET)
    rows = _rows(blocks, interfaces, starts, 0)
    lengths = blocks.words[starts + 2].astype(np.int64)
    snap_lengths = interfaces.snap_lengths[rows]
    lengths = np.where(snap_lengths > 0, np.minimum(lengths, snap_lengths), lengths)
    _check_lengths(blocks, starts, lengths, SIMPLE_BYTES)
    return _Packets(starts, rows, np.zeros(len(starts), np.int64), starts * 4 + 12, lengths)


def _check_lengths(
    blocks: Blocks, starts: NDArray[np.int64], lengths: NDArray[np.int64], minimum_bytes: int
) -> None:
    over = starts[lengths > blocks.words[starts + 1].astype(np.int64) - minimum_bytes]
    if len(over):
        raise damaged(blocks.path, int(over[0]) * 4, "the packet is longer than its block")


def _timestamps_ns(
    blocks: Blocks, interfaces: Interfaces, starts: NDArray[np.int64], rows: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the packets' times since 1970, those of one clock after those of another."""
    resolutions = interfaces.resolutions[rows]
    timestamps_ns = np.empty(len(starts), np.int64)
    for resolution in np.flatnonzero(np.bincount(resolutions)).tolist():
        of_clock = resolutions == resolution
        chosen = slice(None) if of_clock.all() else np.flatnonzero(of_clock)
        offsets_s = interfaces.offsets_s[rows[chosen]]
        timestamps_ns[chosen] = _nanoseconds(blocks, starts[chosen], resolution, offsets_s)
    return timestamps_ns


def _nanoseconds(
    blocks: Blocks, packets: NDArray[np.int64], resolution: int, offsets_s: NDArray[np.int64]
) -> NDArray[np.int64]:
    words = blocks.words
    ticks = words[packets + 3].astype(np.uint64) << np.uint64(32) | words[packets + 4]
    exponent, binary = resolution & 0x7F, resolution & 0x80
    per_second = 2**exponent if binary else 10**exponent
    seconds, rest = np.divmod(ticks, np.uint64(per_second))
    if binary and exponent > 34:  # 34 bits of fraction times 10^9 still fit 64 bits
        rest, per_second = rest >> np.uint64(exponent - 34), 2**34
    elif not binary and exponent > 9:
        rest, per_second = rest // np.uint64(10 ** (exponent - 9)), NANOSECONDS
    beyond = packets[seconds > (LATEST_S - 1 - offsets_s).astype(np.uint64)]
    if len(beyond):
        raise damaged(blocks.path, int(beyond[0]) * 4, "the packet's time is after the year 2262")
    whole_ns = (seconds.astype(np.int64) + offsets_s) * NANOSECONDS
    nanoseconds: NDArray[np.int64] = whole_ns + (
        rest * np.uint64(NANOSECONDS) // np.uint64(per_second)
    ).astype(np.int64)
    return nanoseconds

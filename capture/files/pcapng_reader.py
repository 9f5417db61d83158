"""The packets of a pcapng file: sections of either byte order, interfaces, and the packets they captured.

Source: draft-ietf-opsawg-pcapng, section 4 (block definitions).

Recordings as our own writer leaves them, one transfer after another of one length, are read in one look: a
dataset has thousands of them. Whatever is not exactly so (comments, failed transfers, other lengths, a torn
end) is left to the reader of every capture, which gives the same for these.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture.packet import Recording
from zerotap.errors import CaptureError

from .link_frames import CaptureFrames, DeviceKey, Frames, damaged
from .link_types import LINK_TYPES, USBMON_MMAP
from .pcapng_blocks import SECTION_HEADER, BlockReader
from .pcapng_interfaces import LATEST_S, interfaces_of
from .streams import TRANSFER_NAMES, stream_name
from .usbmon_header import LONG_BYTES, USBMON_STRUCT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.packet import DeviceIdentity

    from .pcapng_blocks import Blocks
    from .pcapng_interfaces import Interfaces

OBSOLETE_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 2, 3, 6
# The fewest bytes that a packet block has, lengths and type included.
SIMPLE_BYTES, ENHANCED_BYTES = 16, 32
NANOSECONDS = 1_000_000_000
_BEGINNING = struct.pack("<IIIHHq", SECTION_HEADER, 28, 0x1A2B3C4D, 1, 0, -1)
_SECTION_BYTES, _PACKET_BYTES, _NANOSECONDS = 28, 28, 9
_WORD = struct.Struct("<I").unpack_from
_ENHANCED = struct.Struct("<IIIIIII").unpack_from
# Of a packet's 23 words before its data: all but the times of the block and of usbmon, and the URB's number.
_FIXED_WORDS = np.array([0, 1, 2, 5, 6, 9, 10, *range(14, 23)])
_LATEST_HIGH = 0x7FFF_0000  # of a time's upper half: years before int64 ends


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
    is_usb = np.isin(interfaces.link_types, list(LINK_TYPES))
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
    for link_type in LINK_TYPES:
        part = packets.where(link_types == link_type)
        if len(part.starts):
            columns = part.timestamps_ns, part.offsets, part.lengths
            found.frames.append(Frames(link_type, blocks.byte_order, part.interfaces(interfaces), *columns))
    types, firsts = np.unique(interfaces.link_types, return_index=True)
    counts = np.bincount(np.searchsorted(types, link_types), minlength=len(types))
    for place in np.argsort(firsts).tolist():
        if int(types[place]) not in LINK_TYPES:
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


def own_recording(buffer: bytes) -> Recording | None:
    """Return the one recording in the bytes of a file of ours; None where it is not so simple."""
    if buffer[: len(_BEGINNING)] != _BEGINNING or len(buffer) < _SECTION_BYTES + 12:
        return None
    start = _SECTION_BYTES + int(_WORD(buffer, _SECTION_BYTES + 4)[0])
    if len(buffer) < start + _PACKET_BYTES + LONG_BYTES:
        return None
    kind, stride, interface, _, _, captured, _ = _ENHANCED(buffer, start)
    size = captured - LONG_BYTES
    is_plain = stride == _PACKET_BYTES + captured + -captured % 4 + 4 and (len(buffer) - start) % stride == 0
    if (kind, interface) != (ENHANCED_PACKET, 0) or size < 1 or not is_plain:
        return None
    device = _device_of(buffer[:start])
    found = _transfer(buffer, start + _PACKET_BYTES, size, device) if device else None
    return _recording(buffer, start, stride, size, found) if found else None


@lru_cache(maxsize=64)
def _device_of(head: bytes) -> DeviceIdentity | None:
    """The device that the only interface of a file notes: thousands of files have the same one."""
    try:
        (blocks,) = BlockReader(head, Path("recording"))
        interfaces = interfaces_of(blocks)
    except (CaptureError, ValueError):
        return None
    known = [columns.tolist() for columns in (interfaces.link_types, interfaces.resolutions)]
    if known != [[USBMON_MMAP], [_NANOSECONDS]] or interfaces.offsets_s.any():
        return None
    return interfaces.devices.get(0)


_Transfer = tuple["DeviceIdentity", str, int]


def _transfer(buffer: bytes, at: int, size: int, device: DeviceIdentity) -> _Transfer | None:
    """Whose the first transfer is, of which type and endpoint, where it completed whole."""
    header = USBMON_STRUCT.unpack_from(buffer, at)
    _, event, transfer, endpoint, address, bus, _, _, _, _, status, length, held = header[:13]
    is_whole = event == ord("C") and status == 0 and length == held == size and transfer in TRANSFER_NAMES
    if not is_whole or (bus, address) != (device.bus, device.address):
        return None
    return device, TRANSFER_NAMES[transfer], endpoint


def _recording(buffer: bytes, start: int, stride: int, size: int, found: _Transfer) -> Recording | None:
    words = np.frombuffer(buffer, "<u4", offset=start).reshape(-1, stride // 4)
    is_same = (words == words[0]).all(axis=0)
    times_high = words[:, 3].astype(np.int64)
    if not (is_same[-1] and is_same[_FIXED_WORDS].all()) or times_high.max() > _LATEST_HIGH:
        return None
    device, transfer, endpoint = found
    data_at = _PACKET_BYTES + LONG_BYTES
    rows = np.frombuffer(buffer, np.uint8, offset=start).reshape(-1, stride)
    count = len(rows)
    return Recording(
        timestamps_ns=times_high << 32 | words[:, 4],
        endpoints=np.full(count, endpoint, np.uint8),
        payload=rows[:, data_at : data_at + size].flatten(),
        offsets=np.arange(0, (count + 1) * size, size, dtype=np.int64),
        device=device,
        name=stream_name(DeviceKey(USBMON_MMAP, device.bus, device.address), endpoint),
        transfer=transfer,
        link_type=USBMON_MMAP,
    )

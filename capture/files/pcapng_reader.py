"""The blocks of a pcapng file: sections of either byte order, interfaces, and the packets that they captured.

Source: draft-ietf-opsawg-pcapng, section 4 (block definitions) and 3.5 (options).
"""

from __future__ import annotations

import json
import struct
from array import array
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.capture.packet import DeviceIdentity
from zerotap.errors import CaptureError

from .link_frames import ByteOrder, Frames, Tear, damaged, truncated
from .record_starts import walk

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from .record_starts import Steps

SECTION_HEADER = 0x0A0D0D0A
INTERFACE_DESCRIPTION, OBSOLETE_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 1, 2, 3, 6
# The fewest bytes that a block of each kind can have, lengths and type included.
MINIMUM_BYTES = {
    SECTION_HEADER: 28,
    INTERFACE_DESCRIPTION: 20,
    OBSOLETE_PACKET: 32,
    SIMPLE_PACKET: 16,
    ENHANCED_PACKET: 32,
}
OPTION_END, OPTION_COMMENT, OPTION_TSRESOL, OPTION_TSOFFSET = 0, 1, 9, 14
BYTE_ORDERS: dict[bytes, ByteOrder] = {bytes.fromhex("4d3c2b1a"): "<", bytes.fromhex("1a2b3c4d"): ">"}
NANOSECONDS = 1_000_000_000
LATEST_NS = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of a section. ``tsresol`` as in the file: 9 is 10^-9 s, 0x80 | 20 is 2^-20 s."""

    link_type: int
    stated_at: int
    snap_length: int
    tsresol: int = 6
    offset_s: int = 0
    device: DeviceIdentity | None = None


@dataclass(frozen=True, slots=True)
class _Section:
    """One section: its 32-bit words (of the whole file) and the word where each of its blocks starts."""

    path: Path
    buffer: bytes
    byte_order: ByteOrder
    words: NDArray[np.uint32]
    starts: NDArray[np.int64]

    def of_type(self, *block_types: int) -> NDArray[np.int64]:
        types = self.words[self.starts]
        starts = self.starts[np.isin(types, block_types)]
        short = starts[self.words[starts + 1] < MINIMUM_BYTES[block_types[0]]]
        if len(short):
            raise damaged(self.path, int(short[0]) * 4, "the block is shorter than its kind allows")
        return starts


def read_blocks(buffer: bytes, path: Path) -> tuple[list[Frames], Tear | None]:
    """Find the frames of a pcapng file, one Frames an interface, and where the file is torn.

    A simple packet block carries no time: its timestamp is 0. Raises CaptureError where the file is damaged
    or ends inside a section's header.
    """
    frames: list[Frames] = []
    swapped: dict[ByteOrder, NDArray[np.uint32]] = {}
    at, whole_words, tear = 0, len(buffer) // 4, None
    while at < whole_words and tear is None:
        byte_order = _byte_order(buffer, at * 4, path)
        if byte_order not in swapped:
            file_words = np.frombuffer(buffer, f"{byte_order}u4", whole_words)
            swapped[byte_order] = file_words.astype("=u4", copy=False)
        words = swapped[byte_order]
        starts, at, tear = _starts(words, at, len(buffer), path)
        ends = starts + (words[starts + 1] >> 2) - 1
        unequal = starts[words[ends] != words[starts + 1]]
        if len(unequal):
            raise damaged(path, int(unequal[0]) * 4, "the block's two lengths differ")
        frames += _section_frames(_Section(path, buffer, byte_order, words, starts))
    if tear is None and len(buffer) % 4:
        tear = Tear(whole_words * 4, "block", len(buffer) % 4)
    return frames, tear


def _byte_order(buffer: bytes, at: int, path: Path) -> ByteOrder:
    if len(buffer) < at + 16:
        raise truncated(path, Tear(at, "section header", len(buffer) - at))
    byte_order = BYTE_ORDERS.get(buffer[at + 8 : at + 12])
    if byte_order is None:
        raise damaged(path, at + 8, "a section header has no byte-order magic")
    major = struct.unpack_from(f"{byte_order}H", buffer, at + 12)[0]
    if major != 1:
        raise CaptureError(
            f"{path}: pcapng version {major} at byte {at + 12}: save it as version 1 with editcap -F pcapng"
        )
    return byte_order


def _starts(
    words: NDArray[np.uint32], first: int, size: int, path: Path
) -> tuple[NDArray[np.int64], int, Tear | None]:
    """Return the word of each whole block of the section at ``first``, the word after it, and its tear."""

    def sizes(places: NDArray[np.int64]) -> NDArray[np.int64]:
        lengths = words[places + 1].astype(np.int64)
        return np.where((lengths & 3 == 0) & (words[places] != SECTION_HEADER), lengths >> 2, -1)

    starts, at = walk(_steps(words, first, path), sizes, first, len(words))
    if at > len(words):
        starts, at = starts[:-1], int(starts[-1])
    elif at == len(words) or words[at] == SECTION_HEADER:
        return starts, at, None
    if not len(starts):
        raise truncated(path, Tear(at * 4, "section header", size - at * 4))
    return starts, at, Tear(at * 4, "block", size - at * 4)


def _steps(words: NDArray[np.uint32], first: int, path: Path) -> Steps:
    # A memoryview gives Python integers: several times faster here than indexing an array.
    view, last = memoryview(words.data), len(words) - 3

    def steps(at: int, count: int) -> NDArray[np.int64]:
        places = array("q", [at])
        for _ in range(count):
            if at > last or (view[at] == SECTION_HEADER and at != first):
                break
            length = view[at + 1]
            if length == 0 and not words[at:].any():
                break  # a power cut leaves zeros where the last blocks were to be
            if length < 12 or length & 3:
                raise damaged(path, at * 4, f"no block has a length of {length} bytes")
            at += length >> 2
            places.append(at)
        return np.frombuffer(places, np.int64)

    return steps


def _section_frames(section: _Section) -> Iterator[Frames]:
    interfaces = [_interface(section, at * 4) for at in section.of_type(INTERFACE_DESCRIPTION).tolist()]
    packets = section.of_type(ENHANCED_PACKET, OBSOLETE_PACKET)
    numbers = _interface_numbers(section, packets)
    unknown = packets[numbers >= len(interfaces)]
    simple = section.of_type(SIMPLE_PACKET)
    if len(unknown) or (len(simple) and not interfaces):
        at = int(unknown[0]) if len(unknown) else int(simple[0])
        raise damaged(section.path, at * 4, "the packet's interface was never described")
    order = np.argsort(numbers, kind="stable")
    bounds = np.searchsorted(numbers[order], np.arange(1, len(interfaces)))
    for number, (interface, rows) in enumerate(zip(interfaces, np.split(order, bounds), strict=False)):
        yield _enhanced_frames(section, interface, packets[rows])
        if number == 0 and len(simple):
            yield _simple_frames(section, interface, simple)


def _interface_numbers(section: _Section, packets: NDArray[np.int64]) -> NDArray[np.uint32]:
    numbers = section.words[packets + 2]
    # The obsolete block holds the number in the first two of these four bytes, a drop count in the others.
    halves = numbers & 0xFFFF if section.byte_order == "<" else numbers >> 16
    return np.where(section.words[packets] == OBSOLETE_PACKET, halves, numbers)


def _enhanced_frames(section: _Section, interface: Interface, packets: NDArray[np.int64]) -> Frames:
    words = section.words
    lengths = words[packets + 5].astype(np.int64)
    over = packets[lengths > words[packets + 1].astype(np.int64) - MINIMUM_BYTES[ENHANCED_PACKET]]
    if len(over):
        raise damaged(section.path, int(over[0]) * 4, "the packet is longer than its block")
    ticks = words[packets + 3].astype(np.uint64) << np.uint64(32) | words[packets + 4]
    timestamps_ns = _nanoseconds(ticks, interface, packets, section.path)
    return _frames(section, interface, timestamps_ns, packets * 4 + 28, lengths)


def _simple_frames(section: _Section, interface: Interface, packets: NDArray[np.int64]) -> Frames:
    lengths = section.words[packets + 2].astype(np.int64)
    if interface.snap_length:
        lengths = np.minimum(lengths, interface.snap_length)
    over = packets[lengths > section.words[packets + 1].astype(np.int64) - MINIMUM_BYTES[SIMPLE_PACKET]]
    if len(over):
        raise damaged(section.path, int(over[0]) * 4, "the packet is longer than its block")
    return _frames(section, interface, np.zeros(len(packets), np.int64), packets * 4 + 12, lengths)


def _frames(
    section: _Section,
    interface: Interface,
    timestamps_ns: NDArray[np.int64],
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> Frames:
    return Frames(
        interface.link_type,
        interface.stated_at,
        section.byte_order,
        timestamps_ns,
        offsets,
        lengths,
        interface.device,
    )


def _nanoseconds(
    ticks: NDArray[np.uint64], interface: Interface, packets: NDArray[np.int64], path: Path
) -> NDArray[np.int64]:
    exponent, binary = interface.tsresol & 0x7F, interface.tsresol & 0x80
    per_second = 2**exponent if binary else 10**exponent
    seconds, rest = np.divmod(ticks, np.uint64(per_second))
    if binary and exponent > 34:  # 34 bits of fraction times 10^9 still fit 64 bits
        rest, per_second = rest >> np.uint64(exponent - 34), 2**34
    elif not binary and exponent > 9:
        rest, per_second = rest // np.uint64(10 ** (exponent - 9)), NANOSECONDS
    beyond = packets[seconds > LATEST_NS // NANOSECONDS - 1 - interface.offset_s]
    if len(beyond):
        raise damaged(path, int(beyond[0]) * 4, "the packet's time is after the year 2262")
    whole_ns = (seconds.astype(np.int64) + interface.offset_s) * NANOSECONDS
    return whole_ns + (rest * np.uint64(NANOSECONDS) // np.uint64(per_second)).astype(np.int64)


def _interface(section: _Section, at: int) -> Interface:
    """Read the interface description block at byte ``at``."""
    order, buffer, path = section.byte_order, section.buffer, section.path
    length = struct.unpack_from(f"{order}I", buffer, at + 4)[0]
    link_type, snap_length = struct.unpack_from(f"{order}HxxI", buffer, at + 8)
    settings: dict[str, Any] = {}
    for code, value, value_at in _options(buffer, order, at + 16, at + length - 4, path):
        if code == OPTION_TSRESOL and len(value) == 1:
            settings["tsresol"] = _checked_tsresol(value[0], value_at, path)
        elif code == OPTION_TSOFFSET and len(value) == 8:
            settings["offset_s"] = _checked_offset(struct.unpack(f"{order}q", value)[0], value_at, path)
        elif code == OPTION_COMMENT and (device := device_from_comment(value)):
            settings["device"] = device
    return Interface(link_type, at + 8, snap_length, **settings)


def _checked_tsresol(tsresol: int, at: int, path: Path) -> int:
    if tsresol & 0x7F > (63 if tsresol & 0x80 else 18):
        raise damaged(path, at, f"no clock has a time resolution of code {tsresol:#04x}")
    return tsresol


def _checked_offset(offset_s: int, at: int, path: Path) -> int:
    if abs(offset_s) > LATEST_NS // NANOSECONDS - 1:
        raise damaged(path, at, f"a time offset of {offset_s} s is out of range")
    return offset_s


def _options(buffer: bytes, order: str, at: int, end: int, path: Path) -> Iterator[tuple[int, bytes, int]]:
    """Yield the code, value and place of each option between the bytes ``at`` and ``end``."""
    while at + 4 <= end:
        code, length = struct.unpack_from(f"{order}HH", buffer, at)
        if code == OPTION_END:
            return
        if at + 4 + length > end:
            raise damaged(path, at, "an option is longer than its block")
        yield code, buffer[at + 4 : at + 4 + length], at + 4
        at += 4 + (length + 3) // 4 * 4


def device_comment(device: DeviceIdentity) -> bytes:
    """Return what a file of ours says of its device, as an interface's comment."""
    return json.dumps({"usb_device": asdict(device)}).encode()


def device_from_comment(comment: bytes) -> DeviceIdentity | None:
    """Read ``device_comment`` back; None from anyone else's comment."""
    try:
        known = json.loads(comment)["usb_device"]
        return DeviceIdentity(
            vendor_id=int(known["vendor_id"]),
            product_id=int(known["product_id"]),
            bus=int(known["bus"]),
            address=int(known["address"]),
            manufacturer=str(known["manufacturer"]),
            product=str(known["product"]),
            serial=str(known["serial"]),
        )
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError):
        return None

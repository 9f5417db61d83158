"""The interfaces of a pcapng file: what the packets of each are, and by which clock.

They are columns, not objects: a damaged or hostile file may describe hundreds of thousands.

Source: draft-ietf-opsawg-pcapng, sections 4.2 (interface description block) and 3.5 (options).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.files.link_frames import damaged
from zerotap.capture.packet import DeviceIdentity

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .pcapng_blocks import Blocks

INTERFACE_DESCRIPTION = 1
INTERFACE_BYTES = 20  # of one without options
OPTION_END, OPTION_COMMENT, OPTION_TSRESOL, OPTION_TSOFFSET = 0, 1, 9, 14
MICROSECONDS = 6
LATEST_S = (2**63 - 1) // 1_000_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Interfaces:
    """The interfaces of a run of blocks as columns of n rows, in the order of the file.

    ``starts`` int64: the word of each. ``link_types``, ``snap_lengths`` uint32. ``resolutions`` uint8 as in
    the file: 9 is 10^-9 s, 0x80 | 20 is 2^-20 s. ``offsets_s`` int64. ``devices``: those that a file of our
    own notes, by row.
    """

    starts: NDArray[np.int64]
    link_types: NDArray[np.uint32]
    snap_lengths: NDArray[np.uint32]
    resolutions: NDArray[np.uint8]
    offsets_s: NDArray[np.int64]
    devices: dict[int, DeviceIdentity] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)


def interfaces_of(blocks: Blocks) -> Interfaces:
    """Read every interface description block; raise CaptureError where one is damaged."""
    words, starts = blocks.words, blocks.of_type(INTERFACE_BYTES, INTERFACE_DESCRIPTION)
    found = Interfaces(
        starts,
        blocks.halves(words[starts + 2]),
        words[starts + 3],
        np.full(len(starts), MICROSECONDS, np.uint8),
        np.zeros(len(starts), np.int64),
    )
    for row in np.flatnonzero(words[starts + 1] > INTERFACE_BYTES).tolist():
        _read_options(blocks, found, row)
    return found


def _read_options(blocks: Blocks, found: Interfaces, row: int) -> None:
    order, path, start = blocks.byte_order, blocks.path, int(found.starts[row])
    at, length = start * 4, int(blocks.words[start + 1])
    for code, value_at, size in _options(blocks, at + 16, at + length - 4):
        if code == OPTION_TSRESOL and size == 1:
            resolution = blocks.buffer[value_at]
            if resolution & 0x7F > (63 if resolution & 0x80 else 18):
                raise damaged(path, value_at, f"no clock has a time resolution of code {resolution:#04x}")
            found.resolutions[row] = resolution
        elif code == OPTION_TSOFFSET and size == 8:
            offset_s = struct.unpack_from(f"{order}q", blocks.buffer, value_at)[0]
            if abs(offset_s) > LATEST_S - 1:
                raise damaged(path, value_at, f"a time offset of {offset_s} s is out of range")
            found.offsets_s[row] = offset_s
        elif code == OPTION_COMMENT:
            device = device_from_comment(blocks.buffer[value_at : value_at + size])
            if device:
                found.devices[row] = device


def _options(blocks: Blocks, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield the code, the place of the value and its size of each option between two bytes of the file."""
    code_and_length = struct.Struct(f"{blocks.byte_order}HH").unpack_from
    while at + 4 <= end:
        code, size = code_and_length(blocks.buffer, at)
        if code == OPTION_END:
            return
        if at + 4 + size > end:
            raise damaged(blocks.path, at, "an option is longer than its block")
        yield code, at + 4, size
        at += 4 + (size + 3) // 4 * 4


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

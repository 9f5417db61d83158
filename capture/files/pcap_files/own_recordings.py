"""Recordings as our own writer leaves them, one transfer after another of one length, read in one look.

A dataset has thousands of them. Whatever is not exactly so (comments, failed transfers, other lengths, a torn
end) is left to the reader of every capture, which gives the same for these.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.files.link_types import USBMON_MMAP
from zerotap.capture.files.streams import TRANSFER_NAMES, stream_name
from zerotap.capture.files.transfers import DeviceKey
from zerotap.capture.files.usbmon.header import LONG_BYTES, USBMON_STRUCT
from zerotap.capture.packet import Recording
from zerotap.errors import CaptureError

from .pcapng_blocks import SECTION_HEADER, BlockReader
from .pcapng_interfaces import interfaces_of
from .pcapng_reader import ENHANCED_PACKET

if TYPE_CHECKING:
    from zerotap.capture.packet import DeviceIdentity

_BEGINNING = struct.pack("<IIIHHq", SECTION_HEADER, 28, 0x1A2B3C4D, 1, 0, -1)
_SECTION_BYTES, _PACKET_BYTES, _NANOSECONDS = 28, 28, 9
_WORD = struct.Struct("<I").unpack_from
_ENHANCED = struct.Struct("<IIIIIII").unpack_from
# Of a packet's 23 words before its data: all but the times of the block and of usbmon, and the URB's number.
_FIXED_WORDS = np.array([0, 1, 2, 5, 6, 9, 10, *range(14, 23)])
_LATEST_HIGH = 0x7FFF_0000  # of a time's upper half: years before int64 ends


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

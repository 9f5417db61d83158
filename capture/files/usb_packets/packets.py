"""Packets on the wire: what each is by its identifier, and whether its checksum is right.

Source: USB 2.0, section 8.3 (packet fields: PID, CRC5, CRC16) and 8.4 (packet formats).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture.files.link_frames import Frames

OUT, IN, SOF, SETUP = 0x1, 0x9, 0x5, 0xD
DATA0, DATA1, DATA2, MDATA = 0x3, 0xB, 0x7, 0xF
ACK, NAK, STALL, NYET = 0x2, 0xA, 0xE, 0x6
PRE, SPLIT, PING = 0xC, 0x8, 0x4
WRONG: Final = 0
"""Instead of an identifier, of a packet whose identifier, length or checksum is wrong."""
TOKENS: Final = (OUT, IN, SETUP, PING)
DATAS: Final = (DATA0, DATA1, DATA2, MDATA)
_LENGTHS: Final = {
    **dict.fromkeys((*TOKENS, SOF), (3, 3)),
    **dict.fromkeys(DATAS, (3, 1027)),
    **dict.fromkeys((ACK, NAK, STALL, NYET), (1, 1)),
    PRE: (1, 1),
    SPLIT: (4, 4),
}
_MOST_CELLS: Final = 1 << 20  # of a table of packets of one length: what is checked at once


class Packets(NamedTuple):
    """Packets as columns: identifiers uint8, times int64 ns, bytes of the file and lengths int64."""

    pids: NDArray[np.uint8]
    timestamps_ns: NDArray[np.int64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]

    def where(self, mask: NDArray[np.bool_]) -> Packets:
        """Return the packets where ``mask`` holds."""
        return Packets(self.pids[mask], self.timestamps_ns[mask], self.offsets[mask], self.lengths[mask])


def packets_in(buffer: NDArray[np.uint8], frames: Frames) -> Packets:
    """Return every packet of ``frames``, those that are wrong as WRONG."""
    is_held = frames.lengths > 0
    first = np.zeros(len(frames.offsets), np.uint8)
    first[is_held] = buffer[frames.offsets[is_held]]
    pids: NDArray[np.uint8] = (first & 0x0F).astype(np.uint8)
    pids[(first >> 4) != (~first & 0x0F)] = WRONG
    for pid in range(1, 16):
        least, most = _LENGTHS.get(pid, (1, 0))
        pids[(pids == pid) & ((frames.lengths < least) | (frames.lengths > most))] = WRONG
    _check_tokens(buffer, frames, pids)
    _check_data(buffer, frames, pids)
    return Packets(pids, frames.timestamps_ns, frames.offsets, frames.lengths)


def _check_tokens(buffer: NDArray[np.uint8], frames: Frames, pids: NDArray[np.uint8]) -> None:
    for kinds, size in (((*TOKENS, SOF), 2), ((SPLIT,), 3)):
        rows = np.flatnonzero(np.isin(pids, kinds))
        fields = np.zeros(len(rows), np.uint32)
        for place in range(size):
            fields |= buffer[frames.offsets[rows] + 1 + place].astype(np.uint32) << np.uint32(8 * place)
        bits = 8 * size - 5
        pids[rows[_crc5(fields, bits) != fields >> np.uint32(bits)]] = WRONG


def _crc5(fields: NDArray[np.uint32], bits: int) -> NDArray[np.uint32]:
    """The checksum of the first ``bits`` of each field: x^5 + x^2 + 1, as its bits are sent."""
    crc = np.full(len(fields), 0x1F, np.uint32)
    for place in range(bits):
        differs = (crc ^ (fields >> np.uint32(place))) & np.uint32(1)
        crc = (crc >> np.uint32(1)) ^ differs * np.uint32(0x14)
    return crc ^ np.uint32(0x1F)


def _crc16_table() -> NDArray[np.uint16]:
    crc = np.arange(256, dtype=np.uint16)
    for _ in range(8):
        crc = (crc >> np.uint16(1)) ^ (crc & np.uint16(1)) * np.uint16(0xA001)
    return crc


_CRC16 = _crc16_table()
_RESIDUE: Final = 0xB001  # of data and their own checksum: x^16 + x^15 + x^2 + 1


def _check_data(buffer: NDArray[np.uint8], frames: Frames, pids: NDArray[np.uint8]) -> None:
    rows = np.flatnonzero(np.isin(pids, DATAS))
    rows = rows[np.argsort(frames.lengths[rows], kind="stable")]
    changes = np.flatnonzero(np.diff(frames.lengths[rows])) + 1
    for of_length in np.split(rows, changes) if len(rows) else ():
        length = int(frames.lengths[of_length[0]])
        step = _MOST_CELLS // length
        for start in range(0, len(of_length), step):
            part = of_length[start : start + step]
            crc = np.full(len(part), 0xFFFF, np.uint16)
            for place in range(1, length):
                octets = buffer[frames.offsets[part] + place]
                crc = (crc >> np.uint16(8)) ^ _CRC16[(crc ^ octets) & np.uint16(0xFF)]
            pids[part[crc != _RESIDUE]] = WRONG

"""Frames: what a host and the sketch SerialStream send each other, and how the next is found.

    0xA5 0x5A   sync word
    u8          kind, see Kind
    u8          sequence: a reply has that of its request
    u16         bytes of payload
    ...         payload
    u16         CRC-16/CCITT-FALSE (polynomial 0x1021, start 0xFFFF) of all between the sync word and itself

Numbers are little-endian. A frame that says it is longer than any can be, or has a wrong CRC, is none: the
search goes on behind its sync word, so that a whole frame inside or behind the damage is found.
"""

from __future__ import annotations

import binascii
import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

SYNC: Final = b"\xa5\x5a"
MOST_PAYLOAD: Final = 0xFFFF
_HEAD: Final = struct.Struct("<BBH")
_CRC: Final = struct.Struct("<H")
_CRC_START: Final = 0xFFFF
_OVERHEAD: Final = len(SYNC) + _HEAD.size + _CRC.size


class Kind(IntEnum):
    """What a frame is; from 0x80 on the board sends it."""

    HELLO = 1
    WINDOW = 2
    ITEM = 3
    FLUSH = 4
    RESET = 5
    IDENTITY = 0x81
    SCORES = 0x82
    NONE = 0x83
    ERROR = 0xFF


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: ``kind`` and ``sequence`` are 0 to 255, ``payload`` at most MOST_PAYLOAD bytes."""

    kind: int
    sequence: int
    payload: bytes = b""

    def encode(self) -> bytes:
        """Return the bytes that are sent; raises ValueError for a payload that is too long."""
        if len(self.payload) > MOST_PAYLOAD:
            raise ValueError(f"a payload of {len(self.payload)} bytes is more than {MOST_PAYLOAD}")
        body = _HEAD.pack(self.kind, self.sequence, len(self.payload)) + self.payload
        return SYNC + body + _CRC.pack(binascii.crc_hqx(body, _CRC_START))


class FrameReader:
    """Finds frames in bytes as they come, of ``most`` bytes of payload at most.

    ``damaged`` counts sync words that no whole frame followed, ``skipped`` the bytes that are in no frame.
    """

    def __init__(self, most: int = MOST_PAYLOAD) -> None:
        self.most = most
        self.damaged = self.skipped = 0
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """Take what came, in pieces of any length; return the frames that are whole now."""
        self._bytes += data
        frames = []
        while (found := self._next()) is not None:
            frames.append(found)
        return frames

    def drop(self) -> None:
        """Forget the beginning of a frame: nothing that comes belongs to it."""
        self.skipped += len(self._bytes)
        self._bytes.clear()

    def _next(self) -> Frame | None:
        """The next whole frame; None where its end has not come."""
        while self._to_sync():
            if len(self._bytes) < _OVERHEAD - _CRC.size:
                return None
            kind, sequence, length = _HEAD.unpack_from(self._bytes, len(SYNC))
            if length <= self.most:
                if len(self._bytes) < _OVERHEAD + length:
                    return None
                payload = self._payload(length)
                if payload is not None:
                    del self._bytes[: _OVERHEAD + length]
                    return Frame(kind, sequence, payload)
            self.damaged += 1
            self._skip(len(SYNC))
        return None

    def _to_sync(self) -> bool:
        """Skip what is before a sync word; False where there is none, of which a first byte may have come."""
        place = self._bytes.find(SYNC)
        if place >= 0:
            self._skip(place)
            return True
        self._skip(len(self._bytes) - self._bytes.endswith(SYNC[:1]))
        return False

    def _payload(self, length: int) -> bytes | None:
        """The payload of the frame that begins here; None where its CRC is another."""
        body = bytes(self._bytes[len(SYNC) : len(SYNC) + _HEAD.size + length])
        (crc,) = _CRC.unpack_from(self._bytes, len(SYNC) + len(body))
        return body[_HEAD.size :] if crc == binascii.crc_hqx(body, _CRC_START) else None

    def _skip(self, count: int) -> None:
        self.skipped += count
        del self._bytes[:count]

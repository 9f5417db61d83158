"""A bank's descriptor in RAM, which tells the USB controller where an endpoint's or a pipe's data are."""

from __future__ import annotations

from typing import Final

from zerotap.firmware.simulation.board.engine import Engine
from zerotap.firmware.simulation.board.faults import RegisterFault

BANK_BYTES: Final = 16
_COUNT, _MULTI = 0x3FFF, 0x3FFF << 14
_STATUS_AT, _PIPE_AT, _PIPE_STATUS_AT = 10, 12, 14


class Bank:
    """Data sheet, chapter 32.8.4: ADDR, PCKSIZE, and of a pipe where its device is."""

    def __init__(self, memory: Engine, place: int) -> None:
        self.memory, self.place = memory, place

    @property
    def _packet_size(self) -> int:
        return self.memory.word(self.place + 4)

    def _set(self, mask: int, value: int) -> None:
        word = self._packet_size & ~mask | value
        self.memory.write(self.place + 4, word.to_bytes(4, "little"))

    @property
    def count(self) -> int:
        """BYTE_COUNT: bytes to be sent, or that have come."""
        return self._packet_size & _COUNT

    @count.setter
    def count(self, value: int) -> None:
        self._set(_COUNT, value)

    @property
    def done(self) -> int:
        """MULTI_PACKET_SIZE: of bytes to be sent, how many are."""
        return self._packet_size >> 14 & 0x3FFF

    @done.setter
    def done(self, value: int) -> None:
        self._set(_MULTI, value << 14)

    @property
    def size(self) -> int:
        """Bytes of a packet at most."""
        return 8 << (self._packet_size >> 28 & 7)

    @property
    def ends_with_empty(self) -> bool:
        """AUTO_ZLP: whether an empty packet follows a last one that is full."""
        return bool(self._packet_size >> 31)

    def take(self) -> bytes:
        """The next packet of what is to be sent."""
        length = min(self.count - self.done, self.size)
        data = self.memory.read(self.memory.word(self.place) + self.done, length) if length > 0 else b""
        self.done = self.done + len(data)
        return data

    def put(self, data: bytes) -> None:
        """Store what has come."""
        if len(data) > self.size:
            raise RegisterFault(f"a packet of {len(data)} B comes over USB, and its bank takes {self.size}")
        if data:
            self.memory.write(self.memory.word(self.place), data)
        self.count = len(data)

    @property
    def device(self) -> int:
        """Address of the device that a pipe leads to."""
        return self.memory.read(self.place + _PIPE_AT, 1)[0] & 0x7F

    @property
    def endpoint(self) -> int:
        """Number of its endpoint."""
        return self.memory.read(self.place + _PIPE_AT + 1, 1)[0] & 0xF

    def flag(self, bits: int) -> None:
        """Note an error of the bank."""
        self._or(_STATUS_AT, bits)

    def flag_pipe(self, bits: int) -> None:
        """Note an error of the pipe."""
        self._or(_PIPE_STATUS_AT, bits)

    def _or(self, at: int, bits: int) -> None:
        before = self.memory.read(self.place + at, 1)[0]
        self.memory.write(self.place + at, bytes([before | bits]))

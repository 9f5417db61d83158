"""Registers: named, each with what a write does, and their bytes, stored where the C hook reads them."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from enum import Enum, auto

from zerotap.firmware.simulation.hooks.board_hook import Reading


class Kind(Enum):
    """What a write does: it is stored; nothing; or it is a command, whose bits alone say what to do."""

    STORED = auto()
    READ_ONLY = auto()
    COMMAND = auto()


@dataclass(frozen=True, slots=True)
class Register:
    """``offset`` from the peripheral's base and ``size``, both in bytes; ``reset`` its value at first.

    ``index``: which it is of several of one name, such as a register that each endpoint has.
    """

    name: str
    offset: int
    size: int
    kind: Kind = Kind.STORED
    reset: int = 0
    index: int | None = None

    @property
    def key(self) -> str:
        """What it is stored as."""
        return self.name if self.index is None else f"{self.name}{self.index}"


class Cells:
    """The bytes of a part of the address space, with how each is read, shared with the C hook."""

    def __init__(self, origin: int, size: int) -> None:
        self.origin = origin
        self.stored = (ctypes.c_uint8 * size)()
        self._bytes = memoryview(self.stored).cast("B")
        self.kinds = (ctypes.c_uint8 * size)()
        ctypes.memset(self.kinds, Reading.ASKED, size)

    def view(self, address: int, size: int) -> memoryview:
        """Some bytes, to be read and written."""
        at = address - self.origin
        return self._bytes[at : at + size]

    def read_as(self, address: int, size: int, reading: Reading) -> None:
        """How some bytes are read from now on."""
        at = address - self.origin
        self.kinds[at : at + size] = [reading] * size

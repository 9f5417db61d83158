"""What the board waits for its flash while Unicorn runs: its cache, asked for every word of code and of data.

The core fetches code by words of 32 bits: a word is asked for when the first of its instructions runs, and
again behind a jump. An instruction's own reads come after its fetch. What the core may have begun to fetch
beyond a jump that is taken is not counted.

Beside the board's cache there is a second one, which reads at addresses that depend on the input do not
enter. Each of those costs at most its own line and the one that it puts out: twice their number and what the
second cache misses bound the misses of every input that takes the same way through the code.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from zerotap.firmware.board import Board

from .hook_library import add_hook, hook_library

LINES_MAX: Final = 64
_NOTHING: Final = 0xFFFF_FFFF  # no line, no place
_PRIME: Final = 0x100_0000_01B3


class Reads(NamedTuple):
    """Reads of flash by one instruction: how many, and a digest of their addresses in order."""

    number: int
    history: int


class Misses(NamedTuple):
    """Lines that a call waited for: in all, those of the ``steady`` second cache, and ``dependent`` reads."""

    all: int
    steady: int
    dependent: int


_ROW: Final = np.dtype([("history", "<u8"), ("count", "<u4"), ("depends", "<u4")])  # reader of flash_hook.c


class _State(ctypes.Structure):
    """``flash_state`` of flash_hook.c."""

    _fields_ = [
        *((name, ctypes.c_uint64) for name in ("misses", "steady_misses", "dependent")),
        *(
            (name, ctypes.c_uint32)
            for name in (
                *("line_bits", "lines", "flash_origin", "flash_bytes", "ram_origin", "ram_bytes"),
                *("place", "next", "fetched"),
            )
        ),
        ("held", ctypes.c_uint32 * LINES_MAX),
        ("steady", ctypes.c_uint32 * LINES_MAX),
        ("readers", ctypes.c_void_p),
    ]


class CFlashHook:
    """Counting in C: flash_hook.c."""

    def __init__(self, core: Any, board: Board) -> None:  # noqa: ANN401
        """Hook into ``core``, a Unicorn engine. Raises HookError where the hooks cannot be had."""
        import unicorn

        cache = board.flash_cache
        self._board = board
        self._readers = np.zeros((board.flash_bytes + board.ram_bytes) // 2, _ROW)
        self._state = _State(
            line_bits=cache.line_bytes.bit_length() - 1,
            lines=cache.lines,
            flash_origin=board.flash_origin,
            flash_bytes=board.flash_bytes,
            ram_origin=board.ram_origin,
            ram_bytes=board.ram_bytes,
            readers=self._readers.ctypes.data,
        )
        library, last = _library(), board.flash_origin + board.flash_bytes - 1
        add_hook(core, unicorn.UC_HOOK_CODE, library.zerotap_code_hook, self._state)
        reads = (library.zerotap_read_hook, self._state, board.flash_origin, last)
        add_hook(core, unicorn.UC_HOOK_MEM_READ, *reads)

    def start(self) -> None:
        """Count from nothing, with an empty cache: no other makes a call wait longer."""
        state = self._state
        state.misses = state.steady_misses = state.dependent = 0
        state.next = state.fetched = _NOTHING
        state.held[:] = state.steady[:] = [_NOTHING] * LINES_MAX

    @property
    def misses(self) -> Misses:
        """Since start()."""
        return Misses(self._state.misses, self._state.steady_misses, self._state.dependent)

    def take_reads(self) -> dict[int, Reads]:
        """Instructions that read flash since this was last asked, by address."""
        table, board = self._readers, self._board
        rows = np.flatnonzero(table["count"])
        inside = rows * 2 < board.flash_bytes
        places = np.where(inside, board.flash_origin, board.ram_origin - board.flash_bytes) + rows * 2
        found = table[rows]
        table["history"] = table["count"] = 0
        figures = zip(places.tolist(), found["count"].tolist(), found["history"].tolist(), strict=True)
        return {place: Reads(count, history) for place, count, history in figures}

    def depend(self, places: Iterable[int]) -> None:
        """From now on, take the reads of the instructions at ``places`` for dependent ones."""
        for place in places:
            self._readers["depends"][self._board.code_offset(place) // 2] = 1


@dataclass
class _Cache:
    """A direct-mapped cache, empty at first."""

    lines: int
    line_bytes: int
    misses: int = 0
    _held: dict[int, int] = field(default_factory=dict)

    def ask(self, address: int) -> None:
        """Read at an address: a miss, where its line is not held."""
        line = address // self.line_bytes
        self.misses += self._held.get(line % self.lines) != line
        self._held[line % self.lines] = line


class PythonFlashHook:
    """The reference, and the fallback."""

    def __init__(self, core: Any, board: Board) -> None:  # noqa: ANN401
        """Hook into ``core``, a Unicorn engine."""
        import unicorn

        self._board, self._dependent = board, frozenset[int]()
        self._last = board.flash_origin + board.flash_bytes - 1
        self._reads: dict[int, Reads] = {}
        self.start()
        core.hook_add(unicorn.UC_HOOK_CODE, self._on_code)
        core.hook_add(unicorn.UC_HOOK_MEM_READ, self._on_read, begin=board.flash_origin, end=self._last)

    def start(self) -> None:
        """Count from nothing, with an empty cache: no other makes a call wait longer."""
        shape = (self._board.flash_cache.lines, self._board.flash_cache.line_bytes)
        self._held, self._steady, self._dependents = _Cache(*shape), _Cache(*shape), 0
        self._place, self._next, self._fetched = 0, -1, -1

    @property
    def misses(self) -> Misses:
        """Since start()."""
        return Misses(self._held.misses, self._steady.misses, self._dependents)

    def take_reads(self) -> dict[int, Reads]:
        """Instructions that read flash since this was last asked, by address."""
        taken, self._reads = self._reads, {}
        return taken

    def depend(self, places: Iterable[int]) -> None:
        """From now on, take the reads of the instructions at ``places`` for dependent ones."""
        self._dependent = self._dependent.union(places)

    def _on_code(self, _: Any, place: int, size: int, __: object) -> None:  # noqa: ANN401
        if place != self._next:
            self._fetched = -1
        for word in range(place & ~3, place + size, 4):
            if word != self._fetched:
                self._fetch(word)
        self._place, self._next = place, place + size

    def _fetch(self, word: int) -> None:
        self._fetched = word
        if self._board.flash_origin <= word <= self._last:
            self._held.ask(word)
            self._steady.ask(word)

    def _on_read(self, _: Any, __: int, address: int, *___: object) -> None:  # noqa: ANN401
        number, history = self._reads.get(self._place, Reads(0, 0))
        self._reads[self._place] = Reads(number + 1, (history ^ address) * _PRIME & (1 << 64) - 1)
        self._held.ask(address)
        if self._place in self._dependent:
            self._dependents += 1
        else:
            self._steady.ask(address)


FLASH_HOOKS: Final[dict[str, type[PythonFlashHook] | type[CFlashHook]]] = {
    "c": CFlashHook,
    "python": PythonFlashHook,
}


@cache
def _library() -> ctypes.CDLL:
    return hook_library("flash_hook")

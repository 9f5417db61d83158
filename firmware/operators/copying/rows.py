"""Moves of whole rows of bytes: by words where both ends are aligned, and what is filled around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.c_code import c_source

from .moves import Move

ROWS_BYTES: Final = 4 * 4
"""Of the constants of a call."""
# As counted in runtime/zerotap_copy_rows.S and zerotap_fill.S; their calls as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 8
_ONCE_CYCLES: Final = 16
_BYTE_CYCLES: Final = 7
_FILL_CYCLES: Final = 16
_FILL_BYTE_CYCLES: Final = 5
_SKIPPED_CYCLES: Final = 2
_FOUR: Final = 4
_SIXTEEN: Final = 16


@dataclass(frozen=True, slots=True)
class Rows:
    """``count`` rows of so many ``bytes``, whose beginnings are steps apart, from both first bytes on."""

    count: int
    bytes: int
    source_step: int
    target_step: int
    source_start: int
    target_start: int

    @classmethod
    def of(cls, move: Move) -> Rows | None:
        """The rows that a move copies; None where it has other loops, or bytes that are not neighbours."""
        if (move.source_steps[-1], move.target_steps[-1]) != (1, 1) or len(move.extents) > 2:
            return None
        count, bytes_ = move.extents if len(move.extents) == 2 else (1, *move.extents)
        steps = (move.source_steps[0], move.target_steps[0]) if count > 1 else (bytes_, bytes_)
        return cls(count, bytes_, *steps, move.source_start, move.target_start)

    @property
    def cycles(self) -> int:
        """Of a call, for tensors that are aligned to 4 bytes."""
        starts = [
            (self.source_start + self.source_step * row, self.target_start + self.target_step * row)
            for row in range(self.count)
        ]
        even = sum(source % _FOUR == target % _FOUR == 0 for source, target in starts)
        return _CALL_CYCLES + rows_cycles(self.bytes, even, self.count - even)

    def definition(self, name: str) -> str:
        """The C constant ``name``."""
        fields: dict[str, int | str] = {"count": self.count, "bytes": self.bytes}
        fields |= {"source_gap": self.source_step - self.bytes, "target_gap": self.target_step - self.bytes}
        return c_source.struct("zerotap_rows_t", name, fields)

    def call(self, source: str, name: str) -> str:
        """C that copies them from ``source`` to the output."""
        ends = offset(source, self.source_start), offset("output", self.target_start)
        return f"zerotap_copy_rows({ends[0]}, &{name}, {ends[1]});"


@dataclass(frozen=True, slots=True)
class Filled:
    """``bytes`` of the output from ``start`` on that all become ``value``."""

    start: int
    bytes: int
    value: int

    @property
    def cycles(self) -> int:
        """Of a call, for an output that is aligned to 4 bytes."""
        return _CALL_CYCLES + fill_cycles(self.bytes, is_aligned=self.start % _FOUR == 0)

    def call(self) -> str:
        """C that fills them."""
        return f"zerotap_fill({offset('output', self.start)}, {self.value}, {self.bytes});"


def offset(expression: str, start: int) -> str:
    """A C pointer, so far on."""
    return f"{expression} + {start}" if start else expression


def rows_cycles(count: int, aligned: int, unaligned: int) -> int:
    """Cycles of zerotap_copy_rows for so many rows of ``count`` bytes each."""
    by_words = 3 + _by_words(count, 13, 7, (3, _BYTE_CYCLES))
    return _ONCE_CYCLES + aligned * (17 + by_words) + unaligned * (20 + _BYTE_CYCLES * count)


def fill_cycles(count: int, *, is_aligned: bool = True) -> int:
    """Cycles of zerotap_fill for ``count`` bytes."""
    if not is_aligned:
        return _FILL_CYCLES + 3 + _FILL_BYTE_CYCLES * count
    return _FILL_CYCLES + 7 + _by_words(count, 8, 5, (2, _FILL_BYTE_CYCLES))


def _by_words(count: int, sixteen: int, four: int, rest: tuple[int, int]) -> int:
    """Cycles of the loops over 16 bytes, 4 and 1; ``rest``: what the last one takes once, and for each."""
    fours, ones = count % _SIXTEEN // _FOUR, count % _FOUR
    last = rest[0] + rest[1] * ones if ones else _SKIPPED_CYCLES
    return (sixteen * (count // _SIXTEEN) or _SKIPPED_CYCLES) + (four * fours or _SKIPPED_CYCLES) + last

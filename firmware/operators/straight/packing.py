"""Two positions of a convolution in one word for each input: which they are, and how words are made."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerotap.firmware.c_code import c_source
from zerotap.firmware.operators.parts.window_positions import Line

from .sums import WORD_BYTES

PACK: Final = "zerotap_pack_pairs"
PACK_BLOCKS: Final = "zerotap_pack_blocks"
# A call of either, with what gcc 12 -O2 needs around it.
CALL_CYCLES: Final = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """``count`` words: the byte of the input that the first holds of each position, None outside of it."""

    first: int | None
    second: int | None
    count: int

    @property
    def is_aligned(self) -> bool:
        """Whether both are aligned to 4 bytes, if the input is."""
        return (self.first or 0) % 4 == 0 and (self.second or 0) % 4 == 0


@dataclass(frozen=True, slots=True)
class Pairing:
    """Positions t and t + ``apart`` of a line share words, in turns whose first ones are ``every`` apart.

    The first turn begins at position ``start``; ``more`` words lie behind the last one's.
    """

    line: Line
    apart: int
    every: int
    count: int
    start: int = 0
    more: int = 0

    @property
    def step(self) -> int:
        """Words from a turn to the next one."""
        return self._window if self.is_in_blocks else self.every * self._stride

    @property
    def is_in_blocks(self) -> bool:
        """Whether inputs that no turn needs lie between those of two turns, and all begin at whole words."""
        places = (self._window, self.every * self._stride, self.apart * self._stride)
        is_aligned = all(each % 4 == 0 for each in places) and (self.start, self.line.padding) == (0, 0)
        fits = self._window // 4 <= 255 and self.count < 1 << 12 and 0 < self._gap < 1 << 12
        return is_aligned and fits and self.more == 0

    @property
    def function(self) -> str:
        """What makes the words."""
        return PACK_BLOCKS if self.is_in_blocks else PACK

    @property
    def _window(self) -> int:
        return self.line.reach * self.line.channels

    @property
    def _gap(self) -> int:
        """Inputs from the end of a turn's to the next one's."""
        return self.every * self._stride - self._window

    @property
    def _stride(self) -> int:
        return self.line.stride * self.line.channels

    @property
    def words(self) -> int:
        """How many there are."""
        return (self.count - 1) * self.step + self._window + self.more

    def pieces(self) -> list[Piece]:
        """The words in stretches that lie inside of the input, or outside of it, at either position."""
        if self.is_in_blocks:
            apart, step = self.apart * self._stride, self.every * self._stride
            return [Piece(step * turn, step * turn + apart, self._window) for turn in range(self.count)]
        begin = self.start * self._stride - self.line.padding * self.line.channels
        first = begin + np.arange(self.words)
        both = np.stack([first, first + self.apart * self._stride])
        inside = (both >= 0) & (both < self.line.length * self.line.channels)
        starts = np.flatnonzero(np.any(inside[:, 1:] != inside[:, :-1], axis=0)) + 1
        bounds = [0, *starts.tolist(), self.words]
        places = [
            [at if within else None for at, within in zip(*row, strict=True)]
            for row in zip(both.tolist(), inside.tolist(), strict=True)
        ]
        return [
            Piece(places[0][start], places[1][start], end - start)
            for start, end in itertools.pairwise(bounds)
        ]

    @property
    def scratch_bytes(self) -> int:
        """RAM of the words."""
        return WORD_BYTES * self.words

    @property
    def fill_bytes(self) -> int:
        """Flash of what stands for the input outside of it."""
        outside = (each.count for each in self.pieces() if None in (each.first, each.second))
        return -(-max(outside, default=0) // 4) * 4

    def constants(self, label: str, fill: int) -> str:
        """LABEL_fill, if any position reaches beyond the input."""
        size = self.fill_bytes
        return c_source.array("int8_t", f"{label}_fill", [fill] * size) if size else ""

    def calls(self, label: str, at: int = 0) -> list[str]:
        """C that makes the words in ``packed``, from so many on."""
        lines: list[str] = []
        if self.is_in_blocks:
            second, shape = self.apart * self._stride, f"{self.count << 8 | self._window // 4}"
            target = f"packed{f' + {at}' if at else ''}"
            return [f"{PACK_BLOCKS}(input, input + {second}, {target}, {self._gap}u << 20 | {shape});"]
        for piece in self.pieces():
            sources = ", ".join(_source(label, each) for each in (piece.first, piece.second))
            lines.append(f"{PACK}({sources}, packed{f' + {at}' if at else ''}, {piece.count});")
            at += piece.count
        return lines

    @property
    def cycles(self) -> int:
        """Of those calls, for an input that is aligned to 4 bytes."""
        if self.is_in_blocks:
            return CALL_CYCLES + block_cycles(self._window // 4, self.count)
        return sum(CALL_CYCLES + pack_cycles(each.is_aligned, each.count) for each in self.pieces())


def _source(label: str, place: int | None) -> str:
    if place is None:
        return f"{label}_fill"
    return f"input + {place}" if place else "input"


def pack_cycles(is_aligned: bool, count: int) -> int:
    """Cycles of zerotap_pack_pairs for ``count`` words, of inputs that are both aligned to 4 bytes or not."""
    eights = count // 8 if is_aligned else 0
    ones = count - 8 * eights
    around = 29 if eights else 26 if is_aligned else 24
    return around + 63 * eights + (12 * ones or 2)


def block_cycles(fours: int, blocks: int) -> int:
    """Cycles of zerotap_pack_blocks."""
    return 33 + blocks * (6 + 33 * fours)

"""The words of a whole line of inputs: which are made, and where a position's are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.operators.parts.window_positions import Line

from .rows import words

WORD_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Copies:
    """Words made once, or twice where positions begin at even inputs and at odd ones.

    The line has no padding. A word begins at an even input, or in the other copy at an odd one, the first of
    which is input -1: of a row with an odd number of inputs the first is alone. With ``fours`` a position
    begins at a multiple of four, and has as many inputs.
    """

    line: Line
    fours: bool = False

    @property
    def inputs(self) -> int:
        """Of a row."""
        return self.line.kernel * self.line.channels

    @property
    def stride(self) -> int:
        """Inputs from a position to the next one."""
        return self.line.stride * self.line.channels

    @property
    def made(self) -> list[tuple[int, int]]:
        """(where it begins, in words; inputs) of each copy."""
        counts = [self._count(parity) for parity in self._parities]
        return [(sum(map(words, counts[:copy])), count) for copy, count in enumerate(counts)]

    @property
    def words(self) -> int:
        """How many there are."""
        return sum(words(self._count(parity)) for parity in self._parities)

    @property
    def size_bytes(self) -> int:
        """RAM of them."""
        return WORD_BYTES * self.words

    def place(self, position: int) -> int:
        """Where a position's words begin, in words."""
        begin = self._begin(position)
        copy = self._parities.index(begin % 2)
        return self.made[copy][0] + (begin + begin % 2) // 2

    @property
    def _parities(self) -> list[int]:
        return sorted({self._begin(position) % 2 for position in range(min(2, self.line.positions))})

    def _begin(self, position: int) -> int:
        return position * self.stride - self.inputs % 2

    @property
    def is_possible(self) -> bool:
        """Whether positions can have these words."""
        return not self.fours or self.stride % 4 == self.inputs % 4 == 0

    def _count(self, parity: int) -> int:
        every = self.line.length * self.line.channels
        if self.fours:
            return every // 4 * 4
        return every - (every + parity) % 2

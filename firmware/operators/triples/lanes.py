"""Which three positions are computed together, and the words of their inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.operators.parts.window_positions import Line

LANES: Final = 3
WORD_BYTES: Final = 4
RECORD_BYTES: Final = LANES * WORD_BYTES
_WORDS_MOST: Final = 240
"""Of a position: so many are within reach of SP, with what a call keeps behind them."""


@dataclass(frozen=True, slots=True)
class Lanes:
    """``positions`` of a line without padding: turn t computes those at t, t + apart and t + 2 * apart.

    A record has a word of each lane: inputs 0 and 2, then 1 and 3, of every four, as dot pairs have them.
    Records of neighbouring turns overlap as their windows do. Where the positions are no multiple of three
    some are computed twice, alike.
    """

    line: Line
    positions: int

    @property
    def is_possible(self) -> bool:
        """Whether all windows begin and end at whole words, and are short enough."""
        is_whole = self._stride % 4 == 0 and self._inputs % 4 == 0
        return is_whole and self.positions >= LANES and self.words <= _WORDS_MOST

    @property
    def words(self) -> int:
        """Of a position."""
        return self._inputs // 2

    @property
    def step(self) -> int:
        """Words from a position to the next one."""
        return self._stride // 2

    @property
    def turns(self) -> int:
        """How many there are: so that the lanes lie evenly."""
        least = -(-self.positions // LANES)
        return least + (self.positions - least) % 2

    @property
    def apart(self) -> int:
        """Positions between two lanes."""
        return (self.positions - self.turns) // 2

    @property
    def records(self) -> int:
        """Of all turns."""
        return (self.turns - 1) * self.step + self.words

    @property
    def lane_bytes(self) -> int:
        """Inputs from a lane's first to the next lane's."""
        return self.apart * self._stride

    @property
    def scratch_bytes(self) -> int:
        """RAM of the records."""
        return RECORD_BYTES * self.records

    @property
    def _stride(self) -> int:
        return self.line.stride * self.line.channels

    @property
    def _inputs(self) -> int:
        return self.line.kernel * self.line.channels

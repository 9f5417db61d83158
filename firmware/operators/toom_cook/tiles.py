"""Which positions are computed together, and where the words of their inputs lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.operators.parts.window_positions import Line

from .transforms import Transform

WORD_BYTES: Final = 4
_TOGETHER: Final = 5
"""Tiles that a word of weights is loaded for: a register each, beside the word and two pointers."""
_OUTPUTS_MOST: Final = 8
_CHANNELS_MOST: Final = 48


@dataclass(frozen=True, slots=True)
class Tiles:
    """``positions`` of a line without padding in tiles of ``outputs``, the last of which overlap.

    Words lie [group of tiles][point][channel][tile], those of a batch of at most ``most`` groups at once.
    """

    line: Line
    positions: int
    outputs: int
    most: int

    @property
    def is_possible(self) -> bool:
        """Whether it has a transform, and registers and branches reach all."""
        line = self.line
        is_small = self.outputs <= min(_OUTPUTS_MOST, self.positions) and line.channels <= _CHANNELS_MOST
        return line.stride == 1 and is_small and self.transform.is_possible

    @property
    def transform(self) -> Transform:
        """Of a tile."""
        return Transform(self.outputs, self.line.kernel)

    @property
    def groups(self) -> int:
        """Of tiles that are computed together, in a batch."""
        return min(self.most, -(-self._least // _TOGETHER))

    @property
    def batches(self) -> int:
        """So many times words are made."""
        return -(-self._least // (_TOGETHER * self.groups))

    @property
    def together(self) -> int:
        """Tiles of a group; some at the end may be the last one again."""
        return -(-self._least // (self.groups * self.batches))

    @property
    def last(self) -> int:
        """Where the last tile begins."""
        return self.positions - self.outputs

    @property
    def point_bytes(self) -> int:
        """From a point's words to the next one's."""
        return WORD_BYTES * self.together * self.line.channels

    @property
    def scratch_bytes(self) -> int:
        """RAM of a batch's words."""
        return self.groups * self.transform.inputs * self.point_bytes

    @property
    def _least(self) -> int:
        return -(-self.positions // self.outputs)

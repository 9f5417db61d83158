"""Rows by words of two inputs, which are made once for all positions: zerotap_scale_words_2 and its forms.

The least code of all that sums by dot pairs: a few words a turn; sums and results of four outputs in a call.
Neighbours share a word, so that positions an even number of inputs apart have the same words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MIN
from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code import c_source

BLOCK: Final = 4
# What is in the shape of a call for one of several positions.
NOT_LAST: Final = 1
NOT_FIRST: Final = 2
READY: Final = NOT_FIRST
"""In that of a single position whose words are made."""
# As counted in runtime/zerotap_scale_words_run.h, without pools and with: a call, and four outputs beside
# their products; what making words takes beside the words; and four outputs of one of several positions.
_ONCE_CYCLES: Final = (69, 77)
_EACH_CYCLES: Final = (95, 100)
_MAKING_CYCLES: Final = (5, 6)
_FOURS_CYCLES: Final = 10
_MODE_CYCLES: Final = {NOT_LAST: 42, NOT_LAST | NOT_FIRST: 59, NOT_FIRST: 131}
_REST_CYCLES: Final = 5
_LANE_CYCLES: Final = 19
_TURN_CYCLES: Final = {2: 5, 4: 5, 8: 6}
_NEAR: Final = (2,)
"""Turns whose beginning is so near the jump that one subtraction is enough."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One of the functions, with so many words a ``turn``; one that ``pools`` compares positions."""

    turn: int
    pools: bool = False
    fours: bool = False

    @property
    def function(self) -> str:
        """Its name."""
        kind = "fours" if self.fours else "words"
        return f"zerotap_scale_{kind}_{self.turn}" + ("_pool" if self.pools else "")

    def making_cycles(self, inputs: int) -> int:
        """What making the words of so many inputs adds to a call; fours are of aligned ones."""
        if self.fours:
            return _FOURS_CYCLES + 7 * words(inputs)
        return _MAKING_CYCLES[self.pools] + 11 * words(inputs) - inputs % 2

    def cycles(self, inputs: int, outputs: int, mode: int = 0) -> int:
        """A call that has its words, for a single position or for one of several."""
        each = _MODE_CYCLES[mode] if mode else _EACH_CYCLES[self.pools]
        left_out = -outputs % BLOCK
        rest = _REST_CYCLES - (0 if mode & NOT_LAST else _LANE_CYCLES * left_out) if left_out else 0
        summed = 21 * words(inputs) + _TURN_CYCLES[self.turn] * -(-words(inputs) // self.turn)
        once = _ONCE_CYCLES[self.pools] - (self.turn in _NEAR)
        return once + rest + (each + summed) * blocks(outputs)


KERNELS: Final = tuple(
    kernel
    for turn in (2, 4, 8)
    for kernel in (Kernel(turn), Kernel(turn, pools=True), Kernel(turn, fours=True))
)


@dataclass(frozen=True, slots=True, eq=False)
class WordRows:
    """A matrix (outputs, inputs) with its scales for one of the functions."""

    weights: NDArray[np.int8]
    scales: Sequence[Scale]
    fours: bool

    @property
    def inputs(self) -> int:
        """Of a row."""
        inputs: int = self.weights.shape[1]
        return inputs

    @property
    def count(self) -> int:
        """Outputs of a row."""
        return len(self.weights)

    @property
    def is_exact(self) -> bool:
        """Whether there are such words, and no product's upper half can leave int16.

        Only -128 * -128 + -128 * -128 would.
        """
        if self.fours and self.inputs % 4:
            return False
        both = self._pairs()
        return not np.any((both[..., 0] == INT8_MIN) & (both[..., 1] == INT8_MIN))

    @property
    def table_bytes(self) -> int:
        """Bytes of LABEL_table."""
        return 4 * (BLOCK * blocks(self.count) * (1 + words(self.inputs)) + 4 * self.count)

    def definition(self, label: str) -> str:
        """LABEL_table."""
        comment = (
            "/* For four outputs, the last ones in the last lanes: where sums begin; weights, two inputs a\n"
            " * word, the later one's below; then {span, fraction, factor, offset} of each output, equal to\n"
            " * TFLite's rounding for every sum. */\n"
        )
        return comment + c_source.array("int32_t", f"{label}_table", self.table())

    def table(self) -> NDArray[np.int64]:
        """Its content, as int32."""
        parts = [self._block(first) for first in range(0, self.count, BLOCK)]
        return (np.concatenate(parts) + (1 << 31)) % (1 << 32) - (1 << 31)

    def _block(self, first: int) -> NDArray[np.int64]:
        scales, both = self.scales[first : first + BLOCK], self._pairs()[first : first + BLOCK]
        unused = BLOCK - len(scales)
        lows = np.pad([-each.low for each in scales], (unused, 0))
        content = np.pad(both[..., 1] + (both[..., 0] << 16), ((unused, 0), (0, 0)))
        rest = [(each.span, each.fraction, each.factor, each.offset) for each in scales]
        return np.concatenate([lows, content.T.ravel(), np.ravel(rest)])

    def _pairs(self) -> NDArray[np.int64]:
        """(outputs, words, 2): of an odd number of inputs the first is alone."""
        if self.fours:
            fours = self.weights.astype(np.int64).reshape(self.count, -1, 2, 2)
            return fours.transpose(0, 1, 3, 2).reshape(self.count, -1, 2)
        wide = np.pad(self.weights.astype(np.int64), ((0, 0), (self.inputs % 2, 0)))
        return wide.reshape(self.count, -1, 2)


def words(inputs: int) -> int:
    """How many words so many inputs have."""
    return (inputs + 1) // 2


def blocks(outputs: int) -> int:
    """How many blocks so many outputs fill."""
    return -(-outputs // BLOCK)

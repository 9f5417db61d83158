"""Rows by dot pairs whose sums are scaled in the same function: zerotap_scale_dot_16, _64 and _128.

They know the scales without signs, of sums within 2**18 alone; for all others sums are stored and scaled by a
second call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code import c_source

from . import dot_kernels
from .dot_kernels import BLOCK, Pieces

_SCALE_WORDS: Final = 5
# What is in the shape of a call for one of several positions.
NOT_LAST: Final = 1
NOT_FIRST: Final = 2
# As counted in runtime/zerotap_scale_dot_run.inc, without pools and with: a call, and four outputs beside
# their products; what is left of four outputs, and each of it.
_CALL_CYCLES: Final = ((75, 88), (82, 91))
_REST_CYCLES: Final = (18, 25)
_REST_COPY_CYCLES: Final = 7
# What four outputs take more than those of a single position.
_MODE_CYCLES: Final = {0: 0, NOT_LAST: -59, NOT_LAST | NOT_FIRST: -40, NOT_FIRST: 32}


@dataclass(frozen=True, slots=True)
class ScaledRun:
    """One of the functions, for LEAST to ``inputs`` inputs; one that ``pools`` compares positions."""

    function: str
    inputs: int
    pools: bool = True

    def cycles(self, inputs: int, outputs: int, aligned: bool) -> int:
        """Of a call for a single position."""
        once, each = _CALL_CYCLES[self.pools]
        words, rest = (inputs + 1) // 2, outputs % BLOCK
        left = _REST_CYCLES[self.pools] + _REST_COPY_CYCLES * rest if rest else 0
        unpacking = dot_kernels.unpacking_cycles(inputs, aligned)
        return once + unpacking + left + (each + 20 * words) * dot_kernels.blocks(outputs)

    def mode_cycles(self, outputs: int, mode: int) -> int:
        """What a call for one of several positions takes more than one for a single position, or less."""
        each, rest = _MODE_CYCLES[mode] * dot_kernels.blocks(outputs), outputs % BLOCK
        return each + (-_REST_COPY_CYCLES * rest if mode & NOT_LAST else 0)

    def mode(self, step: int, size: int) -> int:
        """What a call's shape says for one of ``size`` positions."""
        return (NOT_LAST if step < size - 1 else 0) | (NOT_FIRST if step else 0)

    def call(
        self, table: str, row: str, output: str, shape: tuple[int, int], sums: str = "0", mode: int = 0
    ) -> str:
        """The C statement for a row of shape = (outputs, inputs)."""
        high = f"{shape[0]}u << 18" + (f" | {mode}u << 16" if mode else "")
        last = f", {sums}" if self.pools else ""
        return f"{self.function}({row}, {table}, {output}, {high} | {shape[1]}{last});"


LEAST: Final = 4
RUNS: Final = (
    ScaledRun("zerotap_scale_dot_16", 16, pools=False),
    ScaledRun("zerotap_scale_dot_64", 64),
    ScaledRun("zerotap_scale_dot_128", 128),
)


@dataclass(frozen=True, slots=True, eq=False)
class ScaledRows:
    """A matrix (outputs, inputs) with its scales for one of the functions, called for each of the pieces."""

    run: ScaledRun
    weights: NDArray[np.int8]
    scales: list[Scale]
    pieces: Pieces

    @property
    def table_bytes(self) -> int:
        """Bytes of LABEL_table."""
        return 4 * self.step * BLOCK * sum(dot_kernels.blocks(count) for _, count in self.pieces)

    @property
    def step(self) -> int:
        """Words of an output."""
        inputs: int = self.weights.shape[1]
        return -(-inputs // 2) + _SCALE_WORDS

    def definition(self, label: str) -> str:
        """LABEL_table."""
        comment = (
            "/* For four outputs: where sums begin; weights, two inputs a word, the later one's below; then\n"
            " * {span, fraction, factor, offset} of each, equal to TFLite's rounding for every sum. */\n"
        )
        return comment + c_source.array("int32_t", f"{label}_table", self.words())

    def words(self) -> NDArray[np.int64]:
        """The table's content, as int32."""
        blocks = [
            self._block(first, min(first + BLOCK, begin + count))
            for begin, count in self.pieces
            for first in range(begin, begin + count, BLOCK)
        ]
        return (np.concatenate(blocks) + (1 << 31)) % (1 << 32) - (1 << 31)

    def _block(self, first: int, last: int) -> NDArray[np.int64]:
        scales = self.scales[first:last]
        rows = [[-each.low, each.span, each.fraction, each.factor, each.offset] for each in scales]
        padded = np.zeros((BLOCK, _SCALE_WORDS), np.int64)
        padded[: len(rows)] = rows
        return np.concatenate(
            [padded[:, 0], dot_kernels.call_words(self.weights[first:last]), padded[:, 1:].ravel()]
        )

"""Rows by dot pairs: zerotap_sums_dot, zerotap_scale_dot and their forms by the length of their runs.

A word of weights belongs to two inputs of one output, and one multiplication makes the sum of both products
(runtime/zerotap_sums_dot_run.h). That is exact for all weights but two of -128 in one word.
The functions that scale know the scales without signs, of sums within 2**18, alone; for all others sums are
stored and scaled by a second call.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MIN
from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code import c_source

BLOCK: Final = 4
Pieces = Sequence[tuple[int, int]]
"""(first, count) of the outputs that a call is made for."""
# Further calls of a long row, their loop included: fitted to arm-none-eabi-gcc 12 -O2.
_MORE_CYCLES: Final = 14


@dataclass(frozen=True, slots=True)
class Run:
    """One of the functions, for at most ``inputs`` a call; a ``rolled`` one has turns of four words."""

    function: str
    inputs: int
    rolled: bool = False

    def cycles(self, inputs: int, outputs: int, aligned: bool) -> int:
        """Of all calls for a row, as counted in runtime/zerotap_sums_dot_run.h."""
        counts = self.calls(inputs)
        calls = sum(self._call_cycles(count, outputs, aligned) for count in counts)
        added = (len(counts) - 1) * (_ADD_CYCLES + _ADD_BLOCK_CYCLES * blocks(outputs) + _MORE_CYCLES)
        return calls + added

    def calls(self, inputs: int) -> list[int]:
        """How many inputs each call for a row takes."""
        return [min(self.inputs, inputs - first) for first in range(0, inputs, self.inputs)]

    def _call_cycles(self, inputs: int, outputs: int, aligned: bool) -> int:
        words, unpacking = (inputs + 1) // 2, unpacking_cycles(inputs, aligned)
        if not self.rolled:
            return 69 + unpacking + (15 + 20 * words) * blocks(outputs)
        return 83 + unpacking + (15 + 21 * words + 5 * -(-words // 4)) * blocks(outputs)


# As counted in runtime/zerotap_sums_dot_run.h: what is left of four inputs, and adding to sums.
_TAIL_CYCLES: Final = (0, 14, 14, 18)
_ADD_CYCLES: Final = 7
_ADD_BLOCK_CYCLES: Final = 10

ROLLED: Final = Run("zerotap_sums_dot", 128, rolled=True)
STRAIGHT: Final = tuple(Run(f"zerotap_sums_dot_{inputs}", inputs) for inputs in (16, 64, 128))


def runs(weights: NDArray[np.int8]) -> list[Run]:
    """Those that pay for weights (outputs, inputs), the smallest of the fastest first; exact ones alone."""
    if not is_exact(weights):
        return []
    whole = [run for run in STRAIGHT if run.inputs >= weights.shape[1]]
    return [*(whole or STRAIGHT[-1:]), ROLLED]


def is_exact(weights: NDArray[np.int8]) -> bool:
    """Whether no product's upper half can leave int16: only -128 * -128 + -128 * -128 would.

    A row in several calls begins each with whole fours, so that the words are those of a single call.
    """
    first, second = _words(weights.astype(np.int64))
    return not np.any((first == INT8_MIN) & (second == INT8_MIN))


def words(weights: NDArray[np.int8], run: Run, pieces: Pieces) -> NDArray[np.int64]:
    """The words of weights (outputs, inputs) in the calls' order: [piece][call][block of 4][word][4]."""
    parts = [
        call_words(weights[first : first + count, begin : begin + run.inputs])
        for first, count in pieces
        for begin in range(0, weights.shape[1], run.inputs)
    ]
    return np.concatenate(parts)


def weight_bytes(shape: tuple[int, int]) -> int:
    """Bytes of all words for (outputs, inputs)."""
    return 4 * BLOCK * blocks(shape[0]) * -(-shape[1] // 2)


def definition(label: str, weights: NDArray[np.int8], run: Run, pieces: Pieces) -> str:
    """LABEL_weights."""
    comment = (
        "/* A word has the weights of two inputs, (first << 16) + second. Multiplied by these activations,\n"
        " * first + (second << 16), its upper half is the sum of both products. Four outputs, then the next\n"
        " * inputs. */\n"
    )
    return comment + c_source.array("int32_t", f"{label}_weights", words(weights, run, pieces))


def calls(run: Run, weights: str, row: str, sums: str, shape: tuple[int, int]) -> Iterator[str]:
    """The C statements for a row of shape = (outputs, inputs), outputs whole blocks; all but one call add."""
    outputs, inputs = shape
    step = outputs * run.inputs // 2
    whole, rest = divmod(inputs, run.inputs)
    yield f"{run.function}({row}, {weights}, {sums}, {outputs}u << 16 | {min(inputs, run.inputs)});"
    adding = f"{sums}, {outputs + 1}u << 16"
    if whole > 2:
        yield f"for (int32_t part = 1; part < {whole}; part++) {{"
        at = f"{row} + {run.inputs} * part, {weights} + {step} * part"
        yield f"    {run.function}({at}, {adding} | {run.inputs});"
        yield "}"
    first = 1 if whole <= 2 else whole
    for part in range(first, len(run.calls(inputs))):
        count = run.inputs if part < whole else rest
        at = f"{row} + {run.inputs * part}, {weights} + {step * part}"
        yield f"{run.function}({at}, {adding} | {count});"


def unpacking_cycles(inputs: int, aligned: bool) -> int:
    """Of the inputs' words, beside what takes as long for all."""
    fours, left = inputs // 4, _TAIL_CYCLES[inputs % 4]
    if not fours:
        return left - 6
    return left + (14 * fours if aligned else 20 * fours - 2)


def call_words(weights: NDArray[np.int8]) -> NDArray[np.int64]:
    """The words of one call: [block of 4][word][4]."""
    padded = np.zeros((blocks(len(weights)) * BLOCK, weights.shape[1]), np.int64)
    padded[: len(weights)] = weights
    first, second = _words(padded)
    content = (second + (first << 16)).reshape(-1, BLOCK, first.shape[1]).transpose(0, 2, 1)
    return content.ravel()


def _words(weights: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The weights of each word's two inputs, (outputs, words): 0 and 2, 1 and 3; of the rest neighbours."""
    outputs, inputs = weights.shape
    whole = inputs // 4 * 4
    fours = weights[:, :whole].reshape(outputs, -1, 2, 2)
    rest = np.pad(weights[:, whole:], ((0, 0), (0, inputs % 2))).reshape(outputs, -1, 2)
    first = np.concatenate([fours[:, :, 0].reshape(outputs, -1), rest[..., 0]], axis=1)
    second = np.concatenate([fours[:, :, 1].reshape(outputs, -1), rest[..., 1]], axis=1)
    return first, second


def blocks(outputs: int) -> int:
    """How many blocks so many outputs fill."""
    return -(-outputs // BLOCK)


_SCALE_WORDS: Final = 5
# What is in the shape of a call for one of several positions.
NOT_LAST: Final = 1
NOT_FIRST: Final = 2
# As counted in runtime/zerotap_scale_dot_run.h, without pools and with: a call, and four outputs beside
# their products; what is left of four outputs, and each of it. And how much less a call takes without rests.
_SCALED_CALL_CYCLES: Final = ((75, 88), (82, 91))
_WHOLE_CYCLES: Final = 13
_REST_CYCLES: Final = (18, 25)
_REST_COPY_CYCLES: Final = 7
# What four outputs take more than those of a single position.
_MODE_CYCLES: Final = {0: 0, NOT_LAST: -59, NOT_LAST | NOT_FIRST: -40, NOT_FIRST: 32}


@dataclass(frozen=True, slots=True)
class ScaledRun:
    """One of the functions, for LEAST to ``inputs`` inputs; one that ``pools`` compares positions.

    One without ``rests`` has whole fours of outputs alone.
    """

    function: str
    inputs: int
    pools: bool = True
    rests: bool = True

    def takes(self, inputs: int, outputs: int) -> bool:
        """Whether it can be called for so many."""
        return LEAST <= inputs <= self.inputs and (self.rests or outputs % BLOCK == 0)

    def cycles(self, inputs: int, outputs: int, aligned: bool) -> int:
        """Of a call for a single position."""
        once, each = _SCALED_CALL_CYCLES[self.pools]
        once -= 0 if self.rests else _WHOLE_CYCLES
        words, rest = (inputs + 1) // 2, outputs % BLOCK
        left = _REST_CYCLES[self.pools] + _REST_COPY_CYCLES * rest if rest else 0
        unpacking = unpacking_cycles(inputs, aligned)
        return once + unpacking + left + (each + 20 * words) * blocks(outputs)

    def mode_cycles(self, outputs: int, mode: int) -> int:
        """What a call for one of several positions takes more than one for a single position, or less."""
        each, rest = _MODE_CYCLES[mode] * blocks(outputs), outputs % BLOCK
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
SCALED_RUNS: Final = (
    ScaledRun("zerotap_scale_dot_16_whole", 16, pools=False, rests=False),
    ScaledRun("zerotap_scale_dot_16", 16, pools=False),
    ScaledRun("zerotap_scale_dot_64_whole", 64, pools=False, rests=False),
    ScaledRun("zerotap_scale_dot_64", 64),
    ScaledRun("zerotap_scale_dot_128_whole", 128, pools=False, rests=False),
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
        return 4 * self.step * BLOCK * sum(blocks(count) for _, count in self.pieces)

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
        return np.concatenate([padded[:, 0], call_words(self.weights[first:last]), padded[:, 1:].ravel()])

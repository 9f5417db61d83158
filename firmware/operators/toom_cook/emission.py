"""The C around both functions: called once, or for one batch of tiles after the other."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.operators.board_code.text import Text
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission
from zerotap.firmware.operators.parts.outputs import Outputs, Requantiser
from zerotap.firmware.operators.parts.requantisation import chunks

from . import portable
from .program import Layer
from .tiles import Tiles

# The layer's own function and both calls in it, as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 24
# The same around batches, of a batch, of an output whose largest sum begins, and of a call behind all.
_BATCHES_CYCLES: Final = 18
_BATCH_CYCLES: Final = 25
_BEGIN_CYCLES: Final = 4
_SCALE_CALL_CYCLES: Final = 10


@dataclass(frozen=True, slots=True)
class Whole:
    """A layer with the texts of both functions, its taps (outputs, taps, channels) and outputs.

    ``way``: how largest sums that are kept become int8.
    """

    layer: Layer
    texts: tuple[Text, Text]
    taps: NDArray[np.int8]
    outputs: Outputs
    way: Requantiser

    @property
    def runtime(self) -> tuple[str, ...]:
        """Functions that it calls."""
        return (self.way.function,) if self.layer.is_kept else ("zerotap_scaled_byte",)

    @property
    def scale_bytes(self) -> int:
        """Flash of all scales."""
        form = self.layer.form
        return self.way.constant_bytes if self.layer.is_kept else form.size_bytes * self.layer.outputs

    @property
    def cycles(self) -> int:
        """Of an inference."""
        each, batches = sum(text.cycles for text in self.texts), self.layer.tiles.batches
        if not self.layer.is_kept:
            return each + _CALL_CYCLES
        scaled = sum(self.way.cycles(count) + _SCALE_CALL_CYCLES for _, count in self._chunks)
        around = _BATCHES_CYCLES + _BEGIN_CYCLES * self.layer.outputs
        return batches * (each + _BATCH_CYCLES) + around + scaled

    @property
    def _chunks(self) -> list[tuple[int, int]]:
        return chunks(self.layer.outputs)

    def emission(self, label: str) -> Emission:
        """The C of it."""
        constants = weighted.range_comment(self.outputs) + _constants(self.layer, self.taps, label)
        scales = self.way.constants(label) if self.layer.is_kept else self.layer.form.table(label)
        lines = self._in_batches(label) if self.layer.is_kept else self._at_once(label)
        words, sums = self.texts
        functions = _words(self.layer, words, label), _sums(self.layer, sums, self.outputs, label)
        return Emission(constants + scales, weighted.body(lines), assembly=functions)

    def _at_once(self, label: str) -> list[str]:
        call = f"{label}_toom_cook(scratch_words, {label}_weights, output, {label}_scales);"
        return [_WORDS, f"{label}_words(input, scratch_words, input + {self._last});", call]

    @property
    def _last(self) -> int:
        return self.layer.tiles.last * self.layer.tiles.line.channels

    def _in_batches(self, label: str) -> list[str]:
        layer, tiles = self.layer, self.layer.tiles
        step = tiles.outputs * tiles.groups * tiles.together * tiles.line.channels
        # The least sum that 2^L times does not leave a word; -2^31 itself is no literal of C.
        least = f"-{(1 << 31 - tiles.transform.lost_bits) - 1} - 1"
        batch = [
            f"const int32_t begin = {step} * batch;",
            f"{label}_words(begin < {self._last} ? input + begin : last, scratch_words, last);",
            f"{label}_toom_cook(scratch_words, {label}_weights, scratch_sums);",
        ]
        return [
            _WORDS,
            f"int32_t *scratch_sums = (int32_t *)(void *)(scratch + {layer.sums_at});",
            f"const int8_t *last = input + {self._last};",
            *weighted.loop("i", 0, layer.outputs, [f"scratch_sums[i] = {least};"]),
            *weighted.loop("batch", 0, tiles.batches, batch),
            *(self._scaled(label, *chunk) for chunk in self._chunks),
        ]

    def _scaled(self, label: str, first: int, count: int) -> str:
        behind = f" + {first}" if first else ""
        return self.way.statement(label, f"scratch_sums{behind}", first, count, f"output{behind}")


_WORDS: Final = "uint32_t *scratch_words = (uint32_t *)(void *)scratch;"


def _constants(layer: Layer, taps: NDArray[np.int8], label: str) -> str:
    points = layer.tiles.transform.inputs
    if layer.made:
        words = f"Of {layer.ready} outputs {points} points, a word each of every channel; of the others\n *"
        begin = words if layer.ready else "Of each output"
        comment = f"/* {begin} channel after channel all taps, four a word, the first one lowest. */\n"
        ready, rest = taps[: layer.ready], taps[layer.ready :]
        content = np.concatenate([_packed(layer, ready).ravel(), _fours(rest)])
    else:
        comment = (
            f"/* Of each output, {points} points: of {layer.narrow} two channels a word, the first one\n"
            " * below, in whole words; of the others one channel a word. */\n"
        )
        content = _packed(layer, taps).ravel()
    return comment + c_source.array("uint32_t", f"{label}_weights", content)


def _fours(taps: NDArray[np.int8]) -> NDArray[np.int64]:
    """Taps [output][channel][tap], four a word in [0, 2^32)."""
    flat = taps.transpose(0, 2, 1).ravel().view(np.uint8)
    words: NDArray[np.uint32] = np.pad(flat, (0, -len(flat) % 4)).view("<u4")
    return words.astype(np.int64)


def _packed(layer: Layer, taps: NDArray[np.int8]) -> NDArray[np.int64]:
    """Words (outputs, words) in [0, 2^32)."""
    transform, count = layer.tiles.transform, layer.narrow
    values, factors = transform.values(taps), np.array(transform.factors(), np.uint64)[:, None]
    halves = np.pad(values[:, :count], ((0, 0), (0, 0), (0, values.shape[2] % 2))) & 0xFFFF
    pairs = halves[:, :, ::2] + (halves[:, :, 1::2] << 16)
    # What is beyond 64 bits of a product is no part of its word.
    factors = factors if layer.factored == count else np.ones_like(factors)
    words = values[:, count:].astype(np.uint64) * factors[count:] & np.uint64(0xFFFF_FFFF)
    rows = [each.reshape(len(taps), prod(each.shape[1:])) for each in (pairs, words.astype(np.int64))]
    return np.concatenate(rows, axis=1)


def _words(layer: Layer, text: Text, label: str) -> AssemblyFunction:
    tiles, name = layer.tiles, f"{label}_words"
    about = (
        f"Toom-Cook: {tiles.transform.inputs} inputs of a channel become as many words, those of "
        f"{tiles.outputs} positions, for {_counted(tiles)};\n"
        " * words lie [group][point][channel][tile] and wrap."
    )
    declaration = f"void {name}(const int8_t *input, uint32_t *words, const int8_t *last)"
    return AssemblyFunction(
        name, declaration, tuple(text.lines), portable.words(tiles, layer.factored), about
    )


def _sums(layer: Layer, text: Text, outputs: Outputs, label: str) -> AssemblyFunction:
    tiles, name = layer.tiles, f"{label}_toom_cook"
    low, high, lost = int(np.min(outputs.low)), int(np.max(outputs.high)), tiles.transform.lost_bits
    result = "so far" if layer.is_kept else "to int8"
    about = (
        f"Toom-Cook: output after output, {tiles.outputs} of {tiles.positions} positions of "
        f"{tiles.transform.inputs} products a channel, and the largest\n * sum of all {result}. Words wrap; "
        f"no sum can leave [{low}, {high}], and {lost} bits more fit a word.{_made(layer)}"
    )
    given = f"{'' if layer.made else 'const '}uint32_t *words, const uint32_t *weights"
    results = (
        "int32_t *largest_sums" if layer.is_kept else f"int8_t *output,\n    const {layer.form.kind} *scales"
    )
    declaration = f"void {name}({given}, {results})"
    return AssemblyFunction(name, declaration, tuple(text.lines), portable.sums(layer), about)


def _counted(tiles: Tiles) -> str:
    """The tiles of a call."""
    every = f"{tiles.groups * tiles.together} tiles" + (" a batch" if tiles.batches > 1 else "")
    return f"{every}, {tiles.together} a group"


def _made(layer: Layer) -> str:
    """Of which outputs weights are made, and where."""
    if not layer.made:
        return ""
    which = f"from output {layer.ready} on" if layer.ready else "of each output"
    return f"\n * Weights {which} are made of its taps first, behind words."

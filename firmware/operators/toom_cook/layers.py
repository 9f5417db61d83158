"""A convolution along a line with the largest of all its positions behind it, as implementations."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction, code_bytes, stack_bytes
from zerotap.firmware.operators.board_code.text import Text
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import found_scales
from zerotap.firmware.operators.parts.window_positions import Line

from . import portable
from .inputs import inputs_program
from .program import Layer, program
from .taps import MOST_TAPS
from .tiles import SCRATCH_MOST, WORD_BYTES, Tiles

# The layer's own function and both calls in it, as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 24
_TILES: Final = (8, 7, 6, 5, 4, 3, 2)
"""In this order: larger tiles have fewer products and less RAM, smaller ones less flash."""
_HALF_MOST: Final = 32_767
_LITERAL_BYTES: Final = 1000
_BRANCH_BYTES: Final = 2000
"""What a load of a literal and a branch reach, with a margin."""


def topped(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, positions: int
) -> tuple[Implementation, ...]:
    """With tiles of every size for which no sum can leave a word, the largest first; then made of taps."""
    form = found_scales(outputs)
    if form is None:
        return ()
    every = [Tiles(line, positions, size) for size in _TILES]
    fit = [each for each in every if each.is_possible and _is_exact(each, outputs)]
    taps = weights.reshape(len(weights), line.kernel, line.channels)
    layers = [Layer(each, len(taps), _narrow(each, taps), form) for each in fit]
    if line.kernel <= MOST_TAPS:
        made = [Layer(each, len(taps), 0, form, made=True) for each in fit]
        layers += [each for each in made if each.scratch_bytes <= SCRATCH_MOST]
    return tuple(_implementation(each, taps, outputs) for each in layers if _is_near(each))


def _narrow(tiles: Tiles, taps: NDArray[np.int8]) -> int:
    """How many of the first points, 0 and whole pairs, have weights of 16 bits; 0 is always one."""
    largest = np.abs(tiles.transform.values(taps)).max(axis=(0, 2)) > _HALF_MOST
    first = int(np.argmax(largest)) if largest.any() else len(largest)
    return first - 1 + first % 2


def _is_exact(tiles: Tiles, outputs: Outputs) -> bool:
    """Whether sums have a word's upper bits, after what the transform loses."""
    bound = 1 << 31 - tiles.transform.lost_bits
    return bool(-bound <= np.min(outputs.low) and np.max(outputs.high) < bound)


def _is_near(layer: Layer) -> bool:
    """Whether branches and loads of literals reach."""
    inputs, own = _texts(layer)
    jumps = own.lines.index("6:")
    # Literals lie in the order in which they are first loaded: none is farther from there than the first one.
    first = next((at for at, line in enumerate(inputs.lines) if "=" in line), len(inputs.lines))
    return (
        2 * len(inputs.lines[first:]) <= _LITERAL_BYTES
        and 2 * max(jumps, len(own.lines) - jumps) <= _BRANCH_BYTES
    )


# A model is planned more than once.
@lru_cache(maxsize=64)
def _texts(layer: Layer) -> tuple[Text, Text]:
    return inputs_program(layer.tiles, layer.factored), program(layer)


def _implementation(layer: Layer, taps: NDArray[np.int8], outputs: Outputs) -> Implementation:
    texts = _texts(layer)
    weight_bytes = taps[0].size if layer.made else WORD_BYTES * layer.weight_words
    return Implementation(
        "toom_cook, taps" if layer.made else "toom_cook",
        ("zerotap_scaled_byte",),
        (weight_bytes + layer.form.size_bytes) * layer.outputs,
        sum(each.cycles for each in texts) + _CALL_CYCLES,
        partial(_emit, layer, taps, outputs),
        layer.scratch_bytes,
        code_bytes=sum(code_bytes(each.lines) for each in texts),
        stack_bytes=max(stack_bytes(each.lines) for each in texts),
    )


def _emit(layer: Layer, taps: NDArray[np.int8], outputs: Outputs, label: str) -> Emission:
    constants = weighted.range_comment(outputs) + _constants(layer, taps, label)
    words = "(uint32_t *)(void *)scratch"
    weights = f"{label}_taps" if layer.made else f"{label}_weights"
    calls = [
        f"{label}_words(input, {words});",
        f"{label}_toom_cook({words}, {weights}, output, {label}_scales);",
    ]
    functions = _words(layer, label), _sums(layer, outputs, label)
    return Emission(constants + layer.form.table(label), "\n    ".join(calls), assembly=functions)


def _constants(layer: Layer, taps: NDArray[np.int8], label: str) -> str:
    points = layer.tiles.transform.inputs
    if layer.made:
        comment = f"/* Of each output and channel, the taps, of which {points} words become. */\n"
        return comment + c_source.array("int8_t", f"{label}_taps", taps.transpose(0, 2, 1).ravel())
    comment = (
        f"/* Of each output, {points} points: of {layer.narrow} two channels a word, the first one below,\n"
        " * in whole words; of the others one channel a word. */\n"
    )
    return comment + c_source.array("uint32_t", f"{label}_weights", _packed(layer, taps).ravel())


def _packed(layer: Layer, taps: NDArray[np.int8]) -> NDArray[np.int64]:
    """Words (outputs, words) in [0, 2^32)."""
    transform, count = layer.tiles.transform, layer.narrow
    values, factors = transform.values(taps), np.array(transform.factors(), np.uint64)[:, None]
    halves = np.pad(values[:, :count], ((0, 0), (0, 0), (0, values.shape[2] % 2))) & 0xFFFF
    pairs = halves[:, :, ::2] + (halves[:, :, 1::2] << 16)
    # What is beyond 64 bits of a product is no part of its word.
    words = values[:, count:].astype(np.uint64) * factors[count:] & np.uint64(0xFFFF_FFFF)
    rows = pairs.reshape(len(taps), -1), words.astype(np.int64).reshape(len(taps), -1)
    return np.concatenate(rows, axis=1)


def _words(layer: Layer, label: str) -> AssemblyFunction:
    tiles, name = layer.tiles, f"{label}_words"
    about = (
        f"Toom-Cook: {tiles.transform.inputs} inputs of a channel become as many words, those of "
        f"{tiles.outputs} positions;\n * words wrap."
    )
    declaration = f"void {name}(const int8_t *input, uint32_t *words)"
    return AssemblyFunction(
        name, declaration, tuple(_texts(layer)[0].lines), portable.words(tiles, layer.factored), about
    )


def _sums(layer: Layer, outputs: Outputs, label: str) -> AssemblyFunction:
    tiles, name = layer.tiles, f"{label}_toom_cook"
    low, high, lost = int(np.min(outputs.low)), int(np.max(outputs.high)), tiles.transform.lost_bits
    about = (
        f"Toom-Cook: output after output, {tiles.outputs} of {tiles.positions} positions of "
        f"{tiles.transform.inputs} products a channel, and the largest\n * sum of all to int8. Words wrap; "
        f"no sum can leave [{low}, {high}], and {lost} bits more fit a word."
    )
    words = (
        "uint32_t *words, const int8_t *taps"
        if layer.made
        else "const uint32_t *words, const uint32_t *weights"
    )
    pointers = f"{words}, int8_t *output,\n    const {layer.form.kind} *scales"
    return AssemblyFunction(
        name, f"void {name}({pointers})", tuple(_texts(layer)[1].lines), portable.sums(layer), about
    )

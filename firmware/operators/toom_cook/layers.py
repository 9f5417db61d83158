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
from .tiles import WORD_BYTES, Tiles

# The layer's own function and both calls in it, as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 24
_TILES: Final = (8, 7, 6, 5, 4, 3, 2)
"""In this order: larger tiles have fewer products and less RAM, smaller ones less flash."""
_LITERAL_BYTES: Final = 1000
_BRANCH_BYTES: Final = 2000
"""What a load of a literal and a branch reach, with a margin."""


def topped(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, positions: int
) -> tuple[Implementation, ...]:
    """With tiles of every size for which no sum can leave a word, the largest first."""
    form = found_scales(outputs)
    every = [Tiles(line, positions, size) for size in _TILES]
    fit = [each for each in every if each.is_possible and _is_exact(each, outputs)]
    layers = [Layer(each, len(weights), form) for each in fit] if form else []
    return tuple(_implementation(each, weights, outputs) for each in layers if _is_near(each))


def _is_exact(tiles: Tiles, outputs: Outputs) -> bool:
    """Whether sums have a word's upper bits, after what the transform loses."""
    bound = 1 << 31 - tiles.transform.lost_bits
    return bool(-bound <= np.min(outputs.low) and np.max(outputs.high) < bound)


def _is_near(layer: Layer) -> bool:
    """Whether branches and loads of literals reach."""
    inputs, own = _texts(layer)
    # Literals lie in the order in which they are first loaded: none is farther from there than the first one.
    first = next((at for at, line in enumerate(inputs.lines) if "=" in line), len(inputs.lines))
    return 2 * len(inputs.lines[first:]) <= _LITERAL_BYTES and code_bytes(own.lines) <= _BRANCH_BYTES


# A model is planned more than once.
@lru_cache(maxsize=64)
def _texts(layer: Layer) -> tuple[Text, Text]:
    return inputs_program(layer.tiles), program(layer)


def _implementation(layer: Layer, weights: NDArray[np.int8], outputs: Outputs) -> Implementation:
    texts, tiles = _texts(layer), layer.tiles
    words = tiles.transform.inputs * tiles.line.channels * layer.outputs
    return Implementation(
        "toom_cook",
        ("zerotap_scaled_byte",),
        WORD_BYTES * words + layer.form.size_bytes * layer.outputs,
        sum(each.cycles for each in texts) + _CALL_CYCLES,
        partial(_emit, layer, weights, outputs),
        tiles.scratch_bytes,
        code_bytes=sum(code_bytes(each.lines) for each in texts),
        stack_bytes=max(stack_bytes(each.lines) for each in texts),
    )


def _emit(layer: Layer, weights: NDArray[np.int8], outputs: Outputs, label: str) -> Emission:
    transform, line = layer.tiles.transform, layer.tiles.line
    content = transform.weights(weights.reshape(layer.outputs, line.kernel, line.channels))
    comment = f"/* Of each output, the words of {transform.inputs} points, a word a channel. */\n"
    constants = weighted.range_comment(outputs) + comment
    constants += c_source.array("uint32_t", f"{label}_weights", content.ravel())
    words = "(uint32_t *)(void *)scratch"
    calls = [
        f"{label}_words(input, {words});",
        f"{label}_toom_cook({words}, {label}_weights, output, {label}_scales);",
    ]
    functions = _words(layer, label), _sums(layer, outputs, label)
    return Emission(constants + layer.form.table(label), "\n    ".join(calls), assembly=functions)


def _words(layer: Layer, label: str) -> AssemblyFunction:
    tiles, name = layer.tiles, f"{label}_words"
    about = (
        f"Toom-Cook: {tiles.transform.inputs} inputs of a channel become as many words, those of "
        f"{tiles.outputs} positions;\n * words wrap."
    )
    declaration = f"void {name}(const int8_t *input, uint32_t *words)"
    return AssemblyFunction(name, declaration, tuple(_texts(layer)[0].lines), portable.words(tiles), about)


def _sums(layer: Layer, outputs: Outputs, label: str) -> AssemblyFunction:
    tiles, name = layer.tiles, f"{label}_toom_cook"
    low, high, lost = int(np.min(outputs.low)), int(np.max(outputs.high)), tiles.transform.lost_bits
    about = (
        f"Toom-Cook: output after output, {tiles.outputs} of {tiles.positions} positions of "
        f"{tiles.transform.inputs} products a channel, and the largest\n * sum of all to int8. Words wrap; "
        f"no sum can leave [{low}, {high}], and {lost} bits more fit a word."
    )
    pointers = (
        "const uint32_t *words, const uint32_t *weights, int8_t *output,\n"
        f"    const {layer.form.kind} *scales"
    )
    return AssemblyFunction(
        name, f"void {name}({pointers})", tuple(_texts(layer)[1].lines), portable.sums(layer), about
    )

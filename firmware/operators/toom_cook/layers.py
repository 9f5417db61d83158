"""A convolution along a line with the largest of all its positions behind it, as implementations."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import code_bytes, stack_bytes
from zerotap.firmware.operators.board_code.text import Text
from zerotap.firmware.operators.parts.interface import Implementation
from zerotap.firmware.operators.parts.outputs import Outputs, Requantiser
from zerotap.firmware.operators.parts.requantisation import found_scales, requantisers
from zerotap.firmware.operators.parts.window_positions import Line

from .emission import Whole
from .inputs import inputs_program
from .program import Layer, program
from .taps import MOST_TAPS
from .tiles import WORD_BYTES, Tiles

_TILES: Final = (8, 7, 6, 5, 4, 3, 2)
"""In this order: larger tiles have fewer products and less RAM, smaller ones less flash."""
_PARTS: Final = 16
"""So many parts of a layer's outputs may have words beside taps."""
_HALF_MOST: Final = 32_767
_SCRATCH_MOST: Final = 12_288
"""Of RAM: a sketch around the model needs some, too."""
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
    every = [Tiles(line, positions, size, 1) for size in _TILES]
    fit = [each for each in every if each.is_possible and _is_exact(each, outputs)]
    taps = weights.reshape(len(weights), line.kernel, line.channels)
    stored = [Layer(each, len(taps), _narrow(each, taps), form) for each in fit]
    made = [_made(Layer(each, len(taps), 0, form, made=True)) for each in fit]
    layers = [*stored, *(_partly_ready(made) if line.kernel <= MOST_TAPS else [])]
    way = requantisers(outputs)[0]
    return tuple(_implementation(each, taps, outputs, way) for each in layers if _is_offered(each))


def _is_offered(layer: Layer) -> bool:
    return layer.scratch_bytes <= _SCRATCH_MOST and _is_near(layer)


def _partly_ready(made: list[Layer]) -> list[Layer]:
    """These, and of the first with room, which has the largest tiles, those with words beside taps."""
    largest = [each for each in made if _is_offered(each)][:1]
    counts = sorted({each.outputs * part // _PARTS for each in largest for part in range(_PARTS)} - {0})
    return [*made, *(replace(each, ready=count) for each in largest for count in counts)]


def _made(layer: Layer) -> Layer:
    """With the fewest batches for which there is room, as weights are made in each."""
    while layer.is_kept:
        more = replace(layer, tiles=replace(layer.tiles, most=layer.tiles.most + 1))
        if more.scratch_bytes > _SCRATCH_MOST:
            break
        layer = more
    return layer


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


def _implementation(
    layer: Layer, taps: NDArray[np.int8], outputs: Outputs, way: Requantiser
) -> Implementation:
    texts = _texts(layer)
    whole = Whole(layer, texts, taps, outputs, way)
    return Implementation(
        _name(layer),
        whole.runtime,
        _weight_bytes(layer) + whole.scale_bytes,
        whole.cycles,
        whole.emission,
        layer.scratch_bytes,
        code_bytes=sum(code_bytes(each.lines) for each in texts),
        stack_bytes=max(stack_bytes(each.lines) for each in texts),
    )


def _name(layer: Layer) -> str:
    if not layer.made:
        return "toom_cook"
    return "toom_cook, taps and words" if layer.ready else "toom_cook, taps"


def _weight_bytes(layer: Layer) -> int:
    """Flash of them, whole words."""
    words = layer.weight_words * (layer.ready if layer.made else layer.outputs)
    taps = layer.tiles.line.kernel * layer.tiles.line.channels * (layer.outputs - layer.ready)
    return WORD_BYTES * (words + (-(-taps // WORD_BYTES) if layer.made else 0))

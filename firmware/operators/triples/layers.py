"""A convolution along a line with the largest of all its positions behind it, as implementations."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction, code_bytes, stack_bytes
from zerotap.firmware.operators.board_code.text import Text
from zerotap.firmware.operators.parts import dot_kernels, weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import Scales, found_scales
from zerotap.firmware.operators.parts.window_positions import Line

from . import portable
from .lanes import Lanes
from .program import Layer, program

# The layer's own function and the call in it, as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 16
_PARTS: Final = 16
"""So many parts of a layer's outputs may have words instead of bytes."""


def topped(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, positions: int
) -> Iterator[Implementation]:
    """With a byte a weight, of which words are made for every output: the least flash; then with words."""
    lanes, form = Lanes(line, positions), found_scales(outputs)
    if form is None or not lanes.is_possible or not dot_kernels.is_exact(weights):
        return
    rows = _Rows(weights)
    layer = Layer(lanes, len(weights), 0, rows.scales(form))
    step = -(-len(weights) // _PARTS)
    ready = sorted({*range(0, len(weights), step), len(weights)})
    yield from (_implementation(replace(layer, ready=each), rows, outputs) for each in ready)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The weights of each output, by four inputs in turn."""

    weights: NDArray[np.int8]

    def words(self) -> NDArray[np.int64]:
        """(outputs, words): (first << 16) + second of inputs 0 and 2, 1 and 3."""
        fours = self._fours()
        words: NDArray[np.int64] = (fours[:, :, 1] + (fours[:, :, 0] << 16)).reshape(len(fours), -1)
        return words

    def bytes(self) -> NDArray[np.int64]:
        """(outputs, words of four): 128 more than the weights of inputs 2, 3, 0 and 1, the first below."""
        swapped = self._fours()[:, :, ::-1].reshape(len(self.weights), -1, 4) + 128
        packed: NDArray[np.int64] = (swapped << np.arange(0, 32, 8)).sum(axis=2)
        return packed

    def scales(self, form: Scales) -> Scales:
        """For sums that begin at the first word."""
        begin = self.words()[:, 0].tolist()
        each = [replace(one, low=one.low + first) for one, first in zip(form.each, begin, strict=True)]
        return replace(form, each=tuple(each))

    def _fours(self) -> NDArray[np.int64]:
        return self.weights.astype(np.int64).reshape(len(self.weights), -1, 2, 2)


# A model is planned more than once.
@lru_cache(maxsize=64)
def _text(layer: Layer) -> Text:
    return program(layer)


def _implementation(layer: Layer, rows: _Rows, outputs: Outputs) -> Implementation:
    text, words = _text(layer), layer.lanes.words
    weight_bytes = 2 * words * (layer.outputs + layer.ready)
    return Implementation(
        "line_triples, words" if layer.ready else "line_triples",
        ("zerotap_scaled_byte",),
        weight_bytes + layer.form.size_bytes * layer.outputs,
        text.cycles + _CALL_CYCLES,
        partial(_emit, layer, rows, outputs),
        layer.lanes.scratch_bytes,
        code_bytes=code_bytes(text.lines),
        stack_bytes=stack_bytes(text.lines),
    )


def _emit(layer: Layer, rows: _Rows, outputs: Outputs, label: str) -> Emission:
    comment = (
        "/* A word has the weights of two inputs, (first << 16) + second: 0 and 2, then 1 and 3, of each\n"
        f" * four. From output {layer.ready} on bytes stand for two such words, each 128 more than its\n"
        " * weight: of inputs 2, 3, 0 and 1, the first below. */\n"
    )
    content = np.concatenate([rows.words()[: layer.ready].ravel(), rows.bytes()[layer.ready :].ravel()])
    constants = weighted.range_comment(outputs) + comment
    constants += c_source.array("uint32_t", f"{label}_weights", content % (1 << 32))
    name = f"{label}_triples"
    pointers = (
        f"const int8_t *input, const uint32_t *weights, int8_t *output,\n"
        f"    const {layer.form.kind} *scales, int32_t *records"
    )
    function = AssemblyFunction(
        name,
        f"void {name}({pointers})",
        tuple(_text(layer).lines),
        portable.statements(layer),
        _about(layer, outputs),
    )
    call = f"{name}(input, {label}_weights, output, {label}_scales, (int32_t *)(void *)scratch);"
    return Emission(constants + layer.form.table(label), call, assembly=(function,))


def _about(layer: Layer, outputs: Outputs) -> str:
    lanes = layer.lanes
    low, high = int(np.min(outputs.low)), int(np.max(outputs.high))
    return (
        f"Output after output, three of {lanes.positions} positions at a time, {lanes.apart} apart, and the "
        "largest sum of all\n * to int8. No half of a product can leave [-32640, 32640], no sum without its "
        f"first word [{low}, {high}]."
    )

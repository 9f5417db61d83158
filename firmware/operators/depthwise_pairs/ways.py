"""The ways to compute a depthwise convolution by pairs of positions, as implementations."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code import c_source
from zerotap.firmware.c_code.assembly import AssemblyFunction, code_bytes, stack_bytes
from zerotap.firmware.operators.board_code.text import Text
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import scale_table
from zerotap.firmware.operators.parts.requantisation import scales as scales_of
from zerotap.firmware.operators.parts.window import Window

from . import portable
from .plane import plane
from .program import Layer, rolled, unrolled

# The layer's own function and the call in it, as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 22
_ROLLED_CALL_CYCLES: Final = 27
# Code that no plan would choose is not written.
_UNROLLED_MAX: Final = 1 << 11


def pairs(
    window: Window, weights: NDArray[np.int8], outputs: Outputs, fill: int, repeat: int
) -> tuple[Implementation, ...]:
    """With weights (channels, taps) in the code, or in a loop over channels; none where no scale is exact."""
    found = scales_of(outputs)
    if found is None:
        return ()
    ends = tuple(outputs.low.tolist()), tuple(outputs.high.tolist())
    key = weights.tobytes(), weights.shape[1], tuple(found), ends, outputs.zero_point, fill, repeat
    layer, *texts = _made(window, *key)
    ways = zip((False, True), texts, strict=True)
    return tuple(_implementation(layer, outputs, each, own) for own, each in ways if each is not None)


# A model is planned more than once.
@lru_cache(maxsize=64)
def _made(
    window: Window,
    weights: bytes,
    taps: int,
    scales: tuple[Scale, ...],
    ends: tuple[tuple[int, ...], tuple[int, ...]],
    zero_point: int,
    fill: int,
    repeat: int,
) -> tuple[Layer, Text | None, Text | None]:
    """The layer, its function rolled, and unrolled."""
    matrix = np.frombuffer(weights, np.int8).reshape(-1, taps).astype(np.int64)
    layer = Layer(plane(window), matrix, scales, *ends, zero_point, fill, repeat)
    return layer, rolled(layer), unrolled(layer) if matrix.size <= _UNROLLED_MAX else None


def _implementation(layer: Layer, outputs: Outputs, text: Text, is_unrolled: bool) -> Implementation:
    channels, taps = layer.weights.shape
    with_steps = layer.is_signed and not is_unrolled
    constant_bytes = channels * (24 if with_steps else 20) + (0 if is_unrolled else channels * taps)
    return Implementation(
        "depthwise_pairs, unrolled" if is_unrolled else "depthwise_pairs",
        (),
        constant_bytes,
        text.cycles + (_CALL_CYCLES if is_unrolled else _ROLLED_CALL_CYCLES),
        partial(_emit, layer, outputs, text, is_unrolled),
        scratch_bytes=4 * layer.plane.words,
        code_bytes=code_bytes(text.lines),
        stack_bytes=stack_bytes(text.lines),
    )


def _emit(layer: Layer, outputs: Outputs, text: Text, is_unrolled: bool, label: str) -> Emission:
    with_steps = layer.is_signed and not is_unrolled
    constants = weighted.range_comment(outputs)
    arguments, parameters = "", ""
    if not is_unrolled:
        constants += "/* Channel after channel, tap after tap. */\n"
        constants += c_source.array("int8_t", f"{label}_weights", layer.weights)
        arguments, parameters = f", {label}_weights", ", const int8_t *weights"
    constants += scale_table(label, layer.scales, with_steps)
    kind = "zerotap_signed_scale_t" if with_steps else "zerotap_scale_t"
    pointers = f"const int8_t *input, const {kind} *scales, int8_t *output, int32_t *scratch{parameters}"
    declaration = f"void {label}_pairs(\n    {pointers})"
    body = portable.statements(layer, with_steps=with_steps, own_weights=is_unrolled)
    function = AssemblyFunction(f"{label}_pairs", declaration, tuple(text.lines), body, _about(layer))
    call = f"{label}_pairs(input, {label}_scales, output, (int32_t *)(void *)scratch{arguments});"
    return Emission(constants, call, assembly=(function,))


def _about(layer: Layer) -> str:
    """What the function computes, and what is proven of it."""
    return (
        f"Two positions at a time: a word of the scratch, of which a channel fills {layer.plane.words}, is "
        "the inputs of both,\n * first + (second << 16), and multiplied once. Both sums of a run of taps "
        "stay in int16, so that they come\n * apart exactly."
    )

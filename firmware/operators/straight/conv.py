"""CONV_2D along a line in straight line, alone or with what comes behind it, as further implementations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import code_bytes, stack_bytes
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import UniformScale, found_scales, late_scales
from zerotap.firmware.operators.parts.window_positions import Line

from . import hybrid
from .emission import calls, function
from .ends import Ending
from .layers import StraightLayer
from .packing import PACK, Pairing

# More weights than a board's flash holds in this form; their text would take long to make, too.
_WEIGHTS_MOST: Final = 40_000
# The layer's function around all calls: gcc 12 -O2.
_LAYER_CYCLES: Final = 10
# An output's share of a last position that has no other beside it.
_TAIL_CYCLES: Final = 11


def stored(
    line: Line | None, weights: NDArray[np.int8], outputs: Outputs, fill: int
) -> tuple[Implementation, ...]:
    """The layer alone; ``fill`` lies around the input.

    Each position goes with the one half the line further on; of an odd number one is computed twice, alike.
    """
    apart = line.positions // 2 if line else 0
    if line is None or apart == 0:
        return ()
    pairs = Pairing(line, apart, 1, line.positions - apart)
    return _offered(pairs, weights, outputs, fill, Ending.STORE)


def pooled(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, every: int, windows: int
) -> tuple[Implementation, ...]:
    """The layer with the maximum over two neighbours behind it, ``windows`` of them, ``every`` so many."""
    return _offered(Pairing(line, 1, every, windows), weights, outputs, 0, Ending.MAXIMUM)


def topped(
    line: Line,
    weights: NDArray[np.int8],
    outputs: Outputs,
    size: int,
    every: int,
    windows: int,
    rest: Callable[[tuple[int, ...]], Implementation],
) -> tuple[Implementation, ...]:
    """The layer with the maximum over ``size`` positions behind it, ``windows`` of them, ``every`` so many.

    Of an odd size one position is computed twice: the maximum is the same. ``rest`` computes some of the
    outputs by rows, where there is one window.
    """
    apart, step = size // 2, every * line.stride * line.channels
    pairs = Pairing(line, apart, 1, size - apart, more=(windows - 1) * step)
    layer = _layer(pairs, weights, outputs, Ending.LARGEST)
    if layer is None:
        return ()
    layer = replace(layer, windows=windows, window_words=step)
    lined = partial(_lined, outputs=outputs)
    return (lined(layer), *(hybrid.parts(layer, lined, rest) if windows == 1 else ()))


def _lined(layer: StraightLayer, outputs: Outputs) -> Implementation:
    return implementation(layer, partial(_emit, layer, outputs, 0))


def averaged(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, fill: int, scale: UniformScale
) -> tuple[Implementation, ...]:
    """The layer with the mean over all its positions behind it, which has that scale."""
    apart, is_odd = divmod(line.positions, 2)
    if apart == 0:
        return ()
    pairs = Pairing(line, apart, 1, apart)
    tail = Pairing(line, 0, 1, 1, line.positions - 1) if is_odd else None
    layer = _layer(pairs, weights, outputs, Ending.MEAN, tail)
    if layer is None:
        return ()
    emit = partial(_emit_mean, layer, outputs, fill, scale)
    cycles = scale.cycles(len(weights)) + (_TAIL_CYCLES * len(weights) if tail else 0)
    return (implementation(layer, emit, scale.constant_bytes, cycles, ("zerotap_scale_uniform",)),)


def _offered(
    pairs: Pairing, weights: NDArray[np.int8], outputs: Outputs, fill: int, ending: Ending
) -> tuple[Implementation, ...]:
    layer = _layer(pairs, weights, outputs, ending)
    return (implementation(layer, partial(_emit, layer, outputs, fill)),) if layer else ()


def _layer(
    pairs: Pairing, weights: NDArray[np.int8], outputs: Outputs, ending: Ending, tail: Pairing | None = None
) -> StraightLayer | None:
    form = found_scales(outputs) if weights.size <= _WEIGHTS_MOST else None
    if form is None:
        return None
    count, inputs = weights.shape
    apart = count * pairs.apart
    late = late_scales(outputs) if ending is not Ending.LARGEST else None
    return StraightLayer(pairs, weights.tobytes(), inputs, form, ending, apart, count, tail, late=late)


def implementation(
    layer: StraightLayer,
    emit: Callable[[str], Emission],
    constant_bytes: int = 0,
    cycles: int = 0,
    runtime: tuple[str, ...] = (),
) -> Implementation:
    """The layer, with constants, cycles and functions of what is behind it."""
    lines = layer.bodies.lines
    return Implementation(
        f"{layer.kind}, {layer.ending.value}",
        (*dict.fromkeys([layer.pairs.function, *([PACK] if layer.tail else [])]), *runtime),
        layer.scale_bytes * len(layer.bodies.order) + layer.fill_bytes + constant_bytes,
        _LAYER_CYCLES + layer.cycles + cycles,
        emit,
        layer.scratch_bytes,
        code_bytes=code_bytes(lines),
        stack_bytes=stack_bytes(lines),
    )


def constants(layer: StraightLayer, outputs: Outputs, fill: int, label: str) -> str:
    """What the layer's function and its calls read."""
    tables = weighted.range_comment(outputs) + layer.scales.table(label)
    widest = max([layer.pairs, *([layer.tail] if layer.tail else [])], key=lambda each: each.fill_bytes)
    return tables + widest.constants(label, fill)


def _emit(layer: StraightLayer, outputs: Outputs, fill: int, label: str) -> Emission:
    body = weighted.body(calls(layer, label, "output"))
    return Emission(constants(layer, outputs, fill, label), body, assembly=(function(layer, label),))


def _emit_mean(
    layer: StraightLayer, outputs: Outputs, fill: int, scale: UniformScale, label: str
) -> Emission:
    count = len(layer.form.each)
    lines = [
        f"int32_t sums[{count}];",
        *calls(layer, label, "sums"),
        scale.statement(label, "sums", count, "output"),
    ]
    tables = constants(layer, outputs, fill, label) + scale.constants(label)
    return Emission(tables, weighted.body(lines), assembly=(function(layer, label),))

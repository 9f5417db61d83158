"""CONV_2D along a line, alone or with what comes behind it, by fast FIR as further implementations."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.operators.parts import weighted
from zerotap.firmware.operators.parts.interface import Emission, Implementation
from zerotap.firmware.operators.parts.outputs import Outputs
from zerotap.firmware.operators.parts.requantisation import UniformScale, found_scales, late_scales
from zerotap.firmware.operators.parts.window_positions import Line
from zerotap.firmware.operators.straight.conv import constants, implementation
from zerotap.firmware.operators.straight.emission import PACKED, made, portable, scaled
from zerotap.firmware.operators.straight.ends import Ending
from zerotap.firmware.operators.straight.packing import Pairing

from .layers import FastLayer

# More weights than a board's flash holds in this form; their text would take long to make, too.
_WEIGHTS_MOST: Final = 24_000
# Positions that a turn computes.
_TURN: Final = 4
_LEAST_GAIN: Final = 0.02


def beside(straight: Sequence[Implementation], fast: Sequence[Implementation]) -> tuple[Implementation, ...]:
    """Those in straight line, and by fast FIR what takes 2 % less time: it takes twice the flash, and RAM."""
    enough = (1 - _LEAST_GAIN) * min((each.cycles for each in straight), default=float("inf"))
    return (*straight, *(each for each in fast if each.cycles <= enough))


def stored(
    line: Line | None, weights: NDArray[np.int8], outputs: Outputs, fill: int
) -> tuple[Implementation, ...]:
    """The layer alone; ``fill`` lies around the input.

    The first half of the positions goes with the second one; some in the middle may be computed twice, alike.
    """
    if line is None or line.positions < _TURN:
        return ()
    pairs = _pairs(line, line.positions)
    return _offered(pairs, weights, outputs, fill, Ending.STORE)


def pooled(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, every: int, windows: int
) -> tuple[Implementation, ...]:
    """The layer with the maximum over two neighbours behind it, ``windows`` of them, ``every`` so many."""
    if windows < _TURN // 2:
        return ()
    turns = -(-windows // 2)
    pairs = Pairing(line, (windows - turns) * every, every, turns, more=line.channels)
    return _offered(pairs, weights, outputs, 0, Ending.MAXIMUM, windows - turns)


def topped(line: Line, weights: NDArray[np.int8], outputs: Outputs, size: int) -> tuple[Implementation, ...]:
    """The layer with the maximum over all its ``size`` positions behind it: some may be computed twice."""
    return _offered(_pairs(line, size), weights, outputs, 0, Ending.LARGEST) if size >= _TURN else ()


def averaged(
    line: Line, weights: NDArray[np.int8], outputs: Outputs, fill: int, scale: UniformScale
) -> tuple[Implementation, ...]:
    """The layer with the mean over all its positions behind it, which has that scale."""
    layer = _layer(_pairs(line, line.positions), weights, outputs, Ending.MEAN)
    if layer is None or line.positions % _TURN:
        return ()
    emit, behind = partial(_emit_mean, layer, outputs, fill, scale), ("zerotap_scale_uniform",)
    return (implementation(layer, emit, scale.constant_bytes, scale.cycles(len(weights)), behind),)


def _pairs(line: Line, positions: int) -> Pairing:
    """Words of positions t and t + apart, t two further on each turn, and of one position more."""
    turns = -(-positions // _TURN)
    return Pairing(line, positions - 2 * turns, 2, turns, more=line.channels)


def _offered(
    pairs: Pairing, weights: NDArray[np.int8], outputs: Outputs, fill: int, ending: Ending, windows: int = 0
) -> tuple[Implementation, ...]:
    layer = _layer(pairs, weights, outputs, ending, windows)
    return (implementation(layer, partial(_emit, layer, outputs, fill)),) if layer else ()


def _layer(
    pairs: Pairing, weights: NDArray[np.int8], outputs: Outputs, ending: Ending, windows: int = 0
) -> FastLayer | None:
    """``windows``: so many results lie between those of a word's two positions, where a maximum is stored."""
    form = found_scales(outputs) if weights.size <= _WEIGHTS_MOST else None
    if form is None or pairs.line.stride != 1 or pairs.apart < 1:
        return None
    count, inputs = weights.shape
    late = late_scales(outputs) if ending is not Ending.LARGEST else None
    apart, step = count * (windows or pairs.apart), count * (1 if windows else 2)
    layer = FastLayer(pairs, weights.tobytes(), inputs, form, ending, apart, step, late=late)
    return layer if layer.filters else None


def _emit(layer: FastLayer, outputs: Outputs, fill: int, label: str) -> Emission:
    body = weighted.body(_calls(layer, label, "output"))
    return Emission(constants(layer, outputs, fill, label), body, assembly=(_function(layer, label),))


def _emit_mean(layer: FastLayer, outputs: Outputs, fill: int, scale: UniformScale, label: str) -> Emission:
    count = len(layer.form.each)
    lines = [
        f"int32_t sums[{count}];",
        *_calls(layer, label, "sums"),
        scale.statement(label, "sums", count, "output"),
    ]
    tables = constants(layer, outputs, fill, label) + scale.constants(label)
    return Emission(tables, weighted.body(lines), assembly=(_function(layer, label),))


def _calls(layer: FastLayer, label: str, output: str) -> list[str]:
    """C that makes the words and calls the function."""
    at = layer.words.before
    end = at + layer.pairs.count * layer.pairs.step
    call = f"{label}_body(packed + {at}, packed + {end}, {output}, {label}_scales);"
    return [PACKED, *layer.pairs.calls(label, at), call]


def _function(layer: FastLayer, label: str) -> AssemblyFunction:
    about = (
        "Two outputs after the other, at two neighbouring positions and two that lie further on a turn,\n"
        f" * {layer.ending.value}. Of each two taps h, k on a, b, c both positions share (h + k) * b; the\n"
        " * others are h * (a - b) and k * (c - b), of words that are written over and before those it is\n"
        f" * called with, from {layer.words.before} before them on."
    )
    channels = layer.pairs.line.channels
    summed = [
        "int32_t first[2], second[2];",
        f"zerotap_pair_sums(packed, weights[i], {layer.inputs}, first);",
        f"zerotap_pair_sums(packed + {channels}, weights[i], {layer.inputs}, second);",
    ]
    return made(layer, label, about, portable(layer, summed, _results(layer)))


def _results(layer: FastLayer) -> list[str]:
    """What becomes of the sums of output i in C: ``first`` and ``second`` at both of a word's positions."""
    sums = [f"{name}[{at}]" for name in ("first", "second") for at in (0, 1)]
    if layer.ending is Ending.LARGEST:
        return [f"largest[i] = {each} > largest[i] ? {each} : largest[i];" for each in sums]
    if layer.ending is Ending.MEAN:
        return [f"sums[channels[i]] += {scaled(layer, each)};" for each in sums]
    places = [f"output[channels[i] + {at}]" for at in (0, layer.apart)]
    if layer.ending is Ending.MAXIMUM:
        larger = [f"first[{at}] > second[{at}] ? first[{at}] : second[{at}]" for at in (0, 1)]
        return [f"{place} = {scaled(layer, each)};" for place, each in zip(places, larger, strict=True)]
    count = len(layer.form.each)
    places += [f"output[channels[i] + {at + count}]" for at in (0, layer.apart)]
    return [f"{place} = {scaled(layer, each)};" for place, each in zip(places, sums, strict=True)]

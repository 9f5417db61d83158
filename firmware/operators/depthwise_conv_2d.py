"""DEPTHWISE_CONV_2D: int8 activation, int8 weights (1, height, width, outputs), int32 bias. Rounds twice.

Output channel o reads input channel o // depth multiplier alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    activation_range,
    clamp_int8,
    quantise_multiplier,
    weighted_scales,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .depthwise_pairs.ways import pairs
from .parts import weighted, window_positions
from .parts.interface import Emission, Implementation, data_tensor, first_input, int64, output_tensor, require
from .parts.outputs import Outputs, Requantiser
from .parts.requantisation import requantisers
from .parts.window import Window, check_window, window

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_CHANNEL_AXIS: Final = 3
_CHANNELS_MAX: Final = 2048
# As counted in runtime/zerotap_depthwise_sums.S; the two calls with their arguments as gcc 12 -O2 makes them.
_CALL_CYCLES: Final = 19
_CHANNEL_CYCLES: Final = 9
_TAP_CYCLES: Final = 10
# As counted in runtime/zerotap_depthwise_words.S, for each word of channels.
_WORD: Final = 4
_WORDS_CALL_CYCLES: Final = 43
_WORD_CYCLES: Final = 25
_WORD_TAP_CYCLES: Final = 28
_ARGUMENT_CYCLES: Final = 12


def _window(graph: Graph, operator: Operator) -> Window:
    _, height, width, _ = weighted.weights_tensor(graph, operator).shape
    return window(graph, operator, (height, width))


def _matrix(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    """The weights (channels, taps)."""
    weights = weighted.weights_data(graph, operator)
    return weights.reshape(-1, weights.shape[_CHANNEL_AXIS]).T


def _bias(graph: Graph, operator: Operator) -> NDArray[np.int32]:
    return weighted.bias_data(graph, operator, weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS])


def _factors(graph: Graph, operator: Operator) -> list[float]:
    return weighted_scales(graph, operator, weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS])


def _outputs(graph: Graph, operator: Operator) -> Outputs:
    matrix, bias = _matrix(graph, operator), _bias(graph, operator)
    return weighted.outputs(graph, operator, matrix, bias, _factors(graph, operator), once=False)


def _multiplier(graph: Graph, operator: Operator) -> int:
    return output_tensor(graph, operator).shape[3] // data_tensor(graph, operator).shape[3]


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, geometry, and that no sum leaves int32."""
    weighted.check_weights(graph, operator, place, _CHANNEL_AXIS)
    weights = weighted.weights_tensor(graph, operator).shape
    require(
        len(weights) == 4 and weights[0] == 1, place, f"the weights have the shape {weights}, not (1, ...)"
    )
    check_window(graph, operator, place, (weights[1], weights[2]))
    inputs, channels = data_tensor(graph, operator).shape[3], output_tensor(graph, operator).shape[3]
    require(
        channels == weights[3] == inputs * operator.options["depth_multiplier"],
        place,
        f"weights {weights} cannot lead from {inputs} to {channels} channels",
    )
    require(
        channels <= _CHANNELS_MAX and weights[1] * weights[2] * channels < 1 << 16,
        place,
        f"has {channels} channels and {weights[1] * weights[2] * channels} weights, more than "
        f"{_CHANNELS_MAX} or 65,535; give it fewer",
    )
    weighted.check_sums(place, _outputs(graph, operator))


def macs(graph: Graph, operator: Operator) -> int:
    """Every weight at every position, padding included."""
    return _window(graph, operator).positions * weighted.weights_tensor(graph, operator).size


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    target = output_tensor(graph, operator)
    centred = int64(values) - zero_point(data_tensor(graph, operator))
    patches = _window(graph, operator).patches(centred, outside=0)
    repeated = np.repeat(patches, _multiplier(graph, operator), axis=-1)
    weights = int64(weighted.weights_data(graph, operator))[0]
    sums = (repeated * weights).sum(axis=(2, 3)) + int64(_bias(graph, operator))
    scales = [quantise_multiplier(factor) for factor in _factors(graph, operator)]
    up = weighted.halves_up(graph, operator)
    columns = [weighted.rounded_twice(sums[..., i], *scale, i < up) for i, scale in enumerate(scales)]
    limits = activation_range(operator.options["fused_activation_function"], target)
    return clamp_int8(np.stack(columns, axis=-1) + zero_point(target), *limits).reshape(target.shape)


def sums_cycles(channels: int, taps: int) -> int:
    """Cycles of one call of zerotap_depthwise_sums."""
    return _CALL_CYCLES + channels * (_CHANNEL_CYCLES + _TAP_CYCLES * taps)


def words_cycles(channels: int, taps: int) -> int:
    """Cycles of one call of zerotap_depthwise_words, on an aligned input."""
    return _WORDS_CALL_CYCLES + channels // _WORD * (_WORD_CYCLES + _WORD_TAP_CYCLES * taps)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """By pairs of positions; and two kernels, one of whole words, with every way to requantise."""
    outputs = _outputs(graph, operator)
    fill, repeat = int(zero_point(data_tensor(graph, operator))), _multiplier(graph, operator)
    by_pairs = pairs(_window(graph, operator), _matrix(graph, operator), outputs, fill, repeat)
    ways = requantisers(outputs)
    by_words = output_tensor(graph, operator).shape[3] % _WORD == 0
    kernels = ["depthwise_words", "depthwise_sums"] if by_words else ["depthwise_sums"]
    by_kernels = (_implementation(graph, operator, kernel, way) for kernel in kernels for way in ways)
    return (*by_pairs, *by_kernels)


def _implementation(graph: Graph, operator: Operator, kernel: str, way: Requantiser) -> Implementation:
    channels, taps = _matrix(graph, operator).shape
    windows, repeat = _window(graph, operator), _multiplier(graph, operator)
    sums = words_cycles if kernel == "depthwise_words" else sums_cycles
    each = sums(channels, taps) + way.cycles(channels) + _ARGUMENT_CYCLES
    extra = window_positions.extra(windows, channels * taps, repeat)
    return Implementation(
        f"{kernel}, {way.function.removeprefix('zerotap_')}",
        (f"zerotap_{kernel}", way.function, *extra.runtime),
        channels * taps + way.constant_bytes + extra.constant_bytes,
        window_positions.cycles(windows, each, each, repeat),
        partial(_emit, graph, operator, kernel, way),
        extra.scratch_bytes,
    )


def _emit(graph: Graph, operator: Operator, kernel: str, way: Requantiser, label: str) -> Emission:
    channels, taps = _matrix(graph, operator).shape
    windows, repeat = _window(graph, operator), _multiplier(graph, operator)
    fill = zero_point(data_tensor(graph, operator))
    constants = (
        weighted.range_comment(_outputs(graph, operator))
        + c_source.array("int8_t", f"{label}_weights", weighted.weights_data(graph, operator))
        + way.constants(label)
        + window_positions.patch_constants(windows, label, fill, repeat)
    )

    def statements(row: str, output: str) -> list[str]:
        shape = f"{channels}u << 16 | {taps}"
        return [
            f"zerotap_{kernel}({row}, {label}_weights, sums, {shape});",
            way.statement(label, "sums", 0, channels, output),
        ]

    lines = window_positions.loops(windows, label, channels, statements, repeat)
    return Emission(constants, weighted.body([f"int32_t sums[{channels}];", *lines]))

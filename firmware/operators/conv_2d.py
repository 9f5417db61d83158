"""CONV_2D: int8 activation, int8 weights (outputs, height, width, inputs), int32 bias. Rounds twice.

Keras's Conv1D arrives here with a height of 1. A window of several steps of a signal (time, channels) is
contiguous, so that it is a row for the kernels of dense layers where it lies.
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
from zerotap.firmware.graph import Graph, Operator

from .fast_fir import conv as fast_conv
from .grouped_conv_2d import Groups
from .grouped_conv_2d import implementations as grouped_implementations
from .parts import weighted, window_positions
from .parts.interface import Emission, Implementation, data_tensor, first_input, int64, output_tensor, require
from .parts.outputs import Outputs, Requantiser
from .parts.requantisation import requantisers
from .parts.row_kernels import RowKernel, row_calls, row_cycles, row_ways, sums_declared
from .parts.window import Window, check_window, window
from .straight import conv
from .word_rows import layers as word_layers

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_CHANNEL_AXIS: Final = 0


def geometry(graph: Graph, operator: Operator) -> Window:
    """The windows of a checked operator."""
    _, height, width, _ = weighted.weights_tensor(graph, operator).shape
    return window(graph, operator, (height, width))


def matrix(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    """The weights (outputs, one window)."""
    weights = weighted.weights_data(graph, operator)
    return weights.reshape(len(weights), -1)


def groups(graph: Graph, operator: Operator) -> int:
    """How many groups of channels there are, each with filters of its own."""
    channels = weighted.weights_tensor(graph, operator).shape[3]
    return data_tensor(graph, operator).shape[3] // channels


def _bias(graph: Graph, operator: Operator) -> NDArray[np.int32]:
    return weighted.bias_data(graph, operator, weighted.weights_tensor(graph, operator).shape[0])


def _factors(graph: Graph, operator: Operator) -> list[float]:
    return weighted_scales(graph, operator, weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS])


def outputs(graph: Graph, operator: Operator) -> Outputs:
    """What the raw sums become."""
    weights, bias = matrix(graph, operator), _bias(graph, operator)
    return weighted.outputs(graph, operator, weights, bias, _factors(graph, operator), once=False)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, geometry, and that no sum leaves int32."""
    weighted.check_weights(graph, operator, place, _CHANNEL_AXIS)
    weights = weighted.weights_tensor(graph, operator).shape
    require(len(weights) == 4, place, f"the weights have the shape {weights}, not 4 dimensions")
    check_window(graph, operator, place, (weights[1], weights[2]))
    inputs, channels = data_tensor(graph, operator).shape[3], output_tensor(graph, operator).shape[3]
    require(
        inputs % weights[3] == 0 and weights[0] % (inputs // weights[3]) == 0,
        place,
        f"{weights[0]} filters for {weights[3]} channels each cannot share {inputs} channels",
    )
    require(channels == weights[0], place, f"{weights[0]} filters cannot give {channels} channels")
    weighted.check_sums(place, outputs(graph, operator))


def macs(graph: Graph, operator: Operator) -> int:
    """Every weight at every position, padding included."""
    return geometry(graph, operator).positions * weighted.weights_tensor(graph, operator).size


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    target = output_tensor(graph, operator)
    centred = int64(values) - zero_point(data_tensor(graph, operator))
    patches = geometry(graph, operator).patches(centred, outside=0)
    weights, count = int64(weighted.weights_data(graph, operator)), groups(graph, operator)
    pairs = zip(np.split(patches, count, axis=4), np.split(weights, count), strict=True)
    parts = [np.tensordot(patch, part, axes=((2, 3, 4), (1, 2, 3))) for patch, part in pairs]
    sums = np.concatenate(parts, axis=2) + int64(_bias(graph, operator))
    scales = [quantise_multiplier(factor) for factor in _factors(graph, operator)]
    up = weighted.halves_up(graph, operator)
    columns = [weighted.rounded_twice(sums[..., i], *scale, i < up) for i, scale in enumerate(scales)]
    limits = activation_range(operator.options["fused_activation_function"], target)
    return clamp_int8(np.stack(columns, axis=-1) + zero_point(target), *limits).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Straight line along a line; every kernel with every way to requantise."""
    weights, windows = matrix(graph, operator), geometry(graph, operator)
    if groups(graph, operator) > 1:
        fill = zero_point(data_tensor(graph, operator))
        grouped = Groups(windows, groups(graph, operator), weights, fill)
        return grouped_implementations(grouped, outputs(graph, operator))
    sums = outputs(graph, operator)
    extra = window_positions.extra(windows, weights.shape[1])
    fill = zero_point(data_tensor(graph, operator))
    of_all = weights, sums, fill
    lined = conv.stored(window_positions.dilated_line(windows), *of_all)
    straight = fast_conv.beside(lined, fast_conv.stored(window_positions.line(windows), *of_all))
    by_words = word_layers.stored(windows, weights, sums, fill)
    rows = (
        weighted.row_implementation(
            kernel,
            way,
            _cycles(windows, kernel, way, weights.shape),
            partial(_emit, graph, operator, kernel, way),
            extra,
        )
        for kernel, way in row_ways(weights, sums, requantisers(sums))
    )
    return (*straight, *by_words, *rows)


def _cycles(windows: Window, kernel: RowKernel, way: Requantiser, shape: tuple[int, ...]) -> int:
    return window_positions.cycles(
        windows,
        row_cycles(kernel, way, (shape[0], shape[1]), aligned=True),
        row_cycles(kernel, way, (shape[0], shape[1]), aligned=False),
    )


def _emit(graph: Graph, operator: Operator, kernel: RowKernel, way: Requantiser, label: str) -> Emission:
    count, inputs = matrix(graph, operator).shape
    windows, fill = geometry(graph, operator), zero_point(data_tensor(graph, operator))
    constants = (
        weighted.range_comment(outputs(graph, operator))
        + kernel.constants(label)
        + way.constants(label)
        + window_positions.patch_constants(windows, label, fill, repeat=1)
    )
    calls = partial(row_calls, kernel, way, label, (count, inputs))
    lines = window_positions.loops(windows, label, count, calls)
    return Emission(constants, weighted.body([*sums_declared(kernel, count), *lines]))

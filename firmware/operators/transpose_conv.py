"""TRANSPOSE_CONV: int8 activation, int8 weights (outputs, height, width, inputs), int32 bias. Rounds twice.

Of the taps of the kernel an output sees every ``stride``-th, and which ones follows from its place alone. So
the layer is an ordinary convolution of stride 1 for each phase of the stride, whose outputs lie a stride
apart: no multiplication with a zero that a wider input would hold.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    activation_range,
    clamp_int8,
    quantise_multiplier,
    requantise,
    weighted_scales,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator

from .moving.shapes import constant_integers
from .parts import weighted, window_positions
from .parts.interface import Emission, Implementation, data_tensor, int64, output_tensor, require
from .parts.outputs import Outputs, Requantiser
from .parts.requantisation import requantisers
from .parts.row_kernels import RowKernel, row_calls, row_cycles, row_kernels, same_kernels, stack_words
from .parts.weighted import Extra, loop
from .parts.window import Window

IN_PLACE: bool = False
ALIAS: bool = False

_SHAPE, _WEIGHTS, _DATA, _BIAS = range(4)
_CHANNEL_AXIS: Final = 0
_SAME: Final = 0
_PHASE_CYCLES: Final = 7
_TURN_CYCLES: Final = 9
_ROW_CYCLES: Final = 6


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The activation: behind the output's shape and the weights."""
    return (_DATA,)


def _as_convolution(operator: Operator) -> Operator:
    """The operator with its inputs in a convolution's order."""
    bias = operator.inputs[_BIAS] if len(operator.inputs) > _BIAS else -1
    return replace(operator, inputs=(operator.inputs[_DATA], operator.inputs[_WEIGHTS], bias))


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, geometry, and that no sum leaves int32."""
    conv, target = _as_convolution(operator), output_tensor(graph, operator).shape
    weighted.check_weights(graph, conv, place, _CHANNEL_AXIS)
    source, weights = data_tensor(graph, conv).shape, weighted.weights_tensor(graph, conv).shape
    require(
        len(source) == len(target) == len(weights) == 4 and source[0] == target[0] == 1,
        place,
        f"input {source}, weights {weights} and output {target} must have 4 dimensions and a batch of 1",
    )
    shape = constant_integers(graph, operator, place, _SHAPE, "shape")
    require(tuple(shape) == target, place, f"its output is {target}, not {tuple(shape)}")
    require(
        source[3] == weights[3] and target[3] == weights[0],
        place,
        f"weights {weights} cannot make {target[3]} channels of {source[3]}",
    )
    options = operator.options
    padding = options["padding"]
    require(padding in (0, 1), place, f"the padding {padding} is neither SAME nor VALID")
    for axis, letter in enumerate("hw", 1):
        stride, kernel = options[f"stride_{letter}"], weights[axis]
        require(stride > 0, place, f"has the stride {stride}; strides start at 1")
        reach = 1 if padding == _SAME else kernel
        expected = (target[axis] + stride - reach) // stride
        require(source[axis] == expected, place, f"input {source} does not follow from output {target}")
    for phase in _phases(graph, operator):
        weighted.check_sums(place, phase.outputs)


def macs(graph: Graph, operator: Operator) -> int:
    """Every weight at every position of the input."""
    conv = _as_convolution(operator)
    _, height, width, _ = data_tensor(graph, conv).shape
    return height * width * weighted.weights_tensor(graph, conv).size


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF: every input adds its products to the outputs that it reaches."""
    conv, target = _as_convolution(operator), output_tensor(graph, operator)
    source, weights = data_tensor(graph, conv), int64(weighted.weights_data(graph, conv))
    centred = int64(data[0]).reshape(source.shape[1:]) - zero_point(source)
    strides, paddings = _strides(operator), _paddings(graph, operator)
    frame = [
        kernel + stride * extent
        for kernel, stride, extent in zip(weights.shape[1:3], strides, source.shape[1:3], strict=True)
    ]
    sums = np.zeros((*frame, target.shape[3]), np.int64)
    for y, x in np.ndindex(*weights.shape[1:3]):
        rows, columns = (
            slice(first, first + stride * extent, stride)
            for first, stride, extent in zip((y, x), strides, source.shape[1:3], strict=True)
        )
        sums[rows, columns] += centred @ weights[:, y, x].T
    inside = np.zeros(target.shape[1:], np.int64)
    part = sums[paddings[0] :, paddings[1] :][: inside.shape[0], : inside.shape[1]]
    inside[: part.shape[0], : part.shape[1]] = part
    return _rounded(graph, conv, inside)


def _rounded(graph: Graph, conv: Operator, sums: NDArray[np.int64]) -> NDArray[Any]:
    target = output_tensor(graph, conv)
    total = sums + int64(weighted.bias_data(graph, conv, sums.shape[-1]))
    scales = [quantise_multiplier(factor) for factor in weighted_scales(graph, conv, sums.shape[-1])]
    columns = [requantise(total[..., i], *scale) for i, scale in enumerate(scales)]
    limits = activation_range(conv.options["fused_activation_function"], target)
    return clamp_int8(np.stack(columns, axis=-1) + zero_point(target), *limits).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Every kernel that the longest rows can have, for all phases where it is exact."""
    phases = list(_phases(graph, operator))
    kernels = [row_kernels(phase.matrix) for phase in phases]
    longest = max(range(len(phases)), key=lambda number: phases[number].matrix.shape[1])
    return tuple(
        _implementation(graph, operator, [_Layer(*pair) for pair in zip(phases, chosen, strict=True)])
        for chosen in same_kernels(kernels, longest)
    )


@dataclass(frozen=True, slots=True)
class _Phase:
    """The outputs from ``first`` (row, column) on, ``stride`` apart: an ordinary convolution."""

    window: Window
    first: tuple[int, int]
    stride: tuple[int, int]
    matrix: NDArray[np.int8]
    outputs: Outputs


class _Layer:
    """A phase with its kernel and the fastest way to requantise."""

    def __init__(self, phase: _Phase, kernel: RowKernel) -> None:
        self.phase, self.kernel = phase, kernel
        self.way: Requantiser = requantisers(phase.outputs)[0]

    @property
    def cycles(self) -> int:
        """Of all positions."""
        window, shape = self.phase.window, self.phase.matrix.shape
        row = row_cycles(self.kernel, self.way, (shape[0], shape[1]), aligned=True)
        turns = window.positions * (row + _TURN_CYCLES) + window.target[0] * _ROW_CYCLES + _PHASE_CYCLES
        return turns + window_positions.channel_copy_cycles(window, window.source[2])

    def definitions(self, label: str, fill: int) -> str:
        """Weights, scales and LABEL_patch."""
        patch = window_positions.patch_constant(self.phase.window, label, fill, repeat=1)
        comment = weighted.range_comment(self.phase.outputs)
        return comment + self.kernel.constants(label) + self.way.constants(label) + patch

    def lines(self, label: str) -> list[str]:
        """The loops over its outputs."""
        phase, (count, inputs) = self.phase, self.phase.matrix.shape
        (top, left), (first_y, first_x) = phase.window.padding, phase.first
        copy = f"zerotap_patch(input, &{label}_patch, y - {top}, x - {left}, scratch);"
        row, column = f"({phase.stride[0]} * y + {first_y})", f"{phase.stride[1]} * x + {first_x}"
        # The whole output's width is not the phase's.
        output = f"output + {count} * (WIDTH * {row} + {column})"
        calls = row_calls(self.kernel, self.way, label, (count, inputs), "scratch", output)
        rows, columns, _ = phase.window.target
        return loop("y", 0, rows, loop("x", 0, columns, [copy, *calls]))


def _implementation(graph: Graph, operator: Operator, layers: list[_Layer]) -> Implementation:
    runtime = {name for layer in layers for name in (layer.kernel.function, layer.way.function)}
    first = layers[0]
    extra = Extra(
        tuple(sorted({"zerotap_patch"} | runtime)),
        4 * 9 * len(layers)
        + sum(layer.kernel.weight_bytes + layer.way.constant_bytes for layer in layers)
        - first.kernel.weight_bytes
        - first.way.constant_bytes,
        max(layer.phase.matrix.shape[1] for layer in layers),
    )
    cycles = sum(layer.cycles for layer in layers)
    emit = partial(_emit, graph, operator, layers)
    return weighted.row_implementation(first.kernel, first.way, cycles, emit, extra)


def _emit(graph: Graph, operator: Operator, layers: list[_Layer], label: str) -> Emission:
    fill = zero_point(data_tensor(graph, _as_convolution(operator)))
    target = output_tensor(graph, operator).shape
    labels = [f"{label}_{number}" for number in range(len(layers))]
    pairs = list(zip(layers, labels, strict=True))
    constants = "".join(layer.definitions(name, fill) for layer, name in pairs)
    lines = [line.replace("WIDTH", str(target[2])) for layer, name in pairs for line in layer.lines(name)]
    return Emission(constants, weighted.body([f"int32_t sums[{stack_words(target[3])}];", *lines]))


def _strides(operator: Operator) -> tuple[int, int]:
    return operator.options["stride_h"], operator.options["stride_w"]


def _paddings(graph: Graph, operator: Operator) -> tuple[int, int]:
    """Those of the convolution that goes from the output to the input (ComputePaddingHeightWidth)."""
    conv, target = _as_convolution(operator), output_tensor(graph, operator).shape
    source, kernel = data_tensor(graph, conv).shape, weighted.weights_tensor(graph, conv).shape
    vertical, horizontal = (
        max((source[axis] - 1) * stride + kernel[axis] - target[axis], 0) // 2
        for axis, stride in enumerate(_strides(operator), 1)
    )
    return vertical, horizontal


@dataclass(frozen=True, slots=True)
class _Axis:
    """One phase along one axis: ``taps`` of the kernel in the input's order, ``padding`` before it."""

    first: int
    outputs: int
    taps: list[int]
    padding: int


def _axes(graph: Graph, operator: Operator, axis: int) -> list[_Axis]:
    """The phases along an axis: 0 for rows, 1 for columns."""
    stride, padding = _strides(operator)[axis], _paddings(graph, operator)[axis]
    extent = output_tensor(graph, operator).shape[axis + 1]
    kernel = weighted.weights_tensor(graph, _as_convolution(operator)).shape[axis + 1]
    found = []
    for first in range(min(stride, extent)):
        nearest, tap = divmod(first + padding, stride)
        taps = list(range(tap, kernel, stride))[::-1]
        outputs = -(-(extent - first) // stride)
        found.append(_Axis(first, outputs, taps, max(len(taps), 1) - 1 - nearest))
    return found


def _phases(graph: Graph, operator: Operator) -> Iterator[_Phase]:
    conv, channels = _as_convolution(operator), output_tensor(graph, operator).shape[3]
    source = data_tensor(graph, conv).shape
    bias, factors = weighted.bias_data(graph, conv, channels), weighted_scales(graph, conv, channels)
    for rows, columns in itertools.product(_axes(graph, operator, 0), _axes(graph, operator, 1)):
        weights = _part(weighted.weights_data(graph, conv), rows.taps, columns.taps)
        window = Window(
            (source[1], source[2], source[3]),
            (rows.outputs, columns.outputs, channels),
            (weights.shape[1], weights.shape[2]),
            (1, 1),
            (1, 1),
            (rows.padding, columns.padding),
        )
        matrix = weights.reshape(channels, -1)
        outputs = weighted.outputs(graph, conv, matrix, bias, factors, once=False)
        yield _Phase(window, (rows.first, columns.first), _strides(operator), matrix, outputs)


def _part(weights: NDArray[np.int8], rows: list[int], columns: list[int]) -> NDArray[np.int8]:
    """The weights of some taps; one tap of zeros along an axis where the stride leaves none."""
    part = weights[:, rows][:, :, columns]
    missing = [(0, 0), (0, int(not rows)), (0, int(not columns)), (0, 0)]
    return np.pad(part, missing)

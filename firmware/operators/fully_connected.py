"""FULLY_CONNECTED: int8 activation, int8 weights (outputs, inputs), int32 bias.

TensorFlow 2.21's BUILTIN_REF scales the sum in double precision and rounds once, halves away from zero;
TensorFlow Lite Micro rounds twice, as in every other operator. So do TensorFlow's builtin kernels, which are
the oracle where a model has an operator that the reference kernels refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    activation_range,
    clamp_int8,
    quantise_multiplier,
    requantise_real,
    weighted_scales,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator

from .parts import weighted
from .parts.interface import Emission, Implementation, data_tensor, first_input, int64, output_tensor, require
from .parts.nonzero import COLLECT, NONZERO, collect_call, collect_cycles, list_bytes, nonzero_kernel
from .parts.outputs import Outputs, Requantiser
from .parts.placement import in_arena
from .parts.requantisation import requantisers
from .parts.row_kernels import RowKernel, row_calls, row_cycles, row_kernels, row_ways, sums_declared
from .straight import dense
from .word_rows import layers as word_layers

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_BIAS_OFF_MAX = 0.02
_CHANNEL_AXIS: Final = 0
# The layer's function and, for each row, its loop: fitted to arm-none-eabi-gcc 12 -O2.
_LAYER_CYCLES: Final = 1
_ROW_CYCLES: Final = 12


def _factors(graph: Graph, operator: Operator) -> list[float]:
    return weighted_scales(graph, operator, weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS])


def _rounds_once(graph: Graph) -> bool:
    return graph.oracle == "tflite" and graph.has_reference_kernels


def _bias(graph: Graph, operator: Operator) -> NDArray[np.int32]:
    return weighted.bias_data(graph, operator, weighted.weights_tensor(graph, operator).shape[0])


def outputs(graph: Graph, operator: Operator) -> Outputs:
    """What the raw sums become."""
    weights = weighted.weights_data(graph, operator)
    bias = _bias(graph, operator)
    return weighted.outputs(graph, operator, weights, bias, _factors(graph, operator), _rounds_once(graph))


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, and that no sum leaves int32."""
    weighted.check_weights(graph, operator, place, _CHANNEL_AXIS)
    weights = weighted.weights_tensor(graph, operator)
    require(len(weights.shape) == 2, place, f"the weights have the shape {weights.shape}, not 2 dimensions")
    require(
        operator.options["weights_format"] == 0, place, "the weights are shuffled; convert the model again"
    )
    count, inputs = weights.shape
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    rows = source.size // inputs
    require(
        source.size == rows * inputs and target.size == rows * count,
        place,
        f"weights {weights.shape} do not lead from {source.shape} to {target.shape}",
    )
    _check_bias_scale(graph, operator, place)
    weighted.check_sums(place, outputs(graph, operator))


def _check_bias_scale(graph: Graph, operator: Operator, place: str) -> None:
    """Require what TensorFlow's own kernel does, which takes several scales of a bias for none at all."""
    weights = weighted.weights_tensor(graph, operator)
    if weights.scale.size != 1 or len(operator.inputs) < 3 or operator.inputs[2] == -1:
        return
    bias = graph.tensors[operator.inputs[2]]
    scale = float(bias.scale[0]) if bias.scale.size == 1 else 0.0
    product = float(data_tensor(graph, operator).scale[0]) * float(weights.scale[0])
    require(
        abs(product - scale) / float(output_tensor(graph, operator).scale[0]) <= _BIAS_OFF_MAX,
        place,
        f"its bias has the scales {bias.scale.tolist()[:3]}, its sums {product:.6g}; TensorFlow itself "
        f"refuses that (scale_diff / output_scale <= {_BIAS_OFF_MAX} was not true), so there are no bits to "
        "be equal to: give the float model to `zerotap quantise`",
    )


def macs(graph: Graph, operator: Operator) -> int:
    """One multiply-accumulate a weight and row."""
    outputs = weighted.weights_tensor(graph, operator).shape[0]
    return data_tensor(graph, operator).size * outputs


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    (values,) = data
    weights = int64(weighted.weights_data(graph, operator))
    target = output_tensor(graph, operator)
    rows = int64(values).reshape(-1, weights.shape[1]) - zero_point(data_tensor(graph, operator))
    sums = rows @ weights.T + int64(_bias(graph, operator))
    factors = _factors(graph, operator)
    columns = [_rounded(graph, operator, sums, i, factor) for i, factor in enumerate(factors)]
    limits = activation_range(operator.options["fused_activation_function"], target)
    return clamp_int8(np.stack(columns, axis=1) + zero_point(target), *limits).reshape(target.shape)


def _rounded(
    graph: Graph, operator: Operator, sums: NDArray[np.int64], output: int, factor: float
) -> NDArray[np.int64]:
    if _rounds_once(graph):
        return requantise_real(sums[:, output], factor)
    up = output < weighted.halves_up(graph, operator)
    return weighted.rounded_twice(sums[:, output], *quantise_multiplier(factor), up)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Every kernel with every way to requantise."""
    weights = weighted.weights_data(graph, operator)
    rows = data_tensor(graph, operator).size // weights.shape[1]
    results = outputs(graph, operator)
    ways = requantisers(results)
    every = (
        weighted.row_implementation(
            kernel,
            way,
            _cycles(rows, kernel, way, weights.shape),
            partial(_emit, graph, operator, kernel, way),
        )
        for kernel, way in row_ways(weights, results, ways)
    )
    straight = dense.implementations(weights, results, rows, in_arena(graph, operator.inputs[0]))
    by_words = word_layers.dense(weights, results, rows)
    return (*straight, *every, *by_words, *_skipping(graph, operator, ways))


def _skipping(graph: Graph, operator: Operator, ways: list[Requantiser]) -> Iterator[Implementation]:
    """Those whose time depends on how many inputs are the zero point, where they pay if three in four are."""
    weights, source = weighted.weights_data(graph, operator), data_tensor(graph, operator)
    kernel, (outputs, inputs) = nonzero_kernel(weights, zero_point(source)), weights.shape
    usual = row_kernels(weights)[0].cycles(inputs, outputs, True)
    if kernel is None or kernel.cycles(inputs // 4, outputs, True) + collect_cycles(inputs // 4) > usual:
        return
    rows = source.size // inputs
    extra = weighted.Extra((COLLECT,), scratch_bytes=list_bytes(inputs))
    for way in ways:
        cycles = _cycles(rows, kernel, way, weights.shape) + rows * collect_cycles(inputs)
        emit = partial(_emit, graph, operator, kernel, way)
        yield replace(weighted.row_implementation(kernel, way, cycles, emit, extra), skips_zeros=True)


def _cycles(rows: int, kernel: RowKernel, way: Requantiser, shape: tuple[int, ...]) -> int:
    outputs, inputs = shape
    aligned = sum(row * inputs % 4 == 0 for row in range(rows))
    calls = [row_cycles(kernel, way, (outputs, inputs), each) for each in (True, False)]
    loop = _ROW_CYCLES * rows if rows > 1 else 0
    return _LAYER_CYCLES + aligned * calls[0] + (rows - aligned) * calls[1] + loop


def _emit(graph: Graph, operator: Operator, kernel: RowKernel, way: Requantiser, label: str) -> Emission:
    count, inputs = weighted.weights_tensor(graph, operator).shape
    rows = data_tensor(graph, operator).size // inputs
    constants = (
        weighted.range_comment(outputs(graph, operator)) + kernel.constants(label) + way.constants(label)
    )
    at = ("input", "output") if rows == 1 else (f"input + {inputs} * row", f"output + {count} * row")
    declared, collected = sums_declared(kernel, count), []
    if kernel.function == NONZERO:
        declared += ["uint32_t *list = (uint32_t *)(void *)scratch;"]
        collected = [collect_call(at[0], zero_point(data_tensor(graph, operator)), inputs)]
        at = ("list", at[1])
    calls = collected + row_calls(kernel, way, label, (count, inputs), *at)
    lines = weighted.loop("row", 0, rows, calls) if rows > 1 else calls
    return Emission(constants, weighted.body([*declared, *lines]))

"""Narrower weights inside a legal int8 .tflite: a coarser scale, so that fewer bits hold every weight.

Narrow weights buy speed where a kernel multiplies two of them at once, and flash where they are packed. The
file stays what every int8 runtime takes: a weight is still a byte, and only scales and biases change.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator, Tensor

from .rewriting import readers, with_tensors

INT8_BITS: Final = 8
WEIGHT_BITS_MIN: Final = 4

_WEIGHTED: Final = ("FULLY_CONNECTED", "CONV_2D", "DEPTHWISE_CONV_2D")
_BIAS_MAX: Final = (1 << 31) - 1


def narrow(graph: Graph, bits: int, floats: Sequence[NDArray[Any]] = ()) -> Graph:
    """Bring every |weight| of FULLY_CONNECTED, CONV_2D and DEPTHWISE_CONV_2D to at most 2**(bits-1) - 1.

    Each scale grows by what the channel's largest weight needs; a bias keeps its value at the scale
    input * weight. An embedding's table, whose scale is its output's, is narrowed where MEAN alone reads
    that output: MEAN takes any scale. Other activations stay as they are.

    Args:
        graph: Full int8.
        bits: 4 to 8.
        floats: Constants of the float model. Weights are taken from the one that the int8 weights were made
            from, and from the int8 weights themselves where there is none.
    """
    limit = (1 << (bits - 1)) - 1
    changed: dict[int, Tensor] = {}
    for operator in graph.operators:
        if not is_narrowed(graph, operator) or operator.inputs[1] in changed:
            continue
        weights = graph.tensors[operator.inputs[1]]
        narrowed = _narrowed(weights, limit, floats)
        changed[weights.index] = narrowed
        for bias, source in _biases(graph, weights):
            changed[bias.index] = _rescaled(bias, source, narrowed)
    for operator in graph.operators:
        if _is_bag(graph, operator):
            changed |= _narrowed_table(graph, operator, limit, floats)
    return with_tensors(graph, changed)


def wider_than(graph: Graph, bits: int) -> list[str]:
    """The names of int8 constants that need more than ``bits`` bits."""
    limit = (1 << (bits - 1)) - 1
    int8 = [tensor for tensor in graph.tensors if tensor.dtype == "int8" and tensor.data is not None]
    return [tensor.name for tensor in int8 if np.max(np.abs(np.asarray(tensor.data, np.int16))) > limit]


def is_narrowed(graph: Graph, operator: Operator) -> bool:
    """Whether an operator's weights are constants whose scale can be chosen freely.

    They cannot where a GATHER reads them too, or where one bias serves several operators.
    """
    if operator.name not in _WEIGHTED or len(operator.inputs) < 2 or min(operator.inputs[:2]) < 0:
        return False
    weights = graph.tensors[operator.inputs[1]]
    users = list(readers(graph, weights.index))
    biases = list(_biases(graph, weights))
    return (
        weights.dtype == "int8"
        and weights.data is not None
        and weights.scale.size > 0
        and not np.any(weights.zero_point)
        and all(user.name in _WEIGHTED and position == 1 for user, position in users)
        and all(_is_free(graph, bias, source, weights) for bias, source in biases)
    )


def _is_bag(graph: Graph, operator: Operator) -> bool:
    """Whether a GATHER's constant table is its own, and its output MEAN's alone."""
    if operator.name != "GATHER" or operator.inputs[0] < 0 or operator.outputs[0] in graph.outputs:
        return False
    table, output = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    taken = [user.name for user, _ in readers(graph, output.index)]
    return (
        table.dtype == "int8"
        and table.data is not None
        and table.scale.size == output.scale.size == 1
        and len(list(readers(graph, table.index))) == 1
        and taken == ["MEAN"]
    )


def _narrowed_table(
    graph: Graph, operator: Operator, limit: int, floats: Sequence[NDArray[Any]]
) -> dict[int, Tensor]:
    """The table and the GATHER's output, both of the new scale and the zero point 0."""
    table, output = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    assert table.data is not None
    if np.max(np.abs(table.data.astype(np.int64))) <= limit:
        return {}
    exact = _exact(table, floats)
    scale = np.atleast_1d(np.max(np.abs(exact)) / limit).astype(np.float32).astype(np.float64)
    integers = np.clip(np.rint(exact / scale), -limit, limit).astype(np.int8)
    zero_point = np.zeros(1, np.int64)
    narrowed = replace(table, scale=scale, zero_point=zero_point, data=integers)
    return {table.index: narrowed, output.index: replace(output, scale=scale, zero_point=zero_point)}


def _is_free(graph: Graph, bias: Tensor, source: Tensor, weights: Tensor) -> bool:
    """Whether a bias is one layer's own, at the scale of its sums."""
    own = len(list(readers(graph, bias.index))) == 1
    scales = (source.scale.size, bias.scale.size)
    return own and bias.data is not None and scales == (1, weights.scale.size)


def _biases(graph: Graph, weights: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """The biases that are added to sums of these weights, each with the layer's input."""
    for operator, _ in readers(graph, weights.index):
        if len(operator.inputs) > 2 and operator.inputs[2] >= 0:
            yield graph.tensors[operator.inputs[2]], graph.tensors[operator.inputs[0]]


def _narrowed(weights: Tensor, limit: int, floats: Sequence[NDArray[Any]]) -> Tensor:
    exact = _exact(weights, floats)
    axes = tuple(axis for axis in range(exact.ndim) if axis != weights.channel_axis)
    largest = np.max(np.abs(exact), axis=axes) if weights.scale.size > 1 else np.max(np.abs(exact))
    # A channel of zeros keeps its scale; float32 is what the file holds.
    scale = np.where(largest > 0, np.reshape(largest, -1) / limit, weights.scale).astype(np.float32)
    integers = np.rint(exact / _along(scale.astype(np.float64), weights))
    return replace(
        weights,
        scale=scale.astype(np.float64),
        data=np.clip(integers, -limit, limit).astype(np.int8),
    )


def _along(scale: NDArray[np.float64], weights: Tensor) -> NDArray[np.float64]:
    """Scales in the shape that broadcasts along the weights' channels."""
    shape = [1] * len(weights.shape)
    if scale.size > 1:
        shape[weights.channel_axis] = -1
    return scale.reshape(shape)


def _exact(weights: Tensor, floats: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """The float weights that int8 weights were rounded from, or else what the int8 weights stand for."""
    assert weights.data is not None
    scale = _along(weights.scale, weights)
    own = (weights.data - _along(weights.zero_point.astype(np.float64), weights)) * scale
    for candidate in floats:
        if candidate.dtype == np.float32 and candidate.shape == weights.shape:
            exact: NDArray[np.float64] = candidate.astype(np.float64)
            # Half a step, and a little for the rounding of scale and quotient to float32.
            if np.all(np.abs(exact - own) <= 0.5001 * scale):
                return exact
    return own


def _rescaled(bias: Tensor, source: Tensor, weights: Tensor) -> Tensor:
    """The bias at the scale of the new sums; int32, as the reference kernels take it."""
    assert bias.data is not None
    values = bias.data * bias.scale
    scale = np.float32(source.scale[0]) * weights.scale.astype(np.float32)
    integers = np.clip(np.rint(values / scale.astype(np.float64)), -_BIAS_MAX, _BIAS_MAX)
    return replace(bias, scale=scale.astype(np.float64), data=integers.astype(bias.dtype))

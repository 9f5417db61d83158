"""What the operators with weights, a bias and a sum per output have in common."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import c_source
from ..fixed_point import INT8_MAX, INT8_MIN, activation_range, check_left_shift, zero_point
from ..graph import Graph, Operator, Tensor
from .interface import data_tensor, output_tensor, require, require_constant, require_int8

Scales = list[tuple[int, int]]


def weights_tensor(graph: Graph, operator: Operator) -> Tensor:
    """The weights, which every such operator has as its second input."""
    return graph.tensors[operator.inputs[1]]


def weights_data(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    """The weights' values."""
    data = weights_tensor(graph, operator).data
    assert data is not None
    return data


def bias_data(graph: Graph, operator: Operator, channels: int) -> NDArray[np.int32]:
    """The bias, zeros where the model has none."""
    index = operator.inputs[2] if len(operator.inputs) > 2 else -1
    data = graph.tensors[index].data if index != -1 else None
    return np.zeros(channels, np.int32) if data is None else data


def check_weights(graph: Graph, operator: Operator, place: str, channel_axis: int) -> None:
    """Check types and scales of activation, weights and bias."""
    require(len(operator.inputs) in (2, 3), place, f"has {len(operator.inputs)} inputs, not 2 or 3")
    require_int8(place, data_tensor(graph, operator), output_tensor(graph, operator))
    weights = weights_tensor(graph, operator)
    require_constant(place, "weights", weights, "int8")
    channels = weights.shape[channel_axis] if len(weights.shape) > channel_axis else 0
    require(
        weights.scale.size == 1 or (weights.scale.size == channels and weights.channel_axis == channel_axis),
        place,
        f"the weights have {weights.scale.size} scales for {channels} output channels",
    )
    require(not weights.zero_point.any(), place, "the weights have a zero point other than 0")
    if len(operator.inputs) == 3 and operator.inputs[2] != -1:
        bias = require_constant(place, "bias", graph.tensors[operator.inputs[2]], "int32")
        require(bias.shape == (channels,), place, f"the bias has the shape {bias.shape}, not ({channels},)")
    activation_range(operator.options["fused_activation_function"], output_tensor(graph, operator))


def accumulator_bound(
    weights: NDArray[Any], bias: NDArray[Any], source: Tensor, channel_axis: int
) -> NDArray[np.int64]:
    """The largest magnitude that each channel's sum can take at any moment, whatever the input."""
    offset = zero_point(source)
    reach = max(INT8_MAX - offset, offset - INT8_MIN)
    axes = tuple(axis for axis in range(weights.ndim) if axis != channel_axis)
    magnitude: NDArray[np.int64] = np.abs(weights.astype(np.int64)).sum(axis=axes) * reach
    return magnitude + np.abs(bias.astype(np.int64))


def check_range(place: str, bounds: NDArray[np.int64], scales: Scales) -> None:
    """Prove that no sum, and no sum shifted left by its scale, leaves int32."""
    for channel, (bound, (_, shift)) in enumerate(zip(bounds.tolist(), scales, strict=True)):
        check_left_shift(f"{place}, output channel {channel}", bound, shift)


def weighted_bytes(graph: Graph, operator: Operator, channel_axis: int) -> int:
    """Weights of 1 byte; for each channel a bias (4), a multiplier (4) and a shift (1)."""
    weights = weights_tensor(graph, operator)
    return weights.size + 9 * weights.shape[channel_axis]


def scale_constants(label: str, bias: NDArray[np.int32], scales: Scales) -> str:
    """Definitions of LABEL_bias, LABEL_multipliers and LABEL_shifts."""
    return (
        c_source.array("int32_t", f"{label}_bias", bias)
        + c_source.array("int32_t", f"{label}_multipliers", [multiplier for multiplier, _ in scales])
        + c_source.array("int8_t", f"{label}_shifts", [shift for _, shift in scales])
    )


def scale_fields(graph: Graph, operator: Operator, label: str) -> dict[str, int | str]:
    """The struct fields that every kernel with weights has."""
    output = output_tensor(graph, operator)
    low, high = activation_range(operator.options["fused_activation_function"], output)
    return {
        "weights": f"{label}_weights",
        "bias": f"{label}_bias",
        "multipliers": f"{label}_multipliers",
        "shifts": f"{label}_shifts",
        "input_zero_point": zero_point(data_tensor(graph, operator)),
        "output_zero_point": zero_point(output),
        "output_min": low,
        "output_max": high,
    }

"""DEPTHWISE_CONV_2D: int8 activation, int8 weights (1, height, width, outputs), int32 bias. Rounds twice.

Output channel o reads input channel o // depth multiplier alone.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import c_source
from ..fixed_point import (
    activation_range,
    clamp_int8,
    quantise_multiplier,
    requantise,
    weighted_scales,
    zero_point,
)
from ..graph import Graph, Operator
from . import weighted
from .interface import Emission, Implementation, data_tensor, first_input, int64, output_tensor, require
from .window import Window, check_window, window

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_CHANNEL_AXIS: Final = 3


def _window(graph: Graph, operator: Operator) -> Window:
    _, height, width, _ = weighted.weights_tensor(graph, operator).shape
    return window(graph, operator, (height, width))


def _bias(graph: Graph, operator: Operator) -> NDArray[np.int32]:
    return weighted.bias_data(graph, operator, weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS])


def _scales(graph: Graph, operator: Operator) -> weighted.Scales:
    channels = weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS]
    return [quantise_multiplier(factor) for factor in weighted_scales(graph, operator, channels)]


def _bounds(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    weights = weighted.weights_data(graph, operator)
    source = data_tensor(graph, operator)
    return weighted.accumulator_bound(weights, _bias(graph, operator), source, _CHANNEL_AXIS)


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
    inputs, outputs = data_tensor(graph, operator).shape[3], output_tensor(graph, operator).shape[3]
    require(
        outputs == weights[3] == inputs * operator.options["depth_multiplier"],
        place,
        f"weights {weights} cannot lead from {inputs} to {outputs} channels",
    )
    weighted.check_range(place, _bounds(graph, operator), _scales(graph, operator))


def macs(graph: Graph, operator: Operator) -> int:
    """Every weight at every position, padding included."""
    weights = weighted.weights_tensor(graph, operator)
    return _window(graph, operator).positions * weights.size


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    target = output_tensor(graph, operator)
    centred = int64(values) - zero_point(data_tensor(graph, operator))
    patches = _window(graph, operator).patches(centred, outside=0)
    repeated = np.repeat(patches, _multiplier(graph, operator), axis=-1)
    weights = int64(weighted.weights_data(graph, operator))[0]
    sums = (repeated * weights).sum(axis=(2, 3)) + int64(_bias(graph, operator))
    columns = [requantise(sums[..., i], *scale) for i, scale in enumerate(_scales(graph, operator))]
    limits = activation_range(operator.options["fused_activation_function"], target)
    return clamp_int8(np.stack(columns, axis=-1) + zero_point(target), *limits).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """depthwise_conv_2d alone."""
    return (
        Implementation(
            "depthwise_conv_2d",
            ("zerotap_depthwise_conv_2d",),
            weighted.weighted_bytes(graph, operator, _CHANNEL_AXIS) + 4 * (14 + 11),
            0,
            partial(_emit, graph, operator),
        ),
    )


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_depthwise_conv_2d."""
    fields: dict[str, int | str] = {
        "window": f"&{label}_window",
        "depth_multiplier": _multiplier(graph, operator),
        **weighted.scale_fields(graph, operator, label),
    }
    bound = int(np.max(_bounds(graph, operator)))
    constants = (
        c_source.array("int8_t", f"{label}_weights", weighted.weights_data(graph, operator))
        + weighted.scale_constants(label, _bias(graph, operator), _scales(graph, operator))
        + _window(graph, operator).definition(label)
        + f"/* No sum can leave [-{bound}, {bound}]. */\n"
        + c_source.struct("zerotap_depthwise_conv_2d_t", label, fields)
    )
    body = f"zerotap_depthwise_conv_2d(input, &{label}, output);"
    return Emission(constants, body)

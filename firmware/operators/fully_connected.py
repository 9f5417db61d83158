"""FULLY_CONNECTED: int8 activation, int8 weights (outputs, inputs), int32 bias.

TensorFlow 2.21's BUILTIN_REF scales the sum in double precision and rounds once, halves away from zero. The
exporter looks for an integer multiplier that gives the same result for every sum that the layer can reach.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

from .. import c_source
from ..fixed_point import (
    INT8_MAX,
    INT8_MIN,
    activation_range,
    clamp_int8,
    exact_multiplier,
    quantise_multiplier,
    requantise_real,
    weighted_scales,
    zero_point,
)
from ..graph import Graph, Operator
from . import weighted
from .interface import Emission, Implementation, data_tensor, first_input, int64, output_tensor, require

data_inputs = first_input
IN_PLACE: bool = False
ALIAS: bool = False

_CHANNEL_AXIS: Final = 0


def _factors(graph: Graph, operator: Operator) -> list[float]:
    return weighted_scales(graph, operator, weighted.weights_tensor(graph, operator).shape[_CHANNEL_AXIS])


def _scales(graph: Graph, operator: Operator, place: str) -> weighted.Scales:
    offset = zero_point(output_tensor(graph, operator))
    reach = max(INT8_MAX - offset, offset - INT8_MIN) + 1
    scales = []
    bounds = _bounds(graph, operator).tolist()
    for channel, (factor, bound) in enumerate(zip(_factors(graph, operator), bounds, strict=True)):
        scale = exact_multiplier(factor, bound, reach)
        if scale is None:
            raise ModelError(
                f"{place}: no 31-bit multiplier rounds all sums up to {bound} of output channel {channel} as "
                "TensorFlow does; use fewer inputs or train the model again."
            )
        scales.append(scale)
    return scales


def _bias(graph: Graph, operator: Operator) -> NDArray[np.int32]:
    return weighted.bias_data(graph, operator, weighted.weights_tensor(graph, operator).shape[0])


def _bounds(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    weights = weighted.weights_data(graph, operator)
    source = data_tensor(graph, operator)
    return weighted.accumulator_bound(weights, _bias(graph, operator), source, _CHANNEL_AXIS)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, and that no sum leaves int32."""
    weighted.check_weights(graph, operator, place, _CHANNEL_AXIS)
    weights = weighted.weights_tensor(graph, operator)
    require(len(weights.shape) == 2, place, f"the weights have the shape {weights.shape}, not 2 dimensions")
    require(
        operator.options["weights_format"] == 0, place, "the weights are shuffled; convert the model again"
    )
    outputs, inputs = weights.shape
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    rows = source.size // inputs
    require(
        source.size == rows * inputs and target.size == rows * outputs,
        place,
        f"weights {weights.shape} do not lead from {source.shape} to {target.shape}",
    )
    nominal = [quantise_multiplier(factor) for factor in _factors(graph, operator)]
    weighted.check_range(place, _bounds(graph, operator), nominal)
    _scales(graph, operator, place)


def macs(graph: Graph, operator: Operator) -> int:
    """One multiply-accumulate a weight and row."""
    outputs = weighted.weights_tensor(graph, operator).shape[0]
    return data_tensor(graph, operator).size * outputs


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    weights = int64(weighted.weights_data(graph, operator))
    target = output_tensor(graph, operator)
    rows = int64(values).reshape(-1, weights.shape[1]) - zero_point(data_tensor(graph, operator))
    sums = rows @ weights.T + int64(_bias(graph, operator))
    columns = [requantise_real(sums[:, i], factor) for i, factor in enumerate(_factors(graph, operator))]
    limits = activation_range(operator.options["fused_activation_function"], target)
    return clamp_int8(np.stack(columns, axis=1) + zero_point(target), *limits).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """fully_connected alone."""
    return (
        Implementation(
            "fully_connected",
            ("zerotap_fully_connected",),
            weighted.weighted_bytes(graph, operator, _CHANNEL_AXIS) + 4 * 11,
            0,
            partial(_emit, graph, operator),
        ),
    )


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_fully_connected."""
    outputs, inputs = weighted.weights_tensor(graph, operator).shape
    fields: dict[str, int | str] = {
        "rows": data_tensor(graph, operator).size // inputs,
        "inputs": inputs,
        "outputs": outputs,
        **weighted.scale_fields(graph, operator, label),
    }
    bound = int(np.max(_bounds(graph, operator)))
    constants = (
        c_source.array("int8_t", f"{label}_weights", weighted.weights_data(graph, operator))
        + weighted.scale_constants(label, _bias(graph, operator), _scales(graph, operator, label))
        + f"/* No sum can leave [-{bound}, {bound}]. */\n"
        + c_source.struct("zerotap_fully_connected_t", label, fields)
    )
    body = f"zerotap_fully_connected(input, &{label}, output);"
    return Emission(constants, body)

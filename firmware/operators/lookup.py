"""LOGISTIC and TANH: a table of 256 outputs made at export, as TFLite makes its own at loading."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .. import c_source
from ..fixed_point import INT8_MAX, INT8_MIN, clamp_int8, zero_point
from ..graph import Graph, Operator
from .interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    int64,
    no_macs,
    output_tensor,
    require,
    require_int8,
)

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

# The one scale and zero point that TFLite lets each output have.
_OUTPUT: Final = {"LOGISTIC": (1 / 256, -128), "TANH": (1 / 128, 0)}


def _table(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    """Outputs for the inputs -128 to 127, computed in float32 as TFLite does."""
    source = data_tensor(graph, operator)
    steps = np.arange(INT8_MIN, INT8_MAX + 1) - zero_point(source)
    real = np.float32(source.scale[0]) * steps.astype(np.float32)
    with np.errstate(over="ignore"):
        value = np.tanh(real) if operator.name == "TANH" else 1 / (1 + np.exp(-real))
    scale, offset = _OUTPUT[operator.name]
    scaled = value / np.float32(scale)
    rounded = np.copysign(np.floor(np.abs(scaled) + np.float32(0.5)), scaled)
    return clamp_int8(rounded.astype(np.int64) + offset)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes and the output's scale."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    scale, offset = _OUTPUT[operator.name]
    require(
        float(target.scale[0]) == scale and zero_point(target) == offset,
        place,
        f"the output's scale is not {scale} or its zero point not {offset}; convert the model again",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    outputs: NDArray[Any] = _table(graph, operator)[int64(values) - INT8_MIN]
    return outputs.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup alone."""
    return (
        Implementation(
            "lookup", ("zerotap_lookup",), INT8_MAX - INT8_MIN + 1, 0, partial(_emit, graph, operator)
        ),
    )


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_lookup."""
    constants = c_source.array("int8_t", f"{label}_table", _table(graph, operator))
    body = f"zerotap_lookup(input, {data_tensor(graph, operator).size}, {label}_table, output);"
    return Emission(constants, body)

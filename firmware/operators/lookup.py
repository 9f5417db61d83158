"""LOGISTIC and TANH: a table of 256 outputs made at export, as TFLite makes its own at loading."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import c_source
from ..fixed_point import INT8_MAX, INT8_MIN, zero_point
from ..graph import Graph, Operator
from .activation_tables import FIXED_POINT_SCALE_MIN, OUTPUT, activation_table
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


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes and the output's scale."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    scale, offset = OUTPUT[operator.name]
    require(
        float(target.scale[0]) == scale and zero_point(target) == offset,
        place,
        f"the output's scale is not {scale} or its zero point not {offset}; convert the model again",
    )
    require(
        graph.oracle == "tflite" or float(source.scale[0]) >= FIXED_POINT_SCALE_MIN,
        place,
        "the input's scale is too small; calibrate the model again",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF, or to TensorFlow Lite Micro."""
    (values,) = data
    outputs: NDArray[Any] = activation_table(graph, operator)[int64(values) - INT8_MIN]
    return outputs.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup alone."""
    cycles = _cycles(data_tensor(graph, operator).size)
    entries = INT8_MAX - INT8_MIN + 1
    return (Implementation("lookup", ("zerotap_lookup",), entries, cycles, partial(_emit, graph, operator)),)


def _cycles(size: int) -> int:
    return 30 + 29 * (size // 4) + 10 * (size % 4)


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_lookup, which takes the inputs' bytes as unsigned."""
    table = np.roll(activation_table(graph, operator), INT8_MIN)
    constants = c_source.array("int8_t", f"{label}_table", table)
    body = f"zerotap_lookup(input, {data_tensor(graph, operator).size}, {label}_table, output);"
    return Emission(constants, body)

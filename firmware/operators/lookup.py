"""LOGISTIC and TANH: a table of 256 outputs made at export, as TFLite makes its own at loading."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import zero_point
from zerotap.firmware.graph import Graph, Operator

from .parts.activation_tables import FIXED_POINT_SCALE_MIN, OUTPUT, activation_table
from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.table import looked_up, table_implementation

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
    outputs = looked_up(activation_table(graph, operator), values)
    return outputs.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup alone."""
    return (table_implementation(graph, operator, activation_table(graph, operator)),)

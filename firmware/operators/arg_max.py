"""ARG_MAX at the model's end: where the largest value lies, the first of equals.

TFLite gives int32 or int64; on the board it is int32 (:mod:`..ends` makes it so in the graph).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.reduction import check_reduction, reduction

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, the axis and shapes, and that it is the last operator."""
    target = output_tensor(graph, operator)
    require_int8(place, data_tensor(graph, operator))
    check_reduction(graph, operator, place)
    require(
        target.index in graph.outputs and not any(target.index in each.inputs for each in graph.operators),
        place,
        "its indices go into another operator; zerotap takes ARG_MAX as a model's output only",
    )
    require(target.dtype == "int32", place, f"gives {target.dtype}, not int32 or int64")


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle, as int32."""
    values = data[0].reshape(reduction(graph, operator).shape)
    indices: NDArray[Any] = np.argmax(values, axis=1).astype(np.int32)
    return indices.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """arg_max alone."""
    outer, reduced, inner = reduction(graph, operator).shape
    # Fitted to arm-none-eabi-gcc 12 -O2.
    cycles = 62 + 27 * outer + outer * inner * (23 + 16 * (reduced - 1))
    return (Implementation("arg_max", ("zerotap_arg_max",), 0, cycles, partial(_emit, graph, operator)),)


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_arg_max."""
    geometry = reduction(graph, operator)
    sizes = f"{geometry.outer}, {geometry.reduced}, {geometry.inner}"
    return Emission("", f"zerotap_arg_max(input, {sizes}, output);")

"""RESHAPE, SQUEEZE, EXPAND_DIMS: the same bytes under another shape, so nothing runs."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_same_scale,
)

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = True


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check that size, type and scale stay."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    require(source.dtype == target.dtype, place, f"{source.dtype} cannot become {target.dtype}")
    require_same_scale(place, source, target)
    if operator.name == "RESHAPE" and len(operator.inputs) > 1:
        _check_shape(place, graph.tensors[operator.inputs[1]], target)


def _check_shape(place: str, shape: Tensor, target: Tensor) -> None:
    """TensorFlow goes by the constant, not by the output's shape."""
    if shape.data is None:
        return
    wanted = shape.data.ravel().tolist()
    known = math.prod(extent for extent in wanted if extent != -1)
    unknown = target.size // known if known > 0 else 0
    resolved = tuple(unknown if extent == -1 else extent for extent in wanted)
    require(resolved == target.shape, place, f"reshapes to {wanted}, its output is {target.shape}")


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The same values."""
    return data[0].reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Nothing: the plan gives both tensors the same place."""
    return (Implementation("none", (), 0, 0, lambda _: Emission("", "")),)

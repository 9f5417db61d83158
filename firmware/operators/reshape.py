"""RESHAPE, SQUEEZE, EXPAND_DIMS: the same bytes under another shape, so nothing runs."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ..graph import Graph, Operator
from .interface import Cost, Emission, data_tensor, output_tensor, require, require_same_scale

DATA_INPUTS: tuple[int, ...] = (0,)
IN_PLACE: bool = True
ALIAS: bool = True


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check that size, type and scale stay."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    require(source.dtype == target.dtype, place, f"{source.dtype} cannot become {target.dtype}")
    require_same_scale(place, source, target)


def cost(graph: Graph, operator: Operator) -> Cost:
    """Nothing."""
    return Cost(0, 0)


def reference(graph: Graph, operator: Operator, data: NDArray[Any]) -> NDArray[Any]:
    """The same values."""
    return data.reshape(output_tensor(graph, operator).shape)


def emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """Nothing: the plan gives both tensors the same place."""
    return Emission("", "", ())

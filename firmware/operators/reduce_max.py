"""REDUCE_MAX, which Keras's GlobalMaxPooling1D becomes: int8 to int8 with one scale."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from ..graph import Graph, Operator
from .interface import Cost, Emission, data_tensor, output_tensor, require_int8, require_same_scale
from .reduction import check_reduction, reduction

DATA_INPUTS: tuple[int, ...] = (0,)
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, axes, and that the scale stays."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require_same_scale(place, source, target)
    check_reduction(graph, operator, place)


def cost(graph: Graph, operator: Operator) -> Cost:
    """No multiply-accumulate, no weight."""
    return Cost(0, 0)


def reference(graph: Graph, operator: Operator, data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    maxima: NDArray[Any] = data.reshape(reduction(graph, operator).shape).max(axis=1)
    return maxima.reshape(output_tensor(graph, operator).shape)


def emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_reduce_max."""
    geometry = reduction(graph, operator)
    sizes = f"{geometry.outer}, {geometry.reduced}, {geometry.inner}"
    return Emission("", f"zerotap_reduce_max(input, {sizes}, output);", ("zerotap_reduce_max",))

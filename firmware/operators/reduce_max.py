"""REDUCE_MAX, which Keras's GlobalMaxPooling1D becomes: int8 to int8 with one scale."""

from __future__ import annotations

from functools import partial
from typing import Any

from numpy.typing import NDArray

from ..graph import Graph, Operator
from .interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require_int8,
    require_same_scale,
)
from .reduction import check_reduction, reduction

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, axes, and that the scale stays."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require_same_scale(place, source, target)
    check_reduction(graph, operator, place)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    maxima: NDArray[Any] = values.reshape(reduction(graph, operator).shape).max(axis=1)
    return maxima.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """reduce_max alone."""
    return (Implementation("reduce_max", ("zerotap_reduce_max",), 0, 0, partial(_emit, graph, operator)),)


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_reduce_max."""
    geometry = reduction(graph, operator)
    sizes = f"{geometry.outer}, {geometry.reduced}, {geometry.inner}"
    return Emission("", f"zerotap_reduce_max(input, {sizes}, output);")

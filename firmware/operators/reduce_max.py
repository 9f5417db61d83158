"""REDUCE_MAX, which Keras's GlobalMaxPooling1D becomes: int8 to int8 with one scale."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require_int8,
    require_same_scale,
)
from .parts.placement import in_arena
from .parts.pool_kernels import Pool, check_extents, max_implementations
from .parts.reduction import check_reduction, reduction
from .parts.window import Window

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
    check_extents(place, reduction(graph, operator).shape)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    maxima: NDArray[Any] = values.reshape(reduction(graph, operator).shape).max(axis=1)
    return maxima.reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """The largest value of windows that are as long as what collapses: MAX_POOL_2D's kernels."""
    outer, reduced, inner = reduction(graph, operator).shape
    once = (1, 1)
    window = Window((outer, reduced, inner), (outer, 1, inner), (1, reduced), once, once, (0, 0))
    aligned = in_arena(graph, operator.inputs[0], operator.outputs[0])
    return max_implementations(Pool(window, (INT8_MIN, INT8_MAX), aligned))

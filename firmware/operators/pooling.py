"""MAX_POOL_2D and AVERAGE_POOL_2D: int8 to int8 with one scale; nothing outside of the input counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MIN, activation_range, clamp_int8
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    int64,
    no_macs,
    output_tensor,
    require,
    require_int8,
    require_same_scale,
)
from .parts.placement import in_arena
from .parts.pool_kernels import Pool, average_implementations, check_extents, max_implementations
from .parts.window import Window, check_window, window

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def _kernel(operator: Operator) -> tuple[int, int]:
    return operator.options["filter_height"], operator.options["filter_width"]


def _window(graph: Graph, operator: Operator) -> Window:
    return window(graph, operator, _kernel(operator))


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, geometry, and that the scale stays."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    check_window(graph, operator, place, _kernel(operator))
    require(source.shape[3] == target.shape[3], place, f"{source.shape} cannot become {target.shape}")
    require_same_scale(place, source, target)
    check_extents(place, source.shape[1:])
    activation_range(operator.options["fused_activation_function"], target)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF; the average rounds halves away from zero."""
    (values,) = data
    geometry, target = _window(graph, operator), output_tensor(graph, operator)
    if operator.name == "MAX_POOL_2D":
        pooled = geometry.patches(int64(values), outside=INT8_MIN).max(axis=(2, 3))
    else:
        sums = geometry.patches(int64(values), outside=0).sum(axis=(2, 3))
        counts = geometry.patches(np.ones(values.size, np.int64), outside=0).sum(axis=(2, 3))
        pooled = np.sign(sums) * ((np.abs(sums) + counts // 2) // counts)
    limits = activation_range(operator.options["fused_activation_function"], target)
    return clamp_int8(pooled, *limits).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """By words where nothing is clipped, clamped or unaligned; else by bytes."""
    limits = activation_range(operator.options["fused_activation_function"], output_tensor(graph, operator))
    aligned = in_arena(graph, operator.inputs[0], operator.outputs[0])
    pool = Pool(_window(graph, operator), limits, aligned)
    return max_implementations(pool) if operator.name == "MAX_POOL_2D" else average_implementations(pool)

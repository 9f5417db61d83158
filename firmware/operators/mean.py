"""MEAN: int8 to int8 with another scale. TFLite folds the division into the multiplier and rounds twice."""

from __future__ import annotations

from functools import partial
from typing import Any

from numpy.typing import NDArray

from .. import c_source
from ..fixed_point import check_left_shift, clamp_int8, requantise, rescale, zero_point
from ..graph import Graph, Operator
from .interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    int64,
    no_macs,
    output_tensor,
    require_int8,
)
from .reduction import check_reduction, reduction

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def _scale(graph: Graph, operator: Operator) -> tuple[int, int]:
    multiplier, shift = rescale(data_tensor(graph, operator), output_tensor(graph, operator))
    count = reduction(graph, operator).reduced
    up = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << up) // count, shift - up


def _bound(graph: Graph, operator: Operator) -> int:
    return 255 * reduction(graph, operator).reduced


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, axes, and that no sum leaves int32."""
    require_int8(place, data_tensor(graph, operator), output_tensor(graph, operator))
    check_reduction(graph, operator, place)
    check_left_shift(place, _bound(graph, operator), _scale(graph, operator)[1])


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    geometry, target = reduction(graph, operator), output_tensor(graph, operator)
    sums = (int64(values).reshape(geometry.shape) - zero_point(data_tensor(graph, operator))).sum(axis=1)
    scaled = requantise(sums, *_scale(graph, operator))
    return clamp_int8(scaled + zero_point(target)).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """mean alone."""
    return (Implementation("mean", ("zerotap_mean",), 4 * 7, 0, partial(_emit, graph, operator)),)


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_mean."""
    geometry, (multiplier, shift) = reduction(graph, operator), _scale(graph, operator)
    fields: dict[str, int | str] = {
        "outer": geometry.outer,
        "reduced": geometry.reduced,
        "inner": geometry.inner,
        "multiplier": multiplier,
        "shift": shift,
        "input_zero_point": zero_point(data_tensor(graph, operator)),
        "output_zero_point": zero_point(output_tensor(graph, operator)),
    }
    bound = _bound(graph, operator)
    constants = f"/* No sum can leave [-{bound}, {bound}]. */\n" + c_source.struct(
        "zerotap_mean_t", label, fields
    )
    return Emission(constants, f"zerotap_mean(input, &{label}, output);")

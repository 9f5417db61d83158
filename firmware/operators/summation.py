"""SUM: int8 to int8 in another scale.

TFLite scales the sum in float32, rounds once and clamps; that is a step function of the raw sum, and one
scale equals it. (Its reference kernel reads int8 as unsigned: here the oracle is the builtin kernel.)
TensorFlow Lite Micro rounds twice, as in MEAN.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    check_left_shift,
    clamp_int8,
    requantise,
    rescale,
    zero_point,
)
from zerotap.firmware.arithmetic.scaling import WIDE_BITS, Rule, scale, thresholds
from zerotap.firmware.graph import Graph, Operator

from .column_sums import column_implementations
from .mean import check_columns
from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    int64,
    no_macs,
    output_tensor,
    require_int8,
)
from .parts.reduction import check_reduction, reduction
from .parts.requantisation import Rounding, UniformScale, uniform_scale

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

_NO_MIDDLE: Final = 0x8000  # below every scaled sum


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, axes, that no sum leaves int32, and that one scale equals the oracle's rounding."""
    require_int8(place, data_tensor(graph, operator), output_tensor(graph, operator))
    check_reduction(graph, operator, place)
    check_columns(graph, operator, place)
    _, shift = rescale(data_tensor(graph, operator), output_tensor(graph, operator))
    check_left_shift(place, 255 * reduction(graph, operator).reduced, shift)
    if not implementations(graph, operator):
        raise ModelError(f"{place}: no multiplier rounds all its sums as the oracle does; calibrate again.")


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    sums = int64(data[0]).reshape(reduction(graph, operator).shape).sum(axis=1)
    return _outputs(graph, operator, sums).reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Column sums, with one scale or in two roundings."""
    return column_implementations(graph, operator, _found(graph, operator), _rounding(graph, operator))


def _outputs(graph: Graph, operator: Operator, sums: NDArray[np.int64]) -> NDArray[np.int8]:
    """What raw sums become."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    if graph.oracle == "tflm":
        centred = sums - reduction(graph, operator).reduced * zero_point(source)
        return clamp_int8(requantise(centred, *rescale(source, target)) + zero_point(target))
    factor = np.float32(source.scale[0]) / np.float32(target.scale[0])
    count = np.float32(reduction(graph, operator).reduced)
    bias = np.float32(-zero_point(source)) * factor * count
    real = sums.astype(np.float32) * factor + bias
    rounded = np.trunc(real + np.copysign(np.float32(0.5), real)).astype(np.int64)
    return clamp_int8(rounded + zero_point(target))


def _ends(graph: Graph, operator: Operator) -> tuple[int, int]:
    """The smallest and the largest raw sum."""
    count = reduction(graph, operator).reduced
    return INT8_MIN * count, INT8_MAX * count


def _offset(graph: Graph, operator: Operator) -> int:
    """What a raw sum lacks."""
    return -reduction(graph, operator).reduced * zero_point(data_tensor(graph, operator))


def _rule(graph: Graph, operator: Operator) -> Rule:
    return lambda sums: _outputs(graph, operator, sums).astype(np.int64)


def _found(graph: Graph, operator: Operator) -> UniformScale | None:
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    ends = _ends(graph, operator)
    if graph.oracle == "tflm":
        return uniform_scale(rescale(source, target), _offset(graph, operator), ends, zero_point(target))
    factor = float(source.scale[0]) / float(target.scale[0])
    found = scale(_rule(graph, operator), *ends, factor, WIDE_BITS)
    return None if found is None else UniformScale(found, _NO_MIDDLE)


def _rounding(graph: Graph, operator: Operator) -> Rounding | None:
    """Two roundings, where they give every sum its result, as they do where one sum skips results."""
    scaling = rescale(data_tensor(graph, operator), output_tensor(graph, operator))
    offset, target = _offset(graph, operator), zero_point(output_tensor(graph, operator))

    def twice(sums: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.clip(requantise(sums + offset, *scaling) + target, INT8_MIN, INT8_MAX)

    ends = _ends(graph, operator)
    first, reached = thresholds(_rule(graph, operator), *ends)
    other_first, other_reached = thresholds(twice, *ends)
    if first != other_first or not np.array_equal(reached, other_reached):
        return None
    return Rounding([offset], [scaling], (target, INT8_MIN, INT8_MAX), once=False, uniform=True)

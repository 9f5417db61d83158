"""SOFTMAX over the last axis, int8 to int8 with scale 1/256 and zero point -128.

exp() of each of the 256 possible differences from the maximum is computed at export, in the fixed point of
TFLite's reference kernel; the board adds, inverts the sum by Newton's method and multiplies.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT32_MAX,
    clamp_int8,
    divide_by_power_of_two,
    quantise_multiplier,
    requantise,
)
from zerotap.firmware.arithmetic.gemmlowp import exp_of_negative, reciprocal
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    first_input,
    int64,
    no_macs,
    output_tensor,
    require,
    require_int8,
)

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

_DIFFERENCE_BITS: Final = 5
_SUM_BITS: Final = 12
_DIFFERENCES: Final = 256
# TFLite shifts by 32 bits and more where 512 classes share the maximum.
_DEPTH_MAX: Final = 511


def _input_factor(graph: Graph, operator: Operator) -> float:
    beta, scale = float(operator.options["beta"]), float(data_tensor(graph, operator).scale[0])
    return min(beta * scale * (1 << (31 - _DIFFERENCE_BITS)), float(INT32_MAX))


def is_too_fine(graph: Graph, operator: Operator) -> bool:
    """Whether the input is int8 of a scale so small that TFLite's kernels end their process on it."""
    source = data_tensor(graph, operator)
    return source.dtype == "int8" and source.scale.size == 1 and _input_factor(graph, operator) <= 1


def _table(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    """exp(-difference * scale * beta) in Q0.31 for as many differences as count, at most 256."""
    multiplier, shift = quantise_multiplier(_input_factor(graph, operator))
    radius = ((1 << _DIFFERENCE_BITS) - 1) * (1 << (31 - _DIFFERENCE_BITS)) // (1 << shift)
    differences = -np.arange(min(radius, 255) + 1, dtype=np.int64)
    return exp_of_negative(requantise(differences << shift, multiplier, 0), _DIFFERENCE_BITS)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes and scales."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.shape == target.shape and len(source.shape) > 0, place, "input and output differ in shape")
    require(source.shape[-1] <= _DEPTH_MAX, place, f"has more than {_DEPTH_MAX} classes, TFLite's own limit")
    require(
        float(target.scale[0]) == 1 / 256 and int(target.zero_point[0]) == -128,
        place,
        "the output's scale is not 1/256 or its zero point not -128; convert the model again",
    )
    require(
        not is_too_fine(graph, operator),
        place,
        "the input's scale is too small for TensorFlow's kernels; calibrate on windows whose outputs differ",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    rows = int64(values).reshape(-1, data_tensor(graph, operator).shape[-1])
    table = np.zeros(_DIFFERENCES, np.int64)
    known = _table(graph, operator)
    table[: known.size] = known
    exps = table[rows.max(axis=1, keepdims=True) - rows]
    outputs = []
    for row in exps:
        factor, over_unit = reciprocal(int(divide_by_power_of_two(row, _SUM_BITS).sum()), _SUM_BITS)
        outputs.append(clamp_int8(requantise(row, factor, -(over_unit + 31 - 8)) - 128))
    return np.stack(outputs).reshape(output_tensor(graph, operator).shape)


def _board_table(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    """The table with an end of 0 that stands for all differences beyond it."""
    table = _table(graph, operator)
    return table if table.size == _DIFFERENCES else np.append(table, 0)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """softmax alone."""
    source = data_tensor(graph, operator)
    depth = source.shape[-1]
    return (
        Implementation(
            "softmax",
            ("zerotap_softmax",),
            4 * _board_table(graph, operator).size + 4 * 4,
            _cycles(source.size // depth, depth),
            partial(_emit, graph, operator),
        ),
    )


def _cycles(rows: int, depth: int) -> int:
    return 48 + rows * (453 + 102 * depth)


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_softmax."""
    source, table = data_tensor(graph, operator), _board_table(graph, operator)
    depth = source.shape[-1]
    fields: dict[str, int | str] = {
        "rows": source.size // depth,
        "depth": depth,
        "exp": f"{label}_exp",
        "last": table.size - 1,
    }
    constants = c_source.array("int32_t", f"{label}_exp", table)
    constants += c_source.struct("zerotap_softmax_t", label, fields)
    return Emission(constants, f"zerotap_softmax(input, &{label}, output);")

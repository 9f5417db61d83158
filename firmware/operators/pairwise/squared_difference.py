"""SQUARED_DIFFERENCE of two int8 tensors, of which one may be constant or repeat: of a LayerNormalization.

TFLite shifts both operands left by 7, scales each to a common scale, squares the difference, and scales that.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    check_left_shift,
    clamp_int8,
    requantise,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import Emission, Implementation, no_macs, output_tensor

from .two_operands import (
    Scales,
    at_common_scale,
    check_pair,
    common_scales,
    operand_bytes,
    pair_call,
    pair_cycles,
    scale_fields,
    table_if_one_input,
    twice_largest,
)
from .two_operands import data_inputs as data_inputs
from .two_operands import reference as pair_reference

macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

_LEFT_SHIFT: Final = 7
_SQUARE_MAX: Final = (255 << _LEFT_SHIFT) ** 2


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types and shapes, and that no square leaves int32."""
    check_pair(graph, operator, place)
    check_left_shift(place, _SQUARE_MAX, _scales(graph, operator)[2][1])


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    return pair_reference(graph, operator, _arithmetic, data)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """A table where one operand varies; else TFLite's own steps."""
    table = table_if_one_input(graph, operator, _arithmetic)
    if table:
        return table
    return (
        Implementation(
            "squared_difference",
            ("zerotap_squared_difference",),
            4 * 18 + operand_bytes(graph, operator),
            pair_cycles(graph, operator, 104, 287),
            partial(_emit, graph, operator),
        ),
    )


def _scales(graph: Graph, operator: Operator) -> Scales:
    """Of both operands, and of the square of their difference."""
    twice, target = twice_largest(graph, operator), float(output_tensor(graph, operator).scale[0])
    return common_scales(graph, operator, twice * twice / ((1 << 2 * _LEFT_SHIFT) * target))


def _arithmetic(
    graph: Graph, operator: Operator, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int8]:
    scales = _scales(graph, operator)
    scaled = at_common_scale(graph, operator, (first, second), scales, _LEFT_SHIFT)
    squares = requantise((scaled[0] - scaled[1]) ** 2, *scales[2])
    return clamp_int8(squares + zero_point(output_tensor(graph, operator)))


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    fields = scale_fields(graph, operator, _scales(graph, operator))
    return pair_call(graph, operator, label, "squared_difference", fields)

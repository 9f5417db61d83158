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
    quantise_multiplier,
    requantise,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import Emission, Implementation, no_macs, output_tensor

from .two_operands import (
    centred,
    check_pair,
    loops,
    operand_bytes,
    operands,
    pair_cycles,
    pointers,
    table_if_one_input,
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


def _scales(graph: Graph, operator: Operator) -> tuple[tuple[int, int], tuple[int, int], tuple[int, int]]:
    """Multiplier and shift of the first operand, the second, and the square of their difference."""
    first, second = (float(tensor.scale[0]) for tensor in operands(graph, operator))
    twice = 2 * max(first, second)
    target = float(output_tensor(graph, operator).scale[0])
    return (
        quantise_multiplier(first / twice),
        quantise_multiplier(second / twice),
        quantise_multiplier(twice * twice / ((1 << 2 * _LEFT_SHIFT) * target)),
    )


def _arithmetic(
    graph: Graph, operator: Operator, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int8]:
    tensors, scales = operands(graph, operator), _scales(graph, operator)
    scaled = [
        requantise(centred(tensor, codes) << _LEFT_SHIFT, *scale)
        for tensor, codes, scale in zip(tensors, (first, second), scales, strict=False)
    ]
    squares = requantise((scaled[0] - scaled[1]) ** 2, *scales[2])
    return clamp_int8(squares + zero_point(output_tensor(graph, operator)))


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_squared_difference."""
    constants, (first, second) = pointers(graph, operator, label)
    tensors = (*operands(graph, operator), output_tensor(graph, operator))
    scales = _scales(graph, operator)
    fields = loops(graph, operator).fields()
    for name, tensor, (multiplier, shift) in zip(("first", "second", "output"), tensors, scales, strict=True):
        fields |= {f"{name}_zero_point": zero_point(tensor), f"{name}_multiplier": multiplier}
        fields |= {f"{name}_shift": shift}
    constants += c_source.struct("zerotap_squared_difference_t", label, fields)
    return Emission(constants, f"zerotap_squared_difference({first}, {second}, &{label}, output);")

"""MUL of two int8 tensors, of which one may be constant or repeat along some axes."""

from __future__ import annotations

import math
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    check_left_shift,
    clamp_int8,
    quantise_multiplier,
    ratio,
    requantise,
    zero_point,
)
from zerotap.firmware.arithmetic.scaling import NARROW_BITS, Scale, Signs, scale, signs
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import Emission, Implementation, no_macs, output_tensor

from .two_operands import (
    CODES,
    centred,
    check_pair,
    limits,
    operand_bytes,
    operands,
    pair_call,
    pair_cycles,
    table_if_one_input,
)
from .two_operands import data_inputs as data_inputs
from .two_operands import reference as pair_reference

macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

_PRODUCT_MAX: Final = 255 * 255
_FLIP: Final = 0.25


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, activation, and that nothing leaves int32."""
    check_pair(graph, operator, place)
    check_left_shift(place, _PRODUCT_MAX, quantise_multiplier(_factor(graph, operator))[1])


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    return pair_reference(graph, operator, _arithmetic, data)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """A table where one operand varies; else one scale for all products; else TFLite's two roundings."""
    table = table_if_one_input(graph, operator, _arithmetic)
    if table:
        return table
    found = _scale(graph, operator)
    return (_literal(graph, operator) if found is None else _multiply(graph, operator, found),)


def _factor(graph: Graph, operator: Operator) -> float:
    first, second = (float(tensor.scale[0]) for tensor in operands(graph, operator))
    return ratio(graph.oracle, output_tensor(graph, operator), first, second)


def _outputs(graph: Graph, operator: Operator, products: NDArray[np.int64]) -> NDArray[np.int8]:
    scaled = requantise(products, *quantise_multiplier(_factor(graph, operator)))
    return clamp_int8(scaled + zero_point(output_tensor(graph, operator)), *limits(graph, operator))


def _arithmetic(
    graph: Graph, operator: Operator, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int8]:
    tensors = operands(graph, operator)
    return _outputs(graph, operator, centred(tensors[0], first) * centred(tensors[1], second))


def _scale(graph: Graph, operator: Operator) -> Scale | None:
    """Constants for every product of two codes."""
    first, second = operands(graph, operator)
    products = centred(first, CODES)[:, None] * centred(second, CODES)[None]

    def rule(values: NDArray[np.int64]) -> NDArray[np.int64]:
        return _outputs(graph, operator, values).astype(np.int64)

    low, high = int(np.min(products)), int(np.max(products))
    return scale(rule, low, high, _factor(graph, operator), NARROW_BITS, _signs(graph, operator))


def _signs(graph: Graph, operator: Operator) -> Signs:
    """Where negative products begin: anywhere among those that give the zero point, away from its bounds."""
    factor, offset = _factor(graph, operator), zero_point(output_tensor(graph, operator))
    step = signs(0, offset, quantise_multiplier(factor)[1]).step
    zero = -math.floor(_FLIP / factor)
    # The first rounding lifts what the second sees by half a step.
    middle = (offset << 24) + round((0.5 + (zero - 0.5) * factor) * (1 << 24)) + step // 2
    return Signs(zero, step, middle // 2 * 2)


def _multiply(graph: Graph, operator: Operator, found: Scale) -> Implementation:
    return Implementation(
        "multiply",
        ("zerotap_multiply",),
        4 * 18 + operand_bytes(graph, operator),
        pair_cycles(graph, operator, 78, 60),
        partial(_emit, graph, operator, found),
    )


def _emit(graph: Graph, operator: Operator, found: Scale, label: str) -> Emission:
    fields = {
        **_zero_points(graph, operator),
        "low": found.low,
        "span": found.span,
        "fraction": found.fraction,
        "factor": f"{found.factor}u",
        "offset": f"{found.offset & 0xFFFFFFFF}u",
        "half_middle": _signs(graph, operator).middle // 2,
        "step": found.step,
    }
    comment = "/* Equal to TFLite's two roundings for every product of two codes. */\n"
    return pair_call(graph, operator, label, "multiply", fields, comment)


def _zero_points(graph: Graph, operator: Operator) -> dict[str, int | str]:
    first, second = operands(graph, operator)
    return {"first_zero_point": zero_point(first), "second_zero_point": zero_point(second)}


def _literal(graph: Graph, operator: Operator) -> Implementation:
    return Implementation(
        "multiply_in_steps",
        ("zerotap_multiply_in_steps",),
        4 * 16 + operand_bytes(graph, operator),
        pair_cycles(graph, operator, 78, 136),
        partial(_emit_literal, graph, operator),
    )


def _emit_literal(graph: Graph, operator: Operator, label: str) -> Emission:
    multiplier, shift = quantise_multiplier(_factor(graph, operator))
    low, high = limits(graph, operator)
    fields = {
        **_zero_points(graph, operator),
        "output_zero_point": zero_point(output_tensor(graph, operator)),
        "output_multiplier": multiplier,
        "output_shift": shift,
        "output_min": low,
        "output_max": high,
    }
    return pair_call(graph, operator, label, "multiply_in_steps", fields)

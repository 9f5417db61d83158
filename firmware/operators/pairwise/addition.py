"""ADD and SUB of two int8 tensors, of which one may be constant or repeat along some axes.

TFLite shifts both operands left by 20, scales each, adds, and scales the sum: three multipliers that round
twice each. Here one linear form of the two codes gives the same results, where trying all 65,536 pairs proves
it; what no linear form can do (scales in such ratios that many sums are next to a half) keeps TFLite's own
arithmetic.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT32_MAX,
    clamp_int8,
    requantise,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    no_macs,
    output_tensor,
    require,
)

from .two_operands import (
    CODES,
    Scales,
    at_common_scale,
    centred,
    check_pair,
    common_scales,
    limits,
    loops,
    operand_bytes,
    operands,
    pair_call,
    pair_cycles,
    pointers,
    scale_fields,
    table_if_one_input,
    twice_largest,
)
from .two_operands import data_inputs as data_inputs
from .two_operands import reference as pair_reference

macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

_LEFT_SHIFT: Final = 20
_SHIFT_MAX: Final = 28
# As counted in runtime/zerotap_add_elements.S; the layer's function as gcc 12 -O2 makes it.
_CALL_CYCLES: Final = 14
_ONCE_CYCLES: Final = 63
_ELEMENT_CYCLES: Final = 18
_TURN_CYCLES: Final = 3
_TURN: Final = 4
_PROVEN: Final = "/* Equal to TFLite's three roundings for all 65536 pairs of codes: each was tried. */\n"
# How far from the nearest integers the two factors of a linear form are sought.
_REACH: Final = 5
_STEPS: Final = sorted(
    ((a, b) for a in range(-_REACH, _REACH + 1) for b in range(-_REACH, _REACH + 1)),
    key=lambda step: (step[0] ** 2 + step[1] ** 2, step),
)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, activation, and that TFLite's own scaling is defined."""
    check_pair(graph, operator, place)
    twice, target = twice_largest(graph, operator), float(output_tensor(graph, operator).scale[0])
    require(
        twice / (target * (1 << _LEFT_SHIFT)) < 1,
        place,
        "the output's scale is too small for its inputs'; calibrate the model again",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    return pair_reference(graph, operator, _arithmetic, data)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """A table where one operand varies; else the linear form; else TFLite's arithmetic."""
    table = table_if_one_input(graph, operator, _arithmetic)
    if table:
        return table
    plain = linear_form(graph, operator, away=False) if loops(graph, operator).are_alike else None
    if plain is not None:
        return (_elements(graph, operator, plain),)
    form = linear_form(graph, operator, away=True)
    return (_literal(graph, operator) if form is None else _linear(graph, operator, form),)


@dataclass(frozen=True, slots=True)
class LinearForm:
    """v = first * q1 + second * q2 + base; v + (-1 where v < 0) + offset, shifted right, clamped to
    [0, span], plus low. Plain ones have no -1, but factors with which halves go away from zero, too."""

    first: int
    second: int
    base: int
    offset: int
    shift: int
    low: int
    span: int


def linear_form(graph: Graph, operator: Operator, *, away: bool) -> LinearForm | None:
    """A linear form that equals TFLite for every pair of codes, or None where none was found.

    ``away``: with the -1 where v < 0.
    """
    first, second = operands(graph, operator)
    low, high = limits(graph, operator)
    results = _arithmetic(graph, operator, CODES[:, None], CODES[None]).astype(np.int64) - low
    a, b = _factors(graph, operator)
    shift = _shift(abs(a), abs(b), zero_point(first), zero_point(second))
    if shift < 0:
        return None
    for step_a, step_b in _STEPS:
        factor_a, factor_b = round(a * 2.0**shift) + step_a, round(b * 2.0**shift) + step_b
        values = factor_a * centred(first, CODES)[:, None] + factor_b * centred(second, CODES)[None]
        offset = _offset(values + (values >> 63) * away, results, shift, high - low)
        if offset is not None:
            base = -factor_a * zero_point(first) - factor_b * zero_point(second)
            return LinearForm(factor_a, factor_b, base, offset, shift, low, high - low)
    return None


def _offset(values: NDArray[np.int64], results: NDArray[np.int64], shift: int, span: int) -> int | None:
    """What to add before the shift so that every value gets its result."""
    rest = (results << shift) - values
    least = int(np.max(rest[results > 0], initial=-INT32_MAX))
    most = int(np.min(rest[results < span], initial=INT32_MAX)) + (1 << shift) - 1
    offset = (max(least, -INT32_MAX) + min(most, INT32_MAX)) // 2
    reach = int(np.max(np.abs(values))) + abs(offset)
    return offset if least <= most and reach < INT32_MAX else None


def _shift(a: float, b: float, first_zero: int, second_zero: int) -> int:
    """The largest shift with which nothing leaves int32: neither codes times factors nor their sum."""
    centred_reach = a * (128 + abs(first_zero)) + b * (128 + abs(second_zero))
    reach = max(128 * (a + b), centred_reach + 257) * (1 + 2.0**-10) + 1
    return min(math.floor(math.log2(INT32_MAX / reach)), _SHIFT_MAX)


def _factors(graph: Graph, operator: Operator) -> tuple[float, float]:
    first, second = (float(tensor.scale[0]) for tensor in operands(graph, operator))
    target = float(output_tensor(graph, operator).scale[0])
    return first / target, _sign(operator) * second / target


def _sign(operator: Operator) -> int:
    return -1 if operator.name == "SUB" else 1


def _scales(graph: Graph, operator: Operator) -> Scales:
    """Of both operands, and of their sum."""
    target = float(output_tensor(graph, operator).scale[0])
    return common_scales(graph, operator, twice_largest(graph, operator) / ((1 << _LEFT_SHIFT) * target))


def _arithmetic(
    graph: Graph, operator: Operator, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int8]:
    scales = _scales(graph, operator)
    scaled = at_common_scale(graph, operator, (first, second), scales, _LEFT_SHIFT)
    total = requantise(scaled[0] + _sign(operator) * scaled[1], *scales[2])
    return clamp_int8(total + zero_point(output_tensor(graph, operator)), *limits(graph, operator))


def _elements(graph: Graph, operator: Operator, form: LinearForm) -> Implementation:
    count = output_tensor(graph, operator).size
    return Implementation(
        "add_elements",
        ("zerotap_add_elements",),
        4 * 7 + operand_bytes(graph, operator),
        _CALL_CYCLES + elements_cycles(count),
        partial(_emit_elements, graph, operator, form, count),
    )


def elements_cycles(count: int) -> int:
    """Cycles of zerotap_add_elements, as counted there."""
    return _ONCE_CYCLES + _ELEMENT_CYCLES * count + _TURN_CYCLES * -(-count // _TURN)


def _emit_elements(graph: Graph, operator: Operator, form: LinearForm, count: int, label: str) -> Emission:
    constants, (first, second) = pointers(graph, operator, label)
    fields: dict[str, int | str] = {
        "first": form.first,
        "second": form.second,
        "offset": form.base + form.offset,
    }
    fields |= {"span": form.span, "low": form.low, "count": count, "shift": form.shift}
    constants += _PROVEN + c_source.struct("zerotap_add_elements_t", label, fields)
    return Emission(constants, f"zerotap_add_elements({first}, {second}, &{label}, output);")


def _linear(graph: Graph, operator: Operator, form: LinearForm) -> Implementation:
    return Implementation(
        "add",
        ("zerotap_add",),
        4 * 16 + operand_bytes(graph, operator),
        pair_cycles(graph, operator, 89, 47),
        partial(_emit_linear, graph, operator, form),
    )


def _emit_linear(graph: Graph, operator: Operator, form: LinearForm, label: str) -> Emission:
    return pair_call(graph, operator, label, "add", asdict(form), _PROVEN)


def _literal(graph: Graph, operator: Operator) -> Implementation:
    return Implementation(
        "add_in_steps",
        ("zerotap_add_in_steps",),
        4 * 21 + operand_bytes(graph, operator),
        pair_cycles(graph, operator, 84, 286),
        partial(_emit_literal, graph, operator),
    )


def _emit_literal(graph: Graph, operator: Operator, label: str) -> Emission:
    low, high = limits(graph, operator)
    fields = scale_fields(graph, operator, _scales(graph, operator))
    fields |= {"subtract": -1 if operator.name == "SUB" else 0, "output_min": low, "output_max": high}
    return pair_call(graph, operator, label, "add_in_steps", fields)

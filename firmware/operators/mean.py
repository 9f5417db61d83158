"""MEAN: int8 to int8 with another scale. TFLite folds the division into the multiplier and rounds twice.

Over axes that are no neighbours, as in a GroupNormalization, sums over the first are added up in groups.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    check_left_shift,
    clamp_int8,
    requantise,
    rescale,
    zero_point,
)
from zerotap.firmware.graph import Graph, Operator

from .parts import weighted
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
from .parts.reduction import Reduction, check_reduction, reduction
from .parts.requantisation import Rounding, UniformScale, uniform_scale

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

# As counted in runtime/zerotap_column_sums.S; what is around it as gcc 12 -O2 makes it.
_CALL_CYCLES: Final = 15
_COLUMN_CYCLES: Final = 9
_VALUE_CYCLES: Final = 7
# The same of runtime/zerotap_column_words.S: a call, eight columns, and a row of them.
_WORDS_CALL_CYCLES: Final = 44
_EIGHT_CYCLES: Final = 66
_EIGHT_ROW_CYCLES: Final = 17
_WORD_ROWS_MAX: Final = 257
_LAYER_CYCLES: Final = 12
_ROW_CYCLES: Final = 19
_FOLD_CALL_CYCLES: Final = 20
_FOLD_CYCLES: Final = 14
_FOLDED_CYCLES: Final = 7
# Their sums lie on the stack.
_COLUMNS_MAX: Final = 2048


def _scale(graph: Graph, operator: Operator) -> tuple[int, int]:
    multiplier, shift = rescale(data_tensor(graph, operator), output_tensor(graph, operator))
    count = reduction(graph, operator).count
    up = min(count.bit_length() - 1, 32, 31 + shift)
    return (multiplier << up) // count, shift - up


def _bound(graph: Graph, operator: Operator) -> int:
    return 255 * reduction(graph, operator).count


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, axes, and that no sum leaves int32."""
    require_int8(place, data_tensor(graph, operator), output_tensor(graph, operator))
    check_reduction(graph, operator, place, folds=True)
    check_columns(graph, operator, place)
    check_left_shift(place, _bound(graph, operator), _scale(graph, operator)[1])


def check_columns(graph: Graph, operator: Operator, place: str) -> None:
    """Check that zerotap_column_sums takes so many columns and values."""
    geometry = reduction(graph, operator)
    require(
        geometry.reduced < 1 << 16 and geometry.columns <= _COLUMNS_MAX,
        place,
        f"reduces {geometry.reduced} values of {geometry.columns} channels, more than 65,535 or "
        f"{_COLUMNS_MAX}; put a pooling layer before it",
    )


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    geometry, target = reduction(graph, operator), output_tensor(graph, operator)
    centred = int64(values) - zero_point(data_tensor(graph, operator))
    sums = centred.reshape(*geometry.shape, geometry.folded).sum(axis=(1, 3))
    scaled = requantise(sums, *_scale(graph, operator))
    return clamp_int8(scaled + zero_point(target)).reshape(target.shape)


def mean_scale(graph: Graph, operator: Operator, stored: int = 0) -> UniformScale | None:
    """The scale of raw sums; ``stored`` is what every value of them is larger by than q."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    count = reduction(graph, operator).count
    offset = -count * (zero_point(source) + stored)
    ends = count * (INT8_MIN + stored), count * (INT8_MAX + stored)
    return uniform_scale(_scale(graph, operator), offset, ends, zero_point(target))


def _rounding(graph: Graph, operator: Operator) -> Rounding:
    offset = -reduction(graph, operator).count * zero_point(data_tensor(graph, operator))
    limits = (zero_point(output_tensor(graph, operator)), INT8_MIN, INT8_MAX)
    return Rounding([offset], [_scale(graph, operator)], limits, once=False, uniform=True)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Column sums, with one scale or TFLite's own arithmetic."""
    geometry, found, rounding = (
        reduction(graph, operator),
        mean_scale(graph, operator),
        _rounding(graph, operator),
    )
    general = Implementation(
        "column_sums, round_sums",
        (*_summing(geometry), "zerotap_round_sums"),
        rounding.constant_bytes,
        column_cycles(geometry, rounding.cycles(geometry.inner)),
        partial(emit_rounding, geometry, rounding),
    )
    if found is None:
        return (general,)
    fast = Implementation(
        "column_sums, scale_uniform",
        (*_summing(geometry), "zerotap_scale_uniform"),
        found.constant_bytes,
        column_cycles(geometry, found.cycles(geometry.inner)),
        partial(emit_columns, geometry, found),
    )
    return fast, general


def _summing(geometry: Reduction) -> tuple[str, ...]:
    return ("zerotap_column_sums", *(["zerotap_fold_sums"] if geometry.folded > 1 else []))


def words_cycles(columns: int, rows: int) -> int:
    """Cycles of one call of zerotap_column_words."""
    return _WORDS_CALL_CYCLES + -(-columns // 8) * (_EIGHT_CYCLES + _EIGHT_ROW_CYCLES * rows)


def column_cycles(geometry: Reduction, requantisation: int) -> int:
    """Cycles of column sums and of what ``requantisation`` takes for a row of them."""
    columns = geometry.columns * (_COLUMN_CYCLES + _VALUE_CYCLES * geometry.reduced)
    if geometry.folded > 1:
        columns += _FOLD_CALL_CYCLES + geometry.inner * (_FOLD_CYCLES + _FOLDED_CYCLES * geometry.folded)
    loop = _ROW_CYCLES if geometry.outer > 1 else 0
    return _LAYER_CYCLES + geometry.outer * (columns + _CALL_CYCLES + requantisation + loop)


def emit_columns(geometry: Reduction, found: UniformScale, label: str) -> Emission:
    """Column sums with one scale."""
    statement = found.statement(label, "sums", geometry.inner, _places(geometry)[1])
    return _emission(geometry, found.constants(label), statement, label)


def emit_rounding(geometry: Reduction, rounding: Rounding, label: str) -> Emission:
    """Column sums with TFLite's own arithmetic."""
    call = f"zerotap_round_sums(sums, &{label}_rounding, {geometry.inner}, {_places(geometry)[1]});"
    return _emission(geometry, rounding.definition(f"{label}_rounding"), call, label)


def _places(geometry: Reduction) -> tuple[str, str]:
    """C expressions of a row's input and output."""
    if geometry.outer == 1:
        return "input", "output"
    return f"input + {geometry.reduced * geometry.columns} * row", f"output + {geometry.inner} * row"


def _emission(geometry: Reduction, constants: str, requantise_call: str, label: str) -> Emission:
    calls = [
        f"zerotap_column_sums({_places(geometry)[0]}, sums, {geometry.columns}u << 16 | {geometry.reduced});",
        *([f"zerotap_fold_sums(sums, {geometry.inner}, {geometry.folded});"] if geometry.folded > 1 else []),
        requantise_call,
    ]
    lines = weighted.loop("row", 0, geometry.outer, calls) if geometry.outer > 1 else calls
    ends = f"/* No sum can leave [{INT8_MIN * geometry.count}, {INT8_MAX * geometry.count}]. */\n"
    return Emission(ends + constants, weighted.body([f"int32_t sums[{geometry.columns}];", *lines]))

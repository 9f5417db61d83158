"""MEAN: int8 to int8 with another scale. TFLite folds the division into the multiplier and rounds twice."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

from numpy.typing import NDArray

from .. import c_source
from ..fixed_point import (
    INT8_MAX,
    INT8_MIN,
    check_left_shift,
    clamp_int8,
    requantise,
    rescale,
    zero_point,
)
from ..graph import Graph, Operator
from . import weighted
from .interface import (
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
from .reduction import Reduction, check_reduction, reduction
from .requantisation import UniformScale, uniform_scale

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

# As counted in runtime/zerotap_column_sums.S; what is around it as gcc 12 -O2 makes it.
_CALL_CYCLES: Final = 16
_COLUMN_CYCLES: Final = 10
_VALUE_CYCLES: Final = 7
_LAYER_CYCLES: Final = 24
# Their sums lie on the stack.
_COLUMNS_MAX: Final = 512


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
    geometry = reduction(graph, operator)
    require(
        geometry.reduced < 1 << 16 and geometry.inner < 1 << 16,
        place,
        f"{geometry.reduced} values of {geometry.inner} channels are more than 65,535",
    )
    check_left_shift(place, _bound(graph, operator), _scale(graph, operator)[1])


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF."""
    (values,) = data
    geometry, target = reduction(graph, operator), output_tensor(graph, operator)
    sums = (int64(values).reshape(geometry.shape) - zero_point(data_tensor(graph, operator))).sum(axis=1)
    scaled = requantise(sums, *_scale(graph, operator))
    return clamp_int8(scaled + zero_point(target)).reshape(target.shape)


def mean_scale(graph: Graph, operator: Operator, stored: int = 0) -> UniformScale | None:
    """The scale of raw sums; ``stored`` is what every value of them is larger by than q."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    count = reduction(graph, operator).reduced
    offset = -count * (zero_point(source) + stored)
    ends = count * (INT8_MIN + stored), count * (INT8_MAX + stored)
    return uniform_scale(_scale(graph, operator), offset, ends, zero_point(target))


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Column sums with one scale; TFLite's own arithmetic."""
    found = mean_scale(graph, operator)
    general = Implementation(
        "mean", ("zerotap_mean",), 4 * 7, _general_cycles(graph, operator), partial(_emit, graph, operator)
    )
    geometry = reduction(graph, operator)
    if found is None or geometry.inner > _COLUMNS_MAX:
        return (general,)
    fast = Implementation(
        "column_sums, scale_uniform",
        ("zerotap_column_sums", "zerotap_scale_uniform"),
        found.constant_bytes,
        _cycles(geometry, found),
        partial(_emit_columns, geometry, found),
    )
    return fast, general


def _cycles(geometry: Reduction, found: UniformScale) -> int:
    columns = geometry.inner * (_COLUMN_CYCLES + _VALUE_CYCLES * geometry.reduced)
    return _LAYER_CYCLES + geometry.outer * (columns + _CALL_CYCLES + found.cycles(geometry.inner))


def _general_cycles(graph: Graph, operator: Operator) -> int:
    geometry = reduction(graph, operator)
    return 60 + geometry.outer * geometry.inner * (140 + 9 * geometry.reduced)


def _emit_columns(geometry: Reduction, found: UniformScale, label: str) -> Emission:
    at = ("input", "output")
    if geometry.outer > 1:
        at = (f"input + {geometry.reduced * geometry.inner} * row", f"output + {geometry.inner} * row")
    calls = [
        f"zerotap_column_sums({at[0]}, sums, {geometry.inner}u << 16 | {geometry.reduced});",
        found.statement(label, "sums", geometry.inner, at[1]),
    ]
    lines = weighted.loop("row", 0, geometry.outer, calls) if geometry.outer > 1 else calls
    return Emission(found.constants(label), weighted.body([f"int32_t sums[{geometry.inner}];", *lines]))


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

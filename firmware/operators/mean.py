"""MEAN: int8 to int8 with another scale. TFLite folds the division into the multiplier and rounds twice.

Over axes that are no neighbours, as in a GroupNormalization, sums over the first are added up in groups.
"""

from __future__ import annotations

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

from .column_sums import column_implementations
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
from .parts.reduction import check_reduction, reduction
from .parts.requantisation import Rounding, UniformScale, uniform_scale

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

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
    return column_implementations(graph, operator, mean_scale(graph, operator), _rounding(graph, operator))


def of_sums(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """What makes the output of ``sums``, int32, one a channel, that are there already."""
    found, rounding, count = (
        mean_scale(graph, operator),
        _rounding(graph, operator),
        reduction(graph, operator).inner,
    )
    general = Implementation(
        "round_sums",
        ("zerotap_round_sums",),
        rounding.constant_bytes,
        rounding.cycles(count),
        lambda label: Emission(
            rounding.definition(f"{label}_rounding"),
            f"zerotap_round_sums(sums, &{label}_rounding, {count}, output);",
        ),
    )
    if found is None:
        return (general,)
    fast = Implementation(
        "scale_uniform",
        ("zerotap_scale_uniform",),
        found.constant_bytes,
        found.cycles(count),
        lambda label: Emission(found.constants(label), found.statement(label, "sums", count, "output")),
    )
    return fast, general

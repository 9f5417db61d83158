"""LEAKY_RELU: two multipliers, one for each sign, in a table of 256 outputs made at export."""

from __future__ import annotations

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
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
)
from .parts.table import CODES, looked_up, table_implementation

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False

_BOUND: Final = 255


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, the slope, and that nothing leaves int32."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    require(bool(np.isfinite(operator.options["alpha"])), place, "has a slope that is no number")
    for factor in _factors(graph, operator):
        check_left_shift(place, _BOUND, quantise_multiplier(factor)[1])


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    return looked_up(_table(graph, operator), data[0]).reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """lookup alone."""
    return (table_implementation(graph, operator, _table(graph, operator)),)


def _factors(graph: Graph, operator: Operator) -> tuple[float, float]:
    """Of positive values, and of negative ones."""
    source, target = float(data_tensor(graph, operator).scale[0]), output_tensor(graph, operator)
    slope = operator.options["alpha"]
    return ratio(graph.oracle, target, source), ratio(graph.oracle, target, source, slope)


def _table(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    positive, negative = (quantise_multiplier(factor) for factor in _factors(graph, operator))
    values = CODES - zero_point(data_tensor(graph, operator))
    scaled = np.where(values >= 0, requantise(values, *positive), requantise(values, *negative))
    return clamp_int8(scaled + zero_point(output_tensor(graph, operator)))

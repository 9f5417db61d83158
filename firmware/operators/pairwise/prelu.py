"""PRELU: below zero the input times a second tensor, most often a constant slope for each channel."""

from __future__ import annotations

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
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    no_macs,
    output_tensor,
    require,
)

from .two_operands import (
    centred,
    check_pair,
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

_BOUNDS: Final = (255, 255 * 255)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, shapes, and that nothing leaves int32."""
    check_pair(graph, operator, place)
    source, target = operands(graph, operator)[0], output_tensor(graph, operator)
    require(
        source.shape == target.shape, place, f"its slopes make {target.shape} of {source.shape}, not the same"
    )
    for bound, (_, shift) in zip(_BOUNDS, _scales(graph, operator), strict=True):
        check_left_shift(place, bound, shift)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    return pair_reference(graph, operator, _arithmetic, data)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """A table where there is one constant slope; else TFLite's two roundings of either product."""
    table = table_if_one_input(graph, operator, _arithmetic)
    return table or (
        Implementation(
            "prelu",
            ("zerotap_prelu",),
            4 * 16 + operand_bytes(graph, operator),
            pair_cycles(graph, operator, 112, 177),
            partial(_emit, graph, operator),
        ),
    )


def _scales(graph: Graph, operator: Operator) -> tuple[tuple[int, int], tuple[int, int]]:
    """Multiplier and shift of the input, and of its products with the slope."""
    source, slope = (float(tensor.scale[0]) for tensor in operands(graph, operator))
    target = output_tensor(graph, operator)
    return (
        quantise_multiplier(ratio(graph.oracle, target, source)),
        quantise_multiplier(ratio(graph.oracle, target, source, slope)),
    )


def _arithmetic(
    graph: Graph, operator: Operator, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int8]:
    source, slope = operands(graph, operator)
    above, below = _scales(graph, operator)
    values = centred(source, first)
    products = values * centred(slope, second)
    scaled = np.where(values >= 0, requantise(values, *above), requantise(products, *below))
    return clamp_int8(scaled + zero_point(output_tensor(graph, operator)))


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    source, slope = operands(graph, operator)
    above, below = _scales(graph, operator)
    fields: dict[str, int | str] = {
        "first_zero_point": zero_point(source),
        "second_zero_point": zero_point(slope),
        "positive_multiplier": above[0],
        "positive_shift": above[1],
        "negative_multiplier": below[0],
        "negative_shift": below[1],
        "output_zero_point": zero_point(output_tensor(graph, operator)),
    }
    return pair_call(graph, operator, label, "prelu", fields)

"""Variables (with VAR_HANDLE, CALL_ONCE): bytes that are copied only where the state's place cannot serve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import READ, Graph, Operator, Tensor
from zerotap.firmware.operators.copying.calls import move_implementation
from zerotap.firmware.operators.copying.moves import check_sizes, flat_positions, move
from zerotap.firmware.operators.parts.interface import Implementation, no_macs, require_int8

macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """What is read: the state; or what is assigned, behind the state that gets it."""
    return (0,) if operator.name == READ else (1,)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check the type; the reader has compared shapes. TensorFlow copies codes, whatever the scales are."""
    value = _value(graph, operator)
    require_int8(place, value)
    check_sizes(place, value)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The same elements."""
    return np.array(data[0]).reshape(_value(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move; planning leaves it out where reader or writer can use the state's own place."""
    places = flat_positions(_value(graph, operator).shape)
    kernel = "read" if operator.name == READ else "assign"
    return (move_implementation(kernel, [("input", move(places, places))]),)


def _value(graph: Graph, operator: Operator) -> Tensor:
    return graph.tensors[operator.outputs[0] if operator.name == READ else operator.inputs[1]]

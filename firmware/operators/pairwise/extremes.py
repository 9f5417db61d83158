"""MAXIMUM and MINIMUM of two tensors. TFLite compares their codes, whatever the scales are."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import Emission, Implementation, no_macs

from .two_operands import (
    check_pair,
    operand_bytes,
    pair_call,
    pair_cycles,
    table_if_one_input,
)
from .two_operands import data_inputs as data_inputs
from .two_operands import reference as pair_reference

macs = no_macs
IN_PLACE: bool = True
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types and shapes."""
    check_pair(graph, operator, place)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """NumPy's."""
    return pair_reference(graph, operator, _arithmetic, data)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """A table where one operand varies; else element by element."""
    table = table_if_one_input(graph, operator, _arithmetic)
    return table or (
        Implementation(
            operator.name.lower(),
            ("zerotap_extremes",),
            4 * 10 + operand_bytes(graph, operator),
            pair_cycles(graph, operator, 78, 27),
            partial(_emit, graph, operator),
        ),
    )


def _arithmetic(
    graph: Graph, operator: Operator, first: NDArray[np.int64], second: NDArray[np.int64]
) -> NDArray[np.int8]:
    extreme = np.minimum if operator.name == "MINIMUM" else np.maximum
    return extreme(first, second).astype(np.int8)


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    return pair_call(graph, operator, label, "extremes", {"least": -1 if operator.name == "MINIMUM" else 0})

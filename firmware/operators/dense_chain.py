"""FULLY_CONNECTED behind FULLY_CONNECTED as one layer: what lies between them is never unpacked."""

from __future__ import annotations

from collections.abc import Sequence

from zerotap.firmware.graph import Graph, Operator

from . import fully_connected
from .parts import weighted
from .parts.interface import Implementation, data_tensor
from .parts.placement import in_arena
from .straight import dense


def fuses(graph: Graph, operators: Sequence[Operator]) -> bool:
    """Of one row each, where all can be had in straight line."""
    sizes = [data_tensor(graph, each).size for each in operators]
    inputs = [weighted.weights_tensor(graph, each).shape[1] for each in operators]
    return sizes == inputs and bool(implementations(graph, operators))


def implementations(graph: Graph, operators: Sequence[Operator]) -> tuple[Implementation, ...]:
    """In straight line alone: with other kernels they are layers of their own."""
    return dense.chained(
        [(weighted.weights_data(graph, each), fully_connected.outputs(graph, each)) for each in operators],
        in_arena(graph, operators[0].inputs[0]),
    )

"""Operators with several outputs as one operator for each output.

What SPLIT, SPLIT_V and UNPACK write are parts of what they read, so that each part is copied by itself: one
that nothing reads is left out, and each lives no longer than its readers need it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from zerotap.firmware.graph import Graph, Operator

SEPARABLE: Final = ("SPLIT", "SPLIT_V", "UNPACK")


def separated(graph: Graph) -> Graph:
    """The graph with every SPLIT, SPLIT_V and UNPACK in parts; itself where there are none.

    A part has the options of the whole and two more: ``part``, which of the outputs it writes, and
    ``parts``, how many there are.
    """
    if not any(operator.name in SEPARABLE for operator in graph.operators):
        return graph
    return replace(graph, operators=tuple(part for each in graph.operators for part in _parts(each)))


def _parts(operator: Operator) -> Iterator[Operator]:
    if operator.name not in SEPARABLE or "part" in operator.options:
        yield operator
        return
    for part, output in enumerate(operator.outputs):
        options = operator.options | {"part": part, "parts": len(operator.outputs)}
        yield replace(operator, outputs=(output,), options=options)

"""What TensorFlow's refusals come to: the layer by number, kind and shapes, or a few of its words."""

from __future__ import annotations

import re
from typing import Final

from zerotap.firmware.graph import Graph
from zerotap.firmware.planning.numbering import analysed_number

_WORDS_MAX: Final = 120
_NODE: Final = re.compile(r"Node number (\d+) \(")


def first_words(error: Exception | str) -> str:
    """As much of what TensorFlow says as a person reads: its first line, at most 120 characters."""
    line = (str(error).splitlines() or [""])[0].strip() or type(error).__name__
    return line if len(line) <= _WORDS_MAX else f"{line[:_WORDS_MAX]} ..."


def refused_place(graph: Graph, error: Exception | str) -> str:
    """The layer that TensorFlow names in an error by its number, or else the error's first words."""
    match = None if graph.states else _NODE.search(str(error))  # TensorFlow counts VAR_HANDLEs too
    if match is None or int(match[1]) >= len(graph.operators):
        return first_words(error)
    number = int(match[1])
    operator = graph.operators[number]
    number = analysed_number(graph, number)
    sources = (graph.tensors[index].shape for index in operator.inputs if index != -1)
    targets = (graph.tensors[index].shape for index in operator.outputs)
    shapes = " -> ".join(" + ".join(map(str, ends)) for ends in (sources, targets))
    return f"layer {number} {operator.name}, {shapes}"

"""A model in pieces, where one set of TFLite's kernels is not right for all of it.

TFLite's reference kernel of SUM reads int8 as unsigned. The builtin kernel is right, but the builtin kernels
of other operators round otherwise than the reference ones: so the model is cut before and behind every SUM,
unless they have to compute all of it. A model with states is one piece: plan() refuses a SUM in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.passes.rewriting import with_ends
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rewrite_tflite


@dataclass(frozen=True, slots=True)
class Piece:
    """A .tflite that computes the tensors ``outputs`` of the model from its tensors ``inputs``.

    ``builtin``: by the builtin kernels, whatever the reference kernels would take.
    """

    content: bytes
    builtin: bool
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]


def pieces(content: bytes) -> list[Piece]:
    """.tflite files that compute the model one after the other; itself where it has no SUM, or has states."""
    whole = read_tflite(content)
    if whole.states or not any(_is_int8_sum(whole, operator) for operator in whole.operators):
        return [Piece(content, False, whole.inputs, whole.outputs)]
    if not whole.has_reference_kernels:
        return [Piece(content, True, whole.inputs, whole.outputs)]
    return [
        Piece(rewrite_tflite(content, whole, part), is_sum, part.inputs, part.outputs)
        for part, is_sum in _parts(whole)
    ]


def _parts(graph: Graph) -> Iterator[tuple[Graph, bool]]:
    """Runs of operators without a SUM, and every SUM alone, each as a graph, in order."""
    groups = groupby(enumerate(graph.operators), lambda each: each[0] if _is_int8_sum(graph, each[1]) else -1)
    runs = [(tuple(operator for _, operator in group), key != -1) for key, group in groups]
    for place, (run, is_sum) in enumerate(runs):
        later = {index for others, _ in runs[place + 1 :] for each in others for index in each.inputs}
        written = [index for operator in run for index in operator.outputs]
        outputs = [index for index in written if index in later or index in graph.outputs]
        if outputs:
            part = replace(graph, operators=run, end_names=((), ()))
            yield with_ends(part, _read(graph, run) or graph.inputs[:1], outputs), is_sum


def _read(graph: Graph, run: tuple[Operator, ...]) -> list[int]:
    """What operators read that others compute, in order."""
    own = {index for operator in run for index in operator.outputs}
    read = [index for operator in run for index in operator.inputs if index != -1 and index not in own]
    computed = [
        index for index in read if graph.tensors[index].data is None and not graph.tensors[index].variable
    ]
    return list(dict.fromkeys(computed))


def _is_int8_sum(graph: Graph, operator: Operator) -> bool:
    return operator.name == "SUM" and graph.tensors[operator.outputs[0]].dtype == "int8"

"""A model in pieces, where one set of TFLite's kernels is not right for all of it.

TFLite's reference kernel of SUM reads int8 as unsigned. The builtin kernel is right, but the builtin kernels
of other operators round as the processor likes: so the model is cut before and behind every SUM, unless
they have to compute all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.passes.rewriting import drop_unused
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.firmware.tflite.writer import rewrite_tflite


def pieces(content: bytes) -> list[tuple[bytes, bool]]:
    """.tflite files that compute the model one after the other, and whether only builtin kernels can.

    Raises:
        ModelError: a SUM that other operators are computed beside.
    """
    whole = read_tflite(content)
    if not any(_is_int8_sum(whole, operator) for operator in whole.operators):
        return [(content, False)]
    if not whole.has_reference_kernels:
        return [(content, True)]
    return [(rewrite_tflite(content, whole, part), is_sum) for part, is_sum in _parts(whole)]


def check_pieces(graph: Graph) -> None:
    """Raise ModelError as pieces() does, for a graph whose oracle is TensorFlow."""
    if graph.oracle == "tflite":
        for _ in _parts(graph):
            pass


def _parts(graph: Graph) -> Iterator[tuple[Graph, bool]]:
    rest = graph
    for operator in graph.operators:
        if not _is_int8_sum(graph, operator):
            continue
        source, target = operator.inputs[0], operator.outputs[0]
        if source != rest.input:
            yield _part(rest, source), False
        yield replace(rest, operators=(operator,), input=source, output=target), True
        others = tuple(each for each in rest.operators if each is not operator)
        rest = replace(rest, operators=others, input=target)
    if rest.input != rest.output:
        yield _part(rest, rest.output), False


def _part(graph: Graph, output: int) -> Graph:
    part = drop_unused(replace(graph, output=output))
    known = {graph.input} | {index for operator in part.operators for index in operator.outputs}
    read = {index for operator in part.operators for index in operator.inputs if index != -1}
    if any(graph.tensors[index].data is None for index in read - known):
        raise ModelError(
            f"{graph.source}: an operator beside a SUM reads what the SUM does; TFLite has no kernels that "
            "are right for both: use a mean (GlobalAveragePooling1D) instead."
        )
    return part


def _is_int8_sum(graph: Graph, operator: Operator) -> bool:
    return operator.name == "SUM" and graph.tensors[operator.outputs[0]].dtype == "int8"

"""Edits of a :class:`Graph` that every pass needs: other tensors, other inputs, what nothing reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from zerotap.firmware.graph import Graph, Operator, Tensor


def redirect(graph: Graph, same: Mapping[int, int]) -> Graph:
    """Read tensor ``same[index]`` wherever ``index`` was read; chains of such pairs are followed."""

    def target(index: int) -> int:
        while index in same:
            index = same[index]
        return index

    operators = tuple(
        replace(operator, inputs=tuple(target(index) for index in operator.inputs))
        for operator in graph.operators
    )
    return with_ends(replace(graph, operators=operators), graph.inputs, map(target, graph.outputs))


def with_ends(graph: Graph, inputs: Iterable[int], outputs: Iterable[int]) -> Graph:
    """Other tensors as the model's inputs and outputs, at least one of each."""
    (source, *sources), (target, *targets) = inputs, outputs
    return replace(
        graph, input=source, output=target, more_inputs=tuple(sources), more_outputs=tuple(targets)
    )


def with_tensors(graph: Graph, changed: Mapping[int, Tensor]) -> Graph:
    """Other contents for tensors, by their indices."""
    tensors = tuple(changed.get(tensor.index, tensor) for tensor in graph.tensors)
    return replace(graph, tensors=tensors)


def drop_unused(graph: Graph) -> Graph:
    """Leave out the operators that no output and no state of the model depends on."""
    needed = set(graph.results)
    kept: list[Operator] = []
    for operator in reversed(graph.operators):
        if not needed.isdisjoint(operator.outputs):
            kept.append(operator)
            needed.update(operator.inputs)
    return replace(graph, operators=tuple(reversed(kept)))


def drop_operators(graph: Graph, dropped: Iterable[Operator]) -> Graph:
    """Leave out these operators; what they wrote must no longer be read, or be a constant."""
    outputs = {operator.outputs for operator in dropped}
    return replace(graph, operators=tuple(each for each in graph.operators if each.outputs not in outputs))


def is_whole(operator: Operator, inputs: int) -> bool:
    """Whether an operator has an output and its first ``inputs`` inputs."""
    first = operator.inputs[:inputs]
    return len(first) == inputs and -1 not in first and len(operator.outputs) > 0


def producers(graph: Graph) -> dict[int, Operator]:
    """The operator that writes each tensor."""
    return {index: operator for operator in graph.operators for index in operator.outputs}


def readers(graph: Graph, tensor: int) -> Iterator[tuple[Operator, int]]:
    """Every operator that reads a tensor, with the position among its inputs."""
    for operator in graph.operators:
        for position, index in enumerate(operator.inputs):
            if index == tensor:
                yield operator, position


def table_rows(graph: Graph, ids: Iterable[int]) -> int | None:
    """The rows of the smallest table that a GATHER looks the tensors ``ids`` up in; None without one."""
    tables = (
        graph.tensors[operator.inputs[0]].shape
        for tensor in ids
        for operator, position in readers(graph, tensor)
        if operator.name == "GATHER" and position == 1
    )
    return min((shape[0] for shape in tables if shape), default=None)

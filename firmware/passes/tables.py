"""Operators that compute each element by itself, as one table: any of them from one int8 tensor to another.

What lies between may be int8, float (DEQUANTIZE ... QUANTIZE) or bool, may branch and join again, and may
read constants. Those that are the same for every element leave one table for all. Where operators that have
no kernel of their own read others, as along a channel, elements that differ by them have tables of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Final

import numpy as np

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.operators.elementwise import ELEMENTWISE, VIEWS, table_operator

from .rewriting import drop_unused, is_whole, producers
from .table_places import table_places

# Of a constant: any tensor may be its root.
_ANY: Final = None

_Roots = dict[int, "tuple[int, ...] | None"]


def with_tables(graph: Graph) -> Graph:
    """The graph with one ELEMENTWISE for every maximal such part; itself where there is none.

    A single operator of the registry stays: its own kernel needs no oracle. Tensor indices stay.
    """
    by_one = _with_tables(graph, _is_one_value, _pays)
    return _with_tables(by_one, _is_constant, _has_no_kernels)


def _with_tables(
    graph: Graph, is_allowed: Callable[[Tensor], bool], pays: Callable[[list[Operator]], bool]
) -> Graph:
    """The graph with a table for every part that reads only constants which are allowed, and pays."""
    roots = _roots(graph, is_allowed)
    needed = _needed(graph, roots)
    tables = dict(_tables(graph, roots, needed, pays))
    if not tables:
        return graph
    operators = tuple(tables.get(operator.outputs, operator) for operator in graph.operators)
    return drop_unused(replace(graph, operators=operators))


def _roots(graph: Graph, is_allowed: Callable[[Tensor], bool]) -> _Roots:
    """For every tensor the int8 tensors that it is a function of, the farthest first, itself last."""
    roots: _Roots = {each.index: _ANY for each in graph.tensors if is_allowed(each)}
    for index in graph.inputs:
        _add(roots, graph.tensors[index], ())
    for operator in graph.operators:
        common = _common(graph, operator, roots)
        for index in operator.outputs:
            if common is _ANY:
                roots[index] = _ANY
            else:
                _add(roots, graph.tensors[index], common)
    return roots


def _add(roots: _Roots, tensor: Tensor, before: tuple[int, ...]) -> None:
    roots[tensor.index] = (*before, tensor.index) if _is_int8(tensor) else before


def _common(graph: Graph, operator: Operator, roots: _Roots) -> tuple[int, ...] | None:
    """The tensors that an operator's output is a function of, element by element; () where there is none."""
    if operator.name not in ELEMENTWISE or not is_whole(operator, 1) or len(operator.outputs) != 1:
        return ()
    if operator.name in VIEWS and any(graph.tensors[index].data is None for index in operator.inputs[1:]):
        return ()
    read = operator.inputs[:1] if operator.name in VIEWS else operator.inputs
    of_inputs = [roots.get(index, ()) for index in read]
    varying = [(index, of) for index, of in zip(read, of_inputs, strict=True) if of is not _ANY]
    if not varying:
        return _ANY
    size = graph.tensors[operator.outputs[0]].size
    if any(graph.tensors[index].size != size for index, _ in varying):
        return ()
    first, *others = [of for _, of in varying]
    return tuple(root for root in first if all(root in of for of in others))


def _is_int8(tensor: Tensor) -> bool:
    return tensor.dtype == "int8" and tensor.scale.size == 1 and tensor.data is None


def _is_constant(tensor: Tensor) -> bool:
    """Whether it is a constant with one scale at most."""
    return tensor.data is not None and tensor.scale.size <= 1


def _is_one_value(tensor: Tensor) -> bool:
    """Whether a constant is the same for every element."""
    if tensor.data is None or not _is_constant(tensor):
        return False
    return bool(np.all(tensor.data == tensor.data.reshape(-1)[0]))


def _needed(graph: Graph, roots: _Roots) -> set[int]:
    """Tensors that something reads which no table can stand for."""
    needed = set(graph.results)
    for operator in reversed(graph.operators):
        written = [graph.tensors[index] for index in operator.outputs]
        stays = not _common(graph, operator, roots) or any(
            tensor.index in needed and not _is_int8(tensor) for tensor in written
        )
        if stays:
            needed.update(operator.inputs)
    return needed


def _tables(
    graph: Graph, roots: _Roots, needed: set[int], pays: Callable[[list[Operator]], bool]
) -> Iterator[tuple[tuple[int, ...], Operator]]:
    """What each table writes, and its operator."""
    writers = producers(graph)
    for operator in graph.operators:
        common = _common(graph, operator, roots)
        if (
            not common
            or operator.outputs[0] not in needed
            or not _is_int8(graph.tensors[operator.outputs[0]])
        ):
            continue
        source = [root for root in common if root in needed or root == common[0]][-1]
        inner = _between(graph, writers, source, operator.outputs[0])
        places = table_places(graph, inner, source, operator.outputs[0]) if pays(inner) else None
        if places is not None:
            yield operator.outputs, table_operator(inner, source, operator.outputs[0], places)


def _between(graph: Graph, writers: Mapping[int, Operator], source: int, target: int) -> list[Operator]:
    """The operators from one tensor to another, in the graph's order."""
    found: set[tuple[int, ...]] = set()
    waiting = [target]
    while waiting:
        index = waiting.pop()
        writer = writers.get(index)
        if index == source or writer is None or writer.outputs in found:
            continue
        found.add(writer.outputs)
        waiting.extend(writer.inputs)
    return [operator for operator in graph.operators if operator.outputs in found]


def _pays(inner: list[Operator]) -> bool:
    """Whether it is more than one operator that has a kernel of its own, views aside."""
    computing = [operator.name for operator in inner if operator.name not in VIEWS]
    return len(computing) > 1 or any(name not in OPERATORS for name in computing)


def _has_no_kernels(inner: list[Operator]) -> bool:
    """Whether an operator has no kernel of its own."""
    return any(operator.name not in OPERATORS for operator in inner)

"""Which elements of an elementwise part are computed alike, so that one table serves them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.elementwise import VIEWS
from zerotap.firmware.operators.rescaling import halves_up

Kinds = NDArray[np.int64]


def table_places(graph: Graph, inner: Sequence[Operator], source: int, target: int) -> Kinds | None:
    """The table's number, from 0, for each element (n,) of ``target``, which ``inner`` makes of ``source``.

    Elements differ by what the constants at their places are, and where an operator rounds the last ones
    otherwise. None where shapes do not fit each other.
    """
    kinds: dict[int, Kinds] = {source: np.zeros(graph.tensors[source].shape, np.int64)}
    try:
        for operator in inner:
            kinds[operator.outputs[0]] = _of_output(graph, operator, kinds)
    except ValueError:  # damaged: nothing broadcasts so
        return None
    return kinds[target].ravel()


def _of_output(graph: Graph, operator: Operator, kinds: dict[int, Kinds]) -> Kinds:
    shape = graph.tensors[operator.outputs[0]].shape
    read = operator.inputs[:1] if operator.name in VIEWS else operator.inputs
    each = [kinds[index] if index in kinds else _of_constant(graph, index) for index in read if index != -1]
    if operator.name in VIEWS:
        return each[0].reshape(shape)
    several = [_flat(kind, shape) for kind in each if kind.any()]
    if operator.name == "QUANTIZE" and graph.tensors[operator.inputs[0]].dtype == "int8":
        size = graph.tensors[operator.outputs[0]].size
        several.append((np.arange(size) >= halves_up(graph, operator)).astype(np.int64))
    return _numbered(several, shape)


def _of_constant(graph: Graph, index: int) -> Kinds:
    tensor = graph.tensors[index]
    if tensor.data is None:
        return np.zeros(tensor.shape, np.int64)
    numbers = np.unique(tensor.data.ravel(), return_inverse=True)[1]
    return np.asarray(numbers, np.int64).reshape(tensor.shape)


def _flat(kind: Kinds, shape: tuple[int, ...]) -> Kinds:
    return np.broadcast_to(kind, shape).ravel()


def _numbered(several: list[Kinds], shape: tuple[int, ...]) -> Kinds:
    """Numbers from 0 for the combinations of several kinds, in the order in which they come first."""
    if not several:
        return np.zeros(shape, np.int64)
    columns = np.stack(several)
    _, first, numbers = np.unique(columns, axis=1, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))
    return np.asarray(order[numbers.ravel()], np.int64).reshape(shape)

"""Operators that change nothing for the ids that a model may be given.

Keras 3's Embedding counts negative ids from the table's end: LESS(ids, 0), ADD(ids, rows) and SELECT stand
before its GATHER. An id of the model's input is never negative here (zerotap refuses such samples, and the
board takes row 0 for an id outside of the table), so the SELECT gives the ids themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from zerotap.firmware.graph import Graph, Operator, Tensor

from .rewriting import drop_unused, is_whole, producers, readers, redirect

IDS: Final = ("int32", "int64")
# Operators that give their first input's elements, in order.
PASS_ON: Final = ("RESHAPE", "SQUEEZE", "EXPAND_DIMS")


def simplify(graph: Graph) -> Graph:
    """The graph without the handling of negative ids and without casts of ids; itself where there are none.

    Tensor indices stay. Equal to the original for every id from 0 to the table's last row.
    """
    writers = producers(graph)
    same = {
        operator.outputs[0]: operator.inputs[2]
        for operator in graph.operators
        if _is_wrap(graph, operator, writers)
    }
    same |= {
        operator.outputs[0]: operator.inputs[0]
        for operator in graph.operators
        if operator.name == "CAST" and is_whole(operator, 1) and _is_harmless_cast(graph, operator)
    }
    return drop_unused(redirect(graph, same)) if same else graph


def _is_wrap(graph: Graph, operator: Operator, writers: Mapping[int, Operator]) -> bool:
    """Whether it is SELECT(LESS(ids, 0), ADD(ids, constant), ids) on ids of the model's input."""
    if operator.name not in ("SELECT", "SELECT_V2") or not is_whole(operator, 3):
        return False
    condition, wrapped, ids = operator.inputs
    less, add = writers.get(condition), writers.get(wrapped)
    return (
        less is not None
        and add is not None
        and (less.name, add.name) == ("LESS", "ADD")
        and is_whole(less, 2)
        and is_whole(add, 2)
        and less.inputs[0] == ids
        and _is_constant(graph.tensors[less.inputs[1]], zero=True)
        and _is_shifted(graph, add, ids)
        and graph.tensors[ids].shape == graph.tensors[operator.outputs[0]].shape
        and _is_input_id(graph, ids, writers)
    )


def _is_shifted(graph: Graph, add: Operator, ids: int) -> bool:
    return ids in add.inputs and any(_is_constant(graph.tensors[index]) for index in add.inputs)


def _is_constant(tensor: Tensor, *, zero: bool = False) -> bool:
    if tensor.data is None or tensor.dtype not in IDS:
        return False
    return not zero or not np.any(tensor.data)


def _is_input_id(graph: Graph, index: int, writers: Mapping[int, Operator]) -> bool:
    """Whether a tensor holds the model's input as whole numbers."""
    if graph.tensors[index].dtype not in IDS:
        return False
    while index not in graph.inputs:
        writer = writers.get(index)
        if writer is None or writer.name not in (*PASS_ON, "CAST") or not is_whole(writer, 1):
            return False
        index = writer.inputs[0]
    return True


def _is_harmless_cast(graph: Graph, operator: Operator) -> bool:
    """Whether a cast keeps int32, or widens int32 ids for nothing but a GATHER, which takes either."""
    source, target = graph.tensors[operator.inputs[0]], graph.tensors[operator.outputs[0]]
    if source.dtype != "int32" or target.dtype not in IDS or source.shape != target.shape:
        return False
    if target.dtype == "int32":
        return True
    return target.index not in graph.outputs and all(
        reader.name == "GATHER" and position == 1 for reader, position in readers(graph, target.index)
    )

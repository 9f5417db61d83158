"""Divisors that TFLite's DIV takes: it refuses the int8 code 0, whatever real number that stands for.

With the zero point 0 only a true zero has that code; the steps grow to reach as far as before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from zerotap.firmware.graph import Graph, Tensor

from .rewriting import producers, readers, with_tensors

# Operators whose int8 output may have any scale and zero point.
_FREE: Final = ("ADD", "EXP", "MUL", "SQRT", "SUB")
_INT8_MIN: Final = -128
_INT8_MAX: Final = 127


def with_centred_divisors(graph: Graph) -> Graph:
    """The graph with the zero point 0 for computed int8 divisors; itself where there are none."""
    writers = producers(graph)
    divisors = {operator.inputs[1] for operator in graph.operators if operator.name == "DIV"}
    changed = {
        index: _centred(graph.tensors[index])
        for index in divisors
        if index in writers and writers[index].name in _FREE and _is_free(graph, graph.tensors[index])
    }
    return with_tensors(graph, changed) if changed else graph


def _is_free(graph: Graph, tensor: Tensor) -> bool:
    """Whether an int8 tensor with a zero point is read by divisions alone, as their divisor."""
    has_zero_point = tensor.dtype == "int8" and tensor.scale.size == 1 and bool(np.any(tensor.zero_point))
    alone = all((user.name, position) == ("DIV", 1) for user, position in readers(graph, tensor.index))
    return has_zero_point and alone and tensor.index not in graph.outputs


def _centred(tensor: Tensor) -> Tensor:
    steps = max(_INT8_MAX - int(tensor.zero_point[0]), int(tensor.zero_point[0]) - _INT8_MIN)
    scale = np.float32(tensor.scale[0] * steps / _INT8_MAX)
    return replace(tensor, scale=np.array([scale], np.float64), zero_point=np.zeros(1, np.int64))

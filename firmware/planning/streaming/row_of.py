"""One layer as what computes a single row of time of its output, in whichever axis time runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators import Implementation, elementwise, operator_module
from zerotap.firmware.operators.parts.window import window
from zerotap.firmware.planning.layer import Layer

_CONVOLUTIONS: Final = ("CONV_2D", "DEPTHWISE_CONV_2D")
_POOLINGS: Final = ("AVERAGE_POOL_2D", "MAX_POOL_2D")
_BY_ELEMENTS: Final = frozenset(
    {
        *("ADD", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MAXIMUM", "MINIMUM", "MUL", "PRELU", "QUANTIZE"),
        *("RELU", "RELU6", "RELU_N1_TO_1", "SQUARED_DIFFERENCE", "SUB", "TANH"),
    }
)
_WORD: Final = 4


@dataclass(frozen=True, slots=True)
class Reach:
    """For output row y: ``rows`` rows of the input from ``stride`` * y on."""

    rows: int
    stride: int


def time_axis(shape: tuple[int, ...], rows: int) -> int | None:
    """The axis that has ``rows`` rows of time: nothing but ones before it."""
    for axis, extent in enumerate(shape):
        if extent == rows:
            return axis
        if extent != 1:
            return None
    return None


def row_bytes(tensor: Tensor, rows: int) -> int:
    """Bytes of one row of an int8 tensor."""
    return tensor.size // rows


def reach(graph: Graph, layer: Layer, rows: int) -> Reach | str:
    """What a row reads of inputs that have ``rows`` rows each; or why rows cannot be computed one by one."""
    if len(layer.operators) > 1 or any(each.dtype != "int8" for each in (*layer.sources, layer.target)):
        return f"{layer.name} is not computed row by row"
    operator = layer.operators[0]
    if operator.name in (*_CONVOLUTIONS, *_POOLINGS):
        return _window_reach(graph, layer, rows)
    if operator.name == elementwise.NAME:
        alike = _row_places(operator, rows) is not None
        return Reach(1, 1) if alike else f"{layer.name} has other tables for other rows"
    same = all(source.shape == layer.target.shape for source in layer.sources)
    if operator.name not in _BY_ELEMENTS or not same or not _constants_repeat(graph, layer, rows):
        return f"{layer.name} needs the whole window"
    return Reach(1, 1)


def _constants_repeat(graph: Graph, layer: Layer, rows: int) -> bool:
    """Whether constant operands are the same for every row."""
    axis = time_axis(layer.target.shape, rows)
    assert axis is not None
    behind = len(layer.target.shape) - axis
    constants = [graph.tensors[index] for index in layer.operators[0].inputs if index != -1]
    return all(
        each.data is None
        or len(each.shape) < behind
        or math.prod(each.shape[: len(each.shape) - behind + 1]) == 1
        for each in constants
    )


def _window_reach(graph: Graph, layer: Layer, rows: int) -> Reach | str:
    operator = layer.operators[0]
    along = time_axis(layer.source.shape, rows)
    if along not in (1, 2) or len(layer.source.shape) != 4:
        return f"{layer.name} does not run along time"
    if operator.name in _CONVOLUTIONS:
        _, height, width, _ = graph.tensors[operator.inputs[1]].shape
    else:
        height, width = operator.options["filter_height"], operator.options["filter_width"]
    geometry = window(graph, operator, (height, width))
    axis = along - 1
    taps = ((height, width)[axis] - 1) * geometry.dilation[axis] + 1
    stride = geometry.stride[axis]
    end = (geometry.target[axis] - 1) * stride - geometry.padding[axis] + taps
    if geometry.padding[axis] or end > rows:
        return f"{layer.name} pads time (SAME): its edges belong to one window alone"
    return Reach(taps, stride)


def row_implementations(
    graph: Graph, layer: Layer, rows: int, target_rows: int, reads: Reach
) -> tuple[Implementation, ...]:
    """Kernels of one row, which reads ``reads.rows`` rows that lie one behind the other."""
    parts = dict.fromkeys(layer.sources, (rows, reads.rows)) | {layer.target: (target_rows, 1)}
    operator = _of_one_row(layer.operators[0], target_rows)
    one_row = graph_of_rows(graph, parts, (operator,))
    found = operator_module(operator, layer.place).implementations(one_row, operator)
    return tuple(each for each in found if not each.skips_zeros)


def _of_one_row(operator: Operator, rows: int) -> Operator:
    """The operator with the tables of a row's elements, where it has tables."""
    if operator.name != elementwise.NAME:
        return operator
    return replace(operator, options=operator.options | {"places": _row_places(operator, rows)})


def _row_places(operator: Operator, rows: int) -> NDArray[np.int64] | None:
    """Which table each element of a row has, if it is the same in every row."""
    places: NDArray[np.int64] = operator.options["places"].reshape(rows, -1)
    return places[0] if bool((places == places[0]).all()) else None


def graph_of_rows(
    graph: Graph, parts: Mapping[Tensor, tuple[int, int]], operators: tuple[Operator, ...]
) -> Graph:
    """The graph of these operators whose tensors, of so many rows, have so many.

    Its ends are the first and the last of ``parts`` where their rows do not lie at whole words, as those of a
    caller; else none of them.
    """
    tensors = list(graph.tensors)
    for tensor, (rows, kept) in parts.items():
        tensors[tensor.index] = _cut(tensor, rows, kept)
    is_aligned = all(row_bytes(tensor, rows) % _WORD == 0 for tensor, (rows, _) in parts.items())
    first, *_, last = parts
    nowhere = replace(first, index=len(tensors))
    ends = (nowhere.index, nowhere.index) if is_aligned else (first.index, last.index)
    return replace(
        graph,
        tensors=(*tensors, nowhere),
        operators=operators,
        input=ends[0],
        output=ends[1],
        more_inputs=(),
        more_outputs=(),
    )


def _cut(tensor: Tensor, rows: int, kept: int) -> Tensor:
    axis = time_axis(tensor.shape, rows)
    assert axis is not None
    return replace(tensor, shape=(*tensor.shape[:axis], kept, *tensor.shape[axis + 1 :]))

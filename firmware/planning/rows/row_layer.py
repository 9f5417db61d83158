"""One layer as what computes a single row of its output: which rows it reads, and the kernels for one row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators import Implementation, operator_module
from zerotap.firmware.operators.parts.window import window
from zerotap.firmware.planning.layer import Layer

_CONVOLUTIONS: Final = ("CONV_2D", "DEPTHWISE_CONV_2D")
_POOLINGS: Final = ("AVERAGE_POOL_2D", "MAX_POOL_2D")
_BY_ELEMENTS: Final = frozenset(
    {
        *("ADD", "HARD_SWISH", "LEAKY_RELU", "LOGISTIC", "MUL", "QUANTIZE"),
        *("RELU", "RELU6", "RELU_N1_TO_1", "SUB", "TANH"),
    }
)
# Rows, with those of padding, are counted in a byte of the schedule.
_ROWS_MAX: Final = 200
_PADDING_MAX: Final = 25


@dataclass(frozen=True, slots=True)
class Read:
    """For output row y: ``rows`` of a tensor from ``stride`` * y - ``above`` on, up to ``below`` its last."""

    tensor: int
    rows: int
    stride: int
    above: int
    below: int


@dataclass(frozen=True, slots=True)
class RowLayer:
    """``implementations`` compute one row from rows that lie one behind the other."""

    layer: Layer
    reads: tuple[Read, ...]
    implementations: tuple[Implementation, ...]

    @property
    def target(self) -> Tensor:
        """What it writes."""
        return self.layer.target


def row_bytes(tensor: Tensor) -> int:
    """Bytes of one row (width, channels)."""
    return tensor.shape[2] * tensor.shape[3]


def row_layer(graph: Graph, layer: Layer) -> RowLayer | None:
    """The layer by rows, if it can be: a convolution, a pooling of whole windows, or element by element."""
    if layer.alias or len(layer.operators) > 1 or not all(map(_has_rows, (*layer.sources, layer.target))):
        return None
    reads = _reads(graph, layer)
    if reads is None:
        return None
    one_row = _one_row(graph, layer, reads)
    operator = layer.operators[0]
    found = operator_module(operator, layer.place).implementations(one_row, operator)
    return RowLayer(layer, reads, tuple(each for each in found if not each.skips_zeros))


def _has_rows(tensor: Tensor) -> bool:
    """Whether it is int8 (1, height, width, channels) whose rows are whole words."""
    shape = tensor.shape
    return (
        tensor.dtype == "int8"
        and len(shape) == 4
        and shape[0] == 1
        and 1 < shape[1] <= _ROWS_MAX
        and row_bytes(tensor) % 4 == 0
    )


def _reads(graph: Graph, layer: Layer) -> tuple[Read, ...] | None:
    operator = layer.operators[0]
    if operator.name in (*_CONVOLUTIONS, *_POOLINGS):
        read = _window_read(graph, layer)
        leaves = read.above > 0 or read.below > 0
        # What lies outside counts as nothing in a pooling, and no row says so.
        too_far = max(read.above, read.below) > _PADDING_MAX
        return None if too_far or (operator.name in _POOLINGS and leaves) else (read,)
    same = all(source.shape == layer.target.shape for source in layer.sources)
    if operator.name not in _BY_ELEMENTS or not same or not _constants_repeat(graph, operator):
        return None
    return tuple(Read(source.index, 1, 1, 0, 0) for source in layer.sources)


def _constants_repeat(graph: Graph, operator: Operator) -> bool:
    """Whether constant operands are the same for every row."""
    constants = [graph.tensors[index] for index in operator.inputs if index != -1]
    return all(each.data is None or len(each.shape) < 3 or each.shape[-3] == 1 for each in constants)


def _window_read(graph: Graph, layer: Layer) -> Read:
    operator = layer.operators[0]
    if operator.name in _CONVOLUTIONS:
        _, height, width, _ = graph.tensors[operator.inputs[1]].shape
    else:
        height, width = operator.options["filter_height"], operator.options["filter_width"]
    geometry = window(graph, operator, (height, width))
    rows = (height - 1) * geometry.dilation[0] + 1
    above, stride = geometry.padding[0], geometry.stride[0]
    end = (geometry.target[0] - 1) * stride - above + rows
    return Read(layer.source.index, rows, stride, above, max(0, end - geometry.source[0]))


def _one_row(graph: Graph, layer: Layer, reads: Sequence[Read]) -> Graph:
    """The graph in which the layer's tensors have the rows of one output row, padding included."""
    tensors = list(graph.tensors)
    for index, rows in [*((read.tensor, read.rows) for read in reads), (layer.target.index, 1)]:
        shape = tensors[index].shape
        tensors[index] = replace(tensors[index], shape=(1, rows, *shape[2:]))
    return replace(graph, tensors=tuple(tensors))

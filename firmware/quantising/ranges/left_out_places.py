"""Ranges where TensorFlow's calibration computes one place of a convolution and leaves the others out.

Its float kernel of several threads, which calibration alone uses, takes a filter of the input's height and
width for one product of two matrices. With SAME padding behind the input there are more places: their memory
stays as it was, and what was there once becomes the range, of this layer and of those behind it; where it was
infinite or NaN, a layer behind it gets no range at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .percentiles import all_values, with_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.firmware.graph import Graph, Operator


def leaves_places_out(graph: Graph) -> bool:
    """Whether a float model has such a convolution."""
    return any(_leaves_places_out(graph, each) for each in graph.operators if each.name == "CONV_2D")


def _leaves_places_out(graph: Graph, operator: Operator) -> bool:
    source, weights = (graph.tensors[index].shape for index in operator.inputs[:2])
    target = graph.tensors[operator.outputs[0]].shape
    return source[1:3] == weights[1:3] and target[1:3] != (1, 1)


def with_all_places(
    ranges: bytes, content: bytes, rows: Sequence[Sequence[NDArray[Any]]], *, is_stream: bool
) -> bytes:
    """A calibrated .tflite with the reference kernels' ranges; the arguments are with_percentiles()'s."""
    found: dict[str, tuple[float, float]] = {}
    for name, values in all_values(content, rows, is_stream=is_stream):
        if values.size:
            low, high = found.get(name, (float("inf"), float("-inf")))
            found[name] = (min(low, float(values.min())), max(high, float(values.max())))
    return with_ranges(ranges, found, everywhere=True)

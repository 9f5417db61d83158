"""CONV_2D and MEAN over all its positions as one layer: what the convolution would write is never stored."""

from __future__ import annotations

from zerotap.firmware.arithmetic.fixed_point import zero_point
from zerotap.firmware.graph import Graph, Operator

from . import conv_2d, mean
from .fast_fir import conv as fast_conv
from .parts import window_positions
from .parts.interface import Implementation, data_tensor, output_tensor
from .parts.reduction import reduction
from .straight import conv


def fuses(graph: Graph, first: Operator, second: Operator) -> bool:
    """A mean over all positions of a convolution along a line that can be had in straight line."""
    windows = conv_2d.geometry(graph, first)
    if conv_2d.groups(graph, first) > 1 or window_positions.dilated_line(windows) is None:
        return False
    over = reduction(graph, second)
    channels = output_tensor(graph, first).shape[3]
    return (over.outer, over.folded, over.inner) == (1, 1, channels) and bool(
        implementations(graph, first, second)
    )


def always(graph: Graph, first: Operator, second: Operator) -> bool:
    """Only where that is faster."""
    return False


def implementations(graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
    """In straight line alone: with other kernels the two are two layers."""
    windows, scale = conv_2d.geometry(graph, first), mean.mean_scale(graph, second)
    line = window_positions.dilated_line(windows)
    if line is None or scale is None:
        return ()
    weights, fill = conv_2d.matrix(graph, first), zero_point(data_tensor(graph, first))
    layer = line, weights, conv_2d.outputs(graph, first), fill, scale
    return fast_conv.beside(conv.averaged(*layer), fast_conv.averaged(*layer) if line.dilation == 1 else ())

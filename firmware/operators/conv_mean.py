"""CONV_2D and MEAN over all its positions as one layer: what the convolution would write is never stored."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from zerotap.firmware.arithmetic.fixed_point import zero_point
from zerotap.firmware.graph import Graph, Operator

from . import conv_2d, mean
from .parts import weighted, window_positions
from .parts.interface import Emission, Function, Implementation, data_tensor, output_tensor
from .parts.reduction import reduction
from .straight import conv


def fuses(graph: Graph, first: Operator, second: Operator) -> bool:
    """A mean over all positions of a convolution along a line that can be had in straight line."""
    if conv_2d.groups(graph, first) > 1 or window_positions.line(conv_2d.geometry(graph, first)) is None:
        return False
    over = reduction(graph, second)
    channels = output_tensor(graph, first).shape[3]
    return (over.outer, over.folded, over.inner) == (1, 1, channels) and bool(_straight(graph, first, second))


def always(graph: Graph, first: Operator, second: Operator) -> bool:
    """Only where that is faster."""
    return False


def implementations(graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
    """In straight line; or one after the other, as the plan then has them where that is its choice."""
    apart = (
        _one_after_the_other(graph, first, one, other)
        for one in conv_2d.implementations(graph, first)
        if not one.code_bytes
        for other in mean.implementations(graph, second)
    )
    return (*_straight(graph, first, second), *apart)


def _straight(graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
    line, scale = window_positions.line(conv_2d.geometry(graph, first)), mean.mean_scale(graph, second)
    if line is None or scale is None:
        return ()
    weights, fill = conv_2d.matrix(graph, first), zero_point(data_tensor(graph, first))
    return conv.averaged(line, weights, conv_2d.outputs(graph, first), fill, scale)


def _one_after_the_other(
    graph: Graph, first: Operator, one: Implementation, other: Implementation
) -> Implementation:
    """Both, with what lies between them in the layer's scratch bytes."""
    between = -(-output_tensor(graph, first).size // 4) * 4
    return replace(
        one,
        kernel=f"{one.kernel}, {other.kernel}",
        runtime=(*one.runtime, *other.runtime),
        constant_bytes=one.constant_bytes + other.constant_bytes,
        cycles=one.cycles + other.cycles,
        emit=partial(_emit, between, one, other),
        scratch_bytes=between + one.scratch_bytes,
        is_apart=True,
    )


def _emit(between: int, one: Implementation, other: Implementation, label: str) -> Emission:
    names = f"{label}_conv", f"{label}_mean"
    parts = one.emit(names[0]), other.emit(names[1])
    scratch = (", int8_t *scratch", f", scratch + {between}") if one.scratch_bytes else ("", "")
    extra = (scratch[0], "")
    functions = tuple(
        Function(f"static void {name}(const int8_t *input, int8_t *output{more})", part.body)
        for name, part, more in zip(names, parts, extra, strict=True)
    )
    calls = [f"{names[0]}(input, scratch{scratch[1]});", f"{names[1]}(scratch, output);"]
    constants = parts[0].constants + parts[1].constants
    return Emission(constants, weighted.body(calls), functions, parts[0].assembly)

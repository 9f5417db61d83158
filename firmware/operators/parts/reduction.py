"""What MEAN and REDUCE_MAX have in common: neighbouring axes of a tensor that collapse."""

from __future__ import annotations

import math
from dataclasses import dataclass

from zerotap.firmware.graph import Graph, Operator

from .interface import data_tensor, output_tensor, require, require_constant


@dataclass(frozen=True, slots=True)
class Reduction:
    """The input seen as (outer, reduced, inner), the output as (outer, inner)."""

    outer: int
    reduced: int
    inner: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """All three."""
        return self.outer, self.reduced, self.inner


def reduction(graph: Graph, operator: Operator) -> Reduction:
    """The geometry of a checked operator."""
    shape = data_tensor(graph, operator).shape
    axes = _axes(graph, operator)
    first, last = axes[0], axes[-1] + 1
    return Reduction(math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:]))


def check_reduction(graph: Graph, operator: Operator, place: str) -> None:
    """Check that the axes are constant, inside of the input and neighbours, and that the shapes agree."""
    require(len(operator.inputs) == 2, place, f"has {len(operator.inputs)} inputs, not 2")
    axis = require_constant(place, "axis", graph.tensors[operator.inputs[1]], "int32")
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    rank = len(source.shape)
    require(
        axis.size > 0 and bool(((axis >= -rank) & (axis < rank)).all()),
        place,
        f"the axes {axis.ravel().tolist()} lie outside of the shape {source.shape}",
    )
    axes = _axes(graph, operator)
    require(
        axes == list(range(axes[0], axes[-1] + 1)), place, f"the axes {axes} are no neighbours; reshape first"
    )
    geometry = reduction(graph, operator)
    require(
        target.size == geometry.outer * geometry.inner,
        place,
        f"{source.shape} over the axes {axes} cannot give {target.shape}",
    )


def _axes(graph: Graph, operator: Operator) -> list[int]:
    axis = graph.tensors[operator.inputs[1]].data
    assert axis is not None
    rank = len(data_tensor(graph, operator).shape)
    return sorted({int(value) % rank for value in axis.ravel()})

"""What MEAN and REDUCE_MAX have in common: axes of a tensor that collapse."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

from zerotap.firmware.graph import Graph, Operator

from .interface import data_tensor, output_tensor, require, require_constant


@dataclass(frozen=True, slots=True)
class Reduction:
    """The input seen as (outer, reduced, inner), the output as (outer, inner).

    Over axes that are no neighbours (outer, reduced, inner, folded), the last reduced too.
    """

    outer: int
    reduced: int
    inner: int
    folded: int = 1

    @property
    def shape(self) -> tuple[int, int, int]:
        """The input's, of neighbours."""
        return self.outer, self.reduced, self.inner

    @property
    def count(self) -> int:
        """Elements of the input for one of the output."""
        return self.reduced * self.folded

    @property
    def columns(self) -> int:
        """Sums over the first axes."""
        return self.inner * self.folded


def reduction(graph: Graph, operator: Operator) -> Reduction:
    """The geometry of a checked operator."""
    shape = data_tensor(graph, operator).shape
    axes = _axes(graph, operator)
    first, last = axes[0], axes[-1] + 1
    if _are_neighbours(axes):
        return Reduction(math.prod(shape[:first]), math.prod(shape[first:last]), math.prod(shape[last:]))
    kept = [axis for axis in range(first, last) if axis not in axes]
    return Reduction(
        math.prod(shape[:first]),
        math.prod(shape[first : kept[0]]),
        math.prod(shape[kept[0] : kept[-1] + 1]),
        math.prod(shape[kept[-1] + 1 :]),
    )


def _are_neighbours(axes: list[int]) -> bool:
    return axes == list(range(axes[0], axes[-1] + 1))


def _is_fold(axes: list[int], rank: int) -> bool:
    """Whether the axes are two runs of neighbours, of which one ends the shape."""
    gaps = sum(after != before + 1 for before, after in itertools.pairwise(axes))
    return gaps == 1 and axes[-1] == rank - 1


def check_reduction(graph: Graph, operator: Operator, place: str, folds: bool = False) -> None:
    """Check that the axes are constant, inside of the input and neighbours, and that the shapes agree.

    ``folds``: they may also be two runs of neighbours, of which one ends the shape.
    """
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
        _are_neighbours(axes) or (folds and _is_fold(axes, rank)),
        place,
        f"the axes {axes} are no neighbours; reshape first",
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

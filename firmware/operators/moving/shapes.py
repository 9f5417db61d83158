"""Constants that say how an operator moves: axes, sizes, multiples."""

from __future__ import annotations

import numpy as np

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import require

_INTEGERS = ("int32", "int64")


def constant_integers(graph: Graph, operator: Operator, place: str, position: int, name: str) -> list[int]:
    """The values of a constant input, which errors call ``name``.

    Raises:
        ModelError: it is computed, or holds no integers.
    """
    require(len(operator.inputs) > position, place, f"lacks its {name}")
    tensor = graph.tensors[operator.inputs[position]]
    require(
        tensor.data is not None,
        place,
        f"the {name} is computed at run time; make it a constant in the float model",
    )
    require(tensor.dtype in _INTEGERS, place, f"the {name} is {tensor.dtype}, not int32")
    return integers(graph, operator, position)


def integers(graph: Graph, operator: Operator, position: int) -> list[int]:
    """The values of a constant input that was checked."""
    return [int(value) for value in np.asarray(graph.tensors[operator.inputs[position]].data).ravel()]


def axis_of(axis: int, rank: int, place: str) -> int:
    """An axis that may be counted from behind, from 0 on; ModelError where there is no such."""
    require(-rank <= axis < rank, place, f"has the axis {axis} of {rank}")
    return axis % rank

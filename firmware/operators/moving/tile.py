"""TILE: the whole tensor again and again along each axis."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.copying.moves import check_moves, flat_positions, moves
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
)

from .shapes import constant_integers, integers
from .views import check_ends, copied, seen

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, that the multiples are constant, and shapes."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require(
        graph.oracle == "tflite",
        place,
        "TensorFlow Lite Micro does not have this operator; use --oracle tflite",
    )
    check_ends(place, source, target)
    multiples = constant_integers(graph, operator, place, 1, "multiples")
    require(
        len(multiples) == len(source.shape) and min(multiples, default=1) > 0,
        place,
        f"has the multiples {multiples} of {source.shape}",
    )
    shape = tuple(extent * times for extent, times in zip(source.shape, multiples, strict=True))
    require(shape == target.shape, place, f"gives {shape}, its output is {target.shape}")
    check_moves(place, *moves(_view(graph, operator)))


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """NumPy's."""
    return seen(graph, operator, _view(graph, operator), data[0])


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move with steps of 0, or nothing where the tensor is there once."""
    return copied("tile", data_tensor(graph, operator), _view(graph, operator))


def _view(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    """(times, extent, times, extent ...): two axes for each."""
    shape, multiples = data_tensor(graph, operator).shape, integers(graph, operator, 1)
    pairs = list(zip(multiples, shape, strict=True))
    once = flat_positions((math.prod(shape),)).reshape([side for pair in pairs for side in (1, pair[1])])
    return np.broadcast_to(once, [side for pair in pairs for side in pair])

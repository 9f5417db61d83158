"""TRANSPOSE by a constant permutation; one that only moves axes of extent 1 runs nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.copying.moves import check_moves, check_sizes, flat_positions, moves
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_constant,
    require_int8,
    require_same_scale,
)

from .views import copied

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, the permutation and shapes."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    check_sizes(place, source, target)
    require_same_scale(place, source, target)
    require(len(operator.inputs) == 2, place, f"has {len(operator.inputs)} inputs, not 2")
    axes = require_constant(place, "permutation", graph.tensors[operator.inputs[1]], "int32")
    rank = len(source.shape)
    require(
        sorted(_axes(graph, operator)) == list(range(rank)) and bool(np.all(axes >= -rank)),
        place,
        f"{axes.ravel().tolist()} is no permutation of {rank} axes",
    )
    require(source.size == target.size, place, f"{source.shape} cannot become {target.shape}")
    check_moves(place, *moves(_view(graph, operator)))


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """NumPy's."""
    values = data[0].reshape(data_tensor(graph, operator).shape)
    return np.transpose(values, _axes(graph, operator)).reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move, or nothing where the bytes keep their order."""
    return copied("transpose", data_tensor(graph, operator), _view(graph, operator))


def _axes(graph: Graph, operator: Operator) -> list[int]:
    axes = np.asarray(graph.tensors[operator.inputs[1]].data).ravel()
    rank = max(len(data_tensor(graph, operator).shape), 1)
    return [int(axis) % rank for axis in axes]


def _view(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    return np.transpose(flat_positions(data_tensor(graph, operator).shape), _axes(graph, operator))

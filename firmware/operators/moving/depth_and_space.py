"""DEPTH_TO_SPACE and SPACE_TO_DEPTH: channels to blocks of positions, and back."""

from __future__ import annotations

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

from .views import check_ends, copied, seen

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, the block's size, and shapes."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    check_ends(place, source, target)
    require(len(source.shape) == 4, place, f"takes {source.shape}, not (1, height, width, channels)")
    deep, flat = (source, target) if _is_to_space(operator) else (target, source)
    batch, height, width, channels = deep.shape if len(deep.shape) == 4 else (0, 0, 0, 0)
    size = operator.options["block_size"]
    require(
        size > 0
        and flat.shape == (batch, height * size, width * size, channels // size**2)
        and channels % size**2 == 0,
        place,
        f"{source.shape} with blocks of {size} cannot become {target.shape}",
    )
    check_moves(place, *moves(_view(graph, operator)))


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The same values in another order."""
    return seen(graph, operator, _view(graph, operator), data[0])


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move, or nothing where a block is one position."""
    return copied(operator.name.lower(), data_tensor(graph, operator), _view(graph, operator))


def _is_to_space(operator: Operator) -> bool:
    return operator.name == "DEPTH_TO_SPACE"


def _view(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    batch, height, width, channels = data_tensor(graph, operator).shape
    size, positions = operator.options["block_size"], flat_positions((batch, height, width, channels))
    if _is_to_space(operator):
        blocks = positions.reshape(batch, height, width, size, size, -1)
        return blocks.transpose(0, 1, 3, 2, 4, 5)
    blocks = positions.reshape(batch, height // size, size, width // size, size, channels)
    return blocks.transpose(0, 1, 3, 2, 4, 5)

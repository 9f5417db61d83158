"""SLICE with constant begin and size; a size of -1 is all that is left."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.copying.moves import flat_positions
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
)

from .shapes import constant_integers
from .views import check_ends, check_view, copied, seen

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, that the bounds are constant and inside, and shapes."""
    source = data_tensor(graph, operator)
    check_ends(place, source, output_tensor(graph, operator))
    begins, sizes = (
        constant_integers(graph, operator, place, position, name)
        for position, name in ((1, "begin"), (2, "size"))
    )
    require(
        len(begins) == len(sizes) == len(source.shape),
        place,
        f"has {len(begins)} begins and {len(sizes)} sizes for {source.shape}",
    )
    bounds = zip(begins, sizes, source.shape, strict=True)
    require(
        all(0 <= begin < extent and -1 <= size <= extent - begin and size for begin, size, extent in bounds),
        place,
        f"{source.shape} has no {sizes} from {begins} on; convert the model again",
    )
    check_view(graph, operator, place, _view(graph, operator))


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The values of the slice."""
    return seen(graph, operator, _view(graph, operator), data[0])


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move, or nothing where the slice is the whole."""
    return copied("slice", data_tensor(graph, operator), _view(graph, operator))


def _view(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    begins, sizes = (np.asarray(graph.tensors[index].data).ravel().tolist() for index in operator.inputs[1:])
    bounds = zip(begins, sizes, strict=True)
    index = tuple(slice(begin, None if size == -1 else begin + size) for begin, size in bounds)
    return flat_positions(data_tensor(graph, operator).shape)[index]

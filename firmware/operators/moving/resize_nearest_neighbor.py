"""RESIZE_NEAREST_NEIGHBOR: which row and column each output takes is known when the C is made."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
)

from .shapes import constant_integers
from .views import check_ends, taken

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, the constant size, options and shapes."""
    check_ends(place, data_tensor(graph, operator), output_tensor(graph, operator))
    check_resize(graph, operator, place)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    values = data[0].reshape(data_tensor(graph, operator).shape)
    resized: NDArray[Any] = values[np.ix_(*_indices(graph, operator))]
    return resized


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """take, or nothing where the size stays."""
    return taken("resize_nearest", data_tensor(graph, operator).shape, _indices(graph, operator))


def _indices(graph: Graph, operator: Operator) -> list[NDArray[np.int64]]:
    """Along each axis: which position of the input."""
    source, target = data_tensor(graph, operator).shape, output_tensor(graph, operator).shape
    return [
        np.zeros(1, np.int64),
        _nearest(operator, source[1], target[1]),
        _nearest(operator, source[2], target[2]),
        np.arange(source[3]),
    ]


def _nearest(operator: Operator, extent: int, outputs: int) -> NDArray[np.int64]:
    """TFLite's GetNearestNeighbor, in float32 as there."""
    inputs = extent, outputs
    if operator.options["align_corners"] and outputs > 1:
        inputs = extent - 1, outputs - 1
    scale = np.float32(inputs[0]) / np.float32(inputs[1])
    half = np.float32(0.5 if operator.options["half_pixel_centers"] else 0)
    places = (np.arange(outputs, dtype=np.float32) + half) * scale
    rounded = np.floor(places + np.float32(0.5)) if operator.options["align_corners"] else np.floor(places)
    positions: NDArray[np.int64] = np.clip(rounded.astype(np.int64), 0, extent - 1)
    return positions


def check_resize(graph: Graph, operator: Operator, place: str) -> None:
    """Check the constant size, options and shapes of (1, height, width, channels)."""
    source, target = data_tensor(graph, operator).shape, output_tensor(graph, operator).shape
    require(len(source) == 4 and source[0] == 1, place, f"takes {source}, not (1, height, width, channels)")
    size = constant_integers(graph, operator, place, 1, "size")
    require(target == (1, *size, source[3]), place, f"{source} resized to {size} is not {target}")
    options = operator.options
    require(
        not (options["align_corners"] and options["half_pixel_centers"]),
        place,
        "aligns corners and takes the centres of pixels at once; choose one of the two",
    )

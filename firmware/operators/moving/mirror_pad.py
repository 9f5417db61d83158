"""MIRROR_PAD: the input, and around it its mirror image, with its edge (SYMMETRIC) or without (REFLECT)."""

from __future__ import annotations

from typing import Any, Final

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

from .shapes import constant_integers, integers
from .views import check_ends, taken

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

_MODES: Final = ("reflect", "symmetric")


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, that the paddings are constant and no wider than the image, and shapes."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    check_ends(place, source, target)
    paddings, rank = constant_integers(graph, operator, place, 1, "paddings"), len(source.shape)
    require(len(paddings) == 2 * rank, place, f"has {len(paddings)} paddings for {source.shape}")
    mode = operator.options["mode"]
    require(mode in (0, 1), place, f"has the mode {mode}, neither REFLECT nor SYMMETRIC")
    room = [extent - (mode == 0) for extent in source.shape for _ in "lr"]
    require(
        all(0 <= padding <= most for padding, most in zip(paddings, room, strict=True)),
        place,
        f"{source.shape} cannot be mirrored by {paddings}; pad less, or with zeros",
    )
    shape = tuple(index.size for index in _indices(graph, operator))
    require(shape == target.shape, place, f"gives {shape}, its output is {target.shape}")


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """NumPy's."""
    values = data[0].reshape(data_tensor(graph, operator).shape)
    mirrored: NDArray[Any] = values[np.ix_(*_indices(graph, operator))]
    return mirrored


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """take, or nothing where nothing is padded."""
    return taken("mirror_pad", data_tensor(graph, operator).shape, _indices(graph, operator))


def _indices(graph: Graph, operator: Operator) -> list[NDArray[np.int64]]:
    """Along each axis: which position of the input."""
    paddings = iter(integers(graph, operator, 1))
    pairs = zip(data_tensor(graph, operator).shape, paddings, paddings, strict=False)
    # A literal for each: NumPy's stubs know the modes by their names alone.
    if operator.options["mode"] == _MODES.index("reflect"):
        return [np.pad(np.arange(extent), (before, after), "reflect") for extent, before, after in pairs]
    return [np.pad(np.arange(extent), (before, after), "symmetric") for extent, before, after in pairs]

"""SPLIT, SPLIT_V and UNPACK: parts along an axis, each of them an operator (see passes/separation.py)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.copying.moves import flat_positions
from zerotap.firmware.operators.parts.interface import Implementation, no_macs, output_tensor, require

from .shapes import axis_of, constant_integers, integers
from .views import check_ends, check_view, copied, seen

macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """What is split: SPLIT has its axis before it."""
    return (_position(operator),)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, that axis and sizes are constant, that the parts are the whole, and the part's shape."""
    source = _source(graph, operator)
    check_ends(place, source, output_tensor(graph, operator))
    if operator.name != "UNPACK":
        axes = constant_integers(graph, operator, place, 0 if operator.name == "SPLIT" else 2, "axis")
        require(len(axes) == 1, place, f"splits along the axes {axes}, not along one")
    axis = axis_of(_axis(graph, operator), len(source.shape), place)
    if operator.name == "SPLIT_V":
        constant_integers(graph, operator, place, 1, "sizes")
    options, sizes = operator.options, _sizes(graph, operator, axis)
    count, parts = options["num" if operator.name == "UNPACK" else "num_splits"], options["parts"]
    require(
        count == parts == len(sizes) and min(sizes) > 0 and sum(sizes) == source.shape[axis],
        place,
        f"{source.shape} along axis {axis} cannot become {parts} parts of {sizes}; convert the model again",
    )
    check_view(graph, operator, place, _view(graph, operator))


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The values of one part."""
    return seen(graph, operator, _view(graph, operator), data[0])


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move, or nothing where the part is the whole."""
    return copied(operator.name.lower(), _source(graph, operator), _view(graph, operator))


def _position(operator: Operator) -> int:
    return 1 if operator.name == "SPLIT" else 0


def _source(graph: Graph, operator: Operator) -> Tensor:
    return graph.tensors[operator.inputs[_position(operator)]]


def _axis(graph: Graph, operator: Operator) -> int:
    if operator.name == "UNPACK":
        return int(operator.options["axis"])
    return integers(graph, operator, 0 if operator.name == "SPLIT" else 2)[0]


def _sizes(graph: Graph, operator: Operator, axis: int) -> list[int]:
    """Of all parts; SPLIT_V may leave one to be what the others leave."""
    extent, parts = _source(graph, operator).shape[axis], operator.options["parts"]
    if operator.name == "UNPACK":
        return [1] * parts
    if operator.name == "SPLIT":
        return [extent // parts] * parts
    sizes = integers(graph, operator, 1)
    rest = extent - sum(size for size in sizes if size != -1)
    return [rest if size == -1 else size for size in sizes] if sizes.count(-1) < 2 else [0]


def _view(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    source = _source(graph, operator)
    axis = _axis(graph, operator) % len(source.shape)
    part, sizes = operator.options["part"], _sizes(graph, operator, axis)
    along = np.moveaxis(flat_positions(source.shape), axis, 0)
    first = sum(sizes[:part])
    if operator.name == "UNPACK":
        return np.asarray(along[first])
    return np.moveaxis(along[first : first + sizes[part]], 0, axis)

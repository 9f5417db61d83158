"""CONCATENATION and PACK along any axis of tensors with one scale; some of them may be constant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.copying.calls import NOTHING, move_implementation
from zerotap.firmware.operators.copying.moves import Move, check_moves, check_sizes, flat_positions, move
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    no_macs,
    output_tensor,
    require,
    require_int8,
    require_same_scale,
)

macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The positions of the computed inputs."""
    computed = [
        position for position, index in enumerate(operator.inputs) if graph.tensors[index].data is None
    ]
    return tuple(computed) or (0,)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, the axis, shapes, and that the scale stays, as TFLite demands of int8."""
    target, parts = output_tensor(graph, operator), _parts(graph, operator)
    require_int8(place, target, *parts)
    check_sizes(place, target, *parts)
    for part in parts:
        require_same_scale(place, part, target)
    require(operator.options.get("fused_activation_function", 0) == 0, place, "has a fused activation")
    count = operator.options.get("values_count", len(parts))
    require(count == len(parts), place, f"packs {count} values and has {len(parts)}")
    rank, axis = len(target.shape), operator.options["axis"]
    require(-rank <= axis < rank, place, f"joins along axis {axis} of {rank}")
    shapes = [_without(part.shape, axis) for part in parts if len(part.shape) == rank]
    require(
        shapes == [_without(target.shape, axis)] * len(parts)
        and sum(part.shape[axis] for part in parts) == target.shape[axis],
        place,
        f"{', '.join(str(part.shape) for part in _inputs(graph, operator))} cannot become {target.shape}",
    )
    check_moves(place, *(each for _, each in _moves(graph, operator)))


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """NumPy's."""
    computed = iter(data)
    values = [
        np.asarray(next(computed) if part.data is None else part.data).reshape(part.shape)
        for part in _parts(graph, operator)
    ]
    return np.concatenate(values, operator.options["axis"])


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """move for each input; nothing where there is one."""
    parts, names = _parts(graph, operator), _names(graph, operator)
    if len(parts) == 1:
        return (NOTHING,)
    constants = [part for part in parts if part.data is not None]
    text = "".join(
        c_source.array("int8_t", f"LABEL_part_{position}", np.asarray(part.data))
        for position, part in enumerate(parts)
        if part.data is not None
    )
    moves = [(name, each) for name, (_, each) in zip(names, _moves(graph, operator), strict=True)]
    kernel = "pack" if operator.name == "PACK" else "concatenate"
    return (move_implementation(kernel, moves, text, sum(part.size for part in constants)),)


def _inputs(graph: Graph, operator: Operator) -> list[Tensor]:
    return [graph.tensors[index] for index in operator.inputs]


def _parts(graph: Graph, operator: Operator) -> list[Tensor]:
    """The inputs as they are joined: PACK gives each the new axis first."""
    inputs, rank = _inputs(graph, operator), len(output_tensor(graph, operator).shape)
    if operator.name != "PACK":
        return inputs
    return [
        replace(each, shape=_with_axis(each.shape, operator.options["axis"]))
        for each in inputs
        if len(each.shape) == rank - 1
    ]


def _names(graph: Graph, operator: Operator) -> list[str]:
    """The C expression of each part."""
    inputs = (f"input_{count}" if count else "input" for count in range(len(operator.inputs)))
    return [
        next(inputs) if part.data is None else f"LABEL_part_{position}"
        for position, part in enumerate(_parts(graph, operator))
    ]


def _without(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    axis %= len(shape)
    return shape[:axis] + shape[axis + 1 :]


def _with_axis(shape: tuple[int, ...], axis: int) -> tuple[int, ...]:
    axis %= len(shape) + 1
    return (*shape[:axis], 1, *shape[axis:])


def _moves(graph: Graph, operator: Operator) -> Iterator[tuple[Tensor, Move]]:
    """Each part and where it goes."""
    target, axis = (
        output_tensor(graph, operator),
        operator.options["axis"] % len(output_tensor(graph, operator).shape),
    )
    places, start = np.moveaxis(flat_positions(target.shape), axis, 0), 0
    for part in _parts(graph, operator):
        inside = np.moveaxis(places[start : start + part.shape[axis]], 0, axis)
        yield part, move(flat_positions(part.shape), inside)
        start += part.shape[axis]

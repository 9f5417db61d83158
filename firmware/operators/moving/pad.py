"""PAD and PADV2 with constant paddings: what lies around the input is filled, the input copied into it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import zero_point
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.copying.calls import NOTHING, move_implementation, rows_implementation
from zerotap.firmware.operators.copying.moves import Move, check_moves, check_sizes, flat_positions, move
from zerotap.firmware.operators.copying.rows import Filled, Rows
from zerotap.firmware.operators.parts.interface import (
    Implementation,
    data_tensor,
    first_input,
    no_macs,
    output_tensor,
    require,
    require_int8,
    require_same_scale,
)

data_inputs = first_input
macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False

_AMOUNTS = ("int32", "int64")


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, that the paddings are constant and not negative, and shapes."""
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    require_int8(place, source, target)
    check_sizes(place, source, target)
    require_same_scale(place, source, target)
    wanted = 3 if operator.name == "PADV2" else 2
    require(len(operator.inputs) == wanted, place, f"has {len(operator.inputs)} inputs, not {wanted}")
    amounts = graph.tensors[operator.inputs[1]]
    require(
        amounts.data is not None,
        place,
        "the paddings are computed at run time; make them constants in the float model",
    )
    require(amounts.dtype in _AMOUNTS, place, f"the paddings are {amounts.dtype}, not int32")
    require(amounts.size == 2 * len(source.shape), place, f"has {amounts.size} paddings for {source.shape}")
    require(bool(np.all(_amounts(graph, operator) >= 0)), place, "has a negative padding")
    shape = tuple(int(total) for total in _amounts(graph, operator).sum(axis=1) + source.shape)
    require(shape == target.shape, place, f"{source.shape} padded is {shape}, not {target.shape}")
    _check_value(graph, operator, place)
    check_moves(place, _move(graph, operator))


def _check_value(graph: Graph, operator: Operator, place: str) -> None:
    if operator.name == "PADV2":
        value, source = graph.tensors[operator.inputs[2]], data_tensor(graph, operator)
        require_int8(place, value)
        require_same_scale(place, source, value)
        require(value.data is not None and value.size == 1, place, "pads with more than one constant value")


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """The input inside of the padding."""
    values = data[0].reshape(data_tensor(graph, operator).shape)
    return np.pad(values, _amounts(graph, operator).tolist(), constant_values=_value(graph, operator))


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """By rows; else move twice: one byte everywhere, then the input; nothing where nothing is padded."""
    target = output_tensor(graph, operator)
    if target.size == data_tensor(graph, operator).size:
        return (NOTHING,)
    inside = Rows.of(_move(graph, operator))
    if inside is not None:
        filled = _around(inside, target.size, _value(graph, operator))
        return (rows_implementation("pad", [("input", inside)], filled=filled),)
    everywhere = flat_positions((target.size,))
    fill = move(np.broadcast_to(np.zeros(1, np.int64), (target.size,)), everywhere)
    constants = f"static const int8_t LABEL_value = {_value(graph, operator)};\n"
    moves = [("&LABEL_value", fill), ("input", _move(graph, operator))]
    return (move_implementation("pad", moves, constants, 1),)


def _around(inside: Rows, size: int, value: int) -> list[Filled]:
    """Before and behind a single row; else everywhere, so that rows are copied over it."""
    if inside.count > 1:
        return [Filled(0, size, value)]
    end = inside.target_start + inside.bytes
    both = Filled(0, inside.target_start, value), Filled(end, size - end, value)
    return [each for each in both if each.bytes]


def _amounts(graph: Graph, operator: Operator) -> NDArray[np.int64]:
    """(rank, 2): before and after each axis."""
    return np.asarray(graph.tensors[operator.inputs[1]].data, np.int64).reshape(-1, 2)


def _value(graph: Graph, operator: Operator) -> int:
    if operator.name == "PADV2":
        return int(np.asarray(graph.tensors[operator.inputs[2]].data).ravel()[0])
    return zero_point(output_tensor(graph, operator))


def _move(graph: Graph, operator: Operator) -> Move:
    source, target = data_tensor(graph, operator), output_tensor(graph, operator)
    before = _amounts(graph, operator)[:, 0].tolist()
    inside = tuple(slice(first, first + extent) for first, extent in zip(before, source.shape, strict=True))
    return move(flat_positions(source.shape), flat_positions(target.shape)[inside])

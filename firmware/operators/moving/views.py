"""Operators whose output is one view of their input, by steps or by tables of offsets."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators.copying.calls import NOTHING, move_implementation
from zerotap.firmware.operators.copying.moves import check_moves, check_sizes, moves
from zerotap.firmware.operators.parts.interface import (
    Emission,
    Implementation,
    output_tensor,
    require,
    require_int8,
)

TABLES: Final = ("outer", "middle", "inner")
# Of zerotap_take: a call, a turn of each loop, and a byte.
_CALL_CYCLES: Final = 43
_TURN_CYCLES: Final = (16, 22, 18)
_BYTE_CYCLES: Final = 8


def check_ends(place: str, source: Tensor, target: Tensor) -> None:
    """Check both types and sizes. TensorFlow copies codes, whatever the two scales are."""
    require_int8(place, source, target)
    check_sizes(place, source, target)


def check_view(graph: Graph, operator: Operator, place: str, view: NDArray[np.int64]) -> None:
    """Check that a view, of the shape that the options give, is the output, and that the kernel has loops."""
    target = output_tensor(graph, operator)
    require(view.shape == target.shape, place, f"gives {view.shape}, its output is {target.shape}")
    check_moves(place, *moves(view))


def seen(graph: Graph, operator: Operator, view: NDArray[np.int64], values: NDArray[Any]) -> NDArray[Any]:
    """The output: a view of the values."""
    result: NDArray[Any] = values.ravel()[view]
    return result.reshape(output_tensor(graph, operator).shape)


def copied(kernel: str, source: Tensor, view: NDArray[np.int64]) -> tuple[Implementation, ...]:
    """move, or nothing where the view is the whole tensor in order."""
    blocks = moves(view)
    if blocks[0].is_identity(source.size):
        return (NOTHING,)
    return (move_implementation(kernel, [("input", block) for block in blocks]),)


def taken(
    kernel: str, shape: Sequence[int], indices: Sequence[NDArray[np.int64]]
) -> tuple[Implementation, ...]:
    """take: along each axis of the input of ``shape`` the elements at ``indices``; nothing where all are."""
    tables, run = _tables(shape, indices)
    if run == math.prod(shape) and all(table.size == 1 for table in tables):
        return (NOTHING,)
    sizes = [table.size for table in tables]
    cycles = _take_cycles(sizes[0], sizes[1], sizes[2], run)
    flash = 4 * (sum(sizes) + 2 * len(TABLES) + 1)
    return (Implementation(kernel, ("zerotap_take",), flash, cycles, partial(_emit_take, tables, run)),)


def _tables(
    shape: Sequence[int], indices: Sequence[NDArray[np.int64]]
) -> tuple[list[NDArray[np.int64]], int]:
    """Offsets for three loops, the innermost last, and how many bytes follow each other unchanged."""
    steps = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    axes = [index * step for index, step in zip(indices, steps, strict=True)]
    run = 1
    while axes and np.array_equal(axes[-1], run * np.arange(shape[len(axes) - 1])):
        run *= axes.pop().size
    axes = [offsets for offsets in axes if offsets.size > 1 or offsets[0] != 0]
    while len(axes) > len(TABLES):
        axes[:2] = [np.add.outer(axes[0], axes[1]).ravel()]
    none = [np.zeros(1, np.int64)] * (len(TABLES) - len(axes))
    return [*none, *axes], run


def _take_cycles(outer: int, middle: int, inner: int, run: int) -> int:
    """Cycles of zerotap_take, its call included: fitted to arm-none-eabi-gcc 12 -O2."""
    turns = (outer, outer * middle, outer * middle * inner)
    loops = sum(cycles * count for cycles, count in zip(_TURN_CYCLES, turns, strict=True))
    return _CALL_CYCLES + loops + _BYTE_CYCLES * turns[-1] * run


def _emit_take(tables: Sequence[NDArray[np.int64]], run: int, label: str) -> Emission:
    names = [f"{label}_{name}" for name in TABLES]
    constants = "".join(
        c_source.array("int32_t", name, table) for name, table in zip(names, tables, strict=True)
    )
    fields: dict[str, int | str] = {}
    for field, name, table in zip(TABLES, names, tables, strict=True):
        fields |= {field: name, f"{field}_count": table.size}
    constants += c_source.struct("zerotap_take_t", label, fields | {"run": run})
    return Emission(constants, f"zerotap_take(input, &{label}, output);")

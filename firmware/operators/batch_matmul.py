"""BATCH_MATMUL of two int8 tensors: one matrix product, or several, as attention has them.

TFLite sums the products of the codes without their zero points in int32, and rounds each scaled sum twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import (
    INT8_MAX,
    INT8_MIN,
    check_left_shift,
    clamp_int8,
    quantise_multiplier,
    requantise,
    zero_point,
)
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator, Tensor

from .pairwise.two_operands import data_inputs as data_inputs
from .pairwise.two_operands import operand_bytes, operands, pointers
from .parts import weighted
from .parts.interface import Emission, Implementation, int64, output_tensor, require, require_int8
from .parts.requantisation import Rounding, UniformScale, uniform_scale

IN_PLACE: bool = False
ALIAS: bool = False

_PRODUCT_MAX: Final = 255 * 255
# A row of sums lies on the stack.
_COLUMNS_MAX: Final = 256
# Fitted to arm-none-eabi-gcc 12 -O2.
_LAYER_CYCLES: Final = 45
_BATCH_CYCLES: Final = 20
_ROW_CYCLES: Final = 75
_COLUMN_CYCLES: Final = 26
_PRODUCT_CYCLES: Final = 16


@dataclass(frozen=True, slots=True)
class Products:
    """``batches`` products of (rows, depth) by (depth, columns), and the steps between neighbours.

    Steps are of elements of an operand; those from one matrix to the next are 0 where it has only one.
    """

    batches: int
    rows: int
    depth: int
    columns: int
    first_batch: int
    second_batch: int
    first_row: int
    first_depth: int
    second_depth: int
    second_column: int


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types and shapes, and that no sum leaves int32."""
    first, second = operands(graph, operator)
    target = output_tensor(graph, operator)
    require_int8(place, first, second, target)
    shapes = f"{first.shape} times {second.shape}"
    require(min(len(first.shape), len(second.shape)) >= 2, place, f"{shapes} are no matrices")
    rows, depth = _matrix(first, operator.options["adj_x"])
    inner, columns = _matrix(second, operator.options["adj_y"])
    require(depth == inner, place, f"{shapes} have no depth in common")
    batches = {math.prod(tensor.shape[:-2]) for tensor in (first, second)}
    require(
        len(batches - {1}) <= 1 and _same_batch(first, second),
        place,
        f"{shapes} repeat along some of their batches; give both as many matrices, or one a single one",
    )
    require(target.size == max(batches) * rows * columns, place, f"{shapes} cannot give {target.shape}")
    require(
        columns <= _COLUMNS_MAX, place, f"{shapes} have more than {_COLUMNS_MAX} columns; make them fewer"
    )
    check_left_shift(place, depth * _PRODUCT_MAX, _scale(graph, operator)[1])


def products(graph: Graph, operator: Operator) -> Products:
    """The geometry of a checked operator."""
    first, second = operands(graph, operator)
    rows, depth = _matrix(first, operator.options["adj_x"])
    _, columns = _matrix(second, operator.options["adj_y"])
    batches = [math.prod(tensor.shape[:-2]) for tensor in (first, second)]
    first_row, first_depth = (1, rows) if operator.options["adj_x"] else (depth, 1)
    second_depth, second_column = (1, depth) if operator.options["adj_y"] else (columns, 1)
    return Products(
        max(batches),
        rows,
        depth,
        columns,
        rows * depth if batches[0] > 1 else 0,
        depth * columns if batches[1] > 1 else 0,
        first_row,
        first_depth,
        second_depth,
        second_column,
    )


def macs(graph: Graph, operator: Operator) -> int:
    """One for each element of depth and of the output."""
    geometry = products(graph, operator)
    return geometry.batches * geometry.rows * geometry.columns * geometry.depth


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to the oracle."""
    computed, positions = iter(data), data_inputs(graph, operator)
    tensors = operands(graph, operator)
    values = [next(computed) if at in positions else tensor.data for at, tensor in enumerate(tensors)]
    if operator.inputs[0] == operator.inputs[1]:
        values[1] = values[0]
    first, second = (
        int64(np.asarray(value)).reshape(-1, *tensor.shape[-2:]) - zero_point(tensor)
        for value, tensor in zip(values, tensors, strict=True)
    )
    first = first.swapaxes(1, 2) if operator.options["adj_x"] else first
    second = second.swapaxes(1, 2) if operator.options["adj_y"] else second
    target = output_tensor(graph, operator)
    scaled = requantise(first @ second, *_scale(graph, operator))
    return clamp_int8(scaled + zero_point(target)).reshape(target.shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """Sums of a row at a time, with one scale or TFLite's own arithmetic."""
    found, rounding = _found(graph, operator), _rounding(graph, operator)
    general = _implementation(
        graph,
        operator,
        "round_sums",
        rounding.constant_bytes,
        rounding.cycles(products(graph, operator).columns),
        partial(_emit, graph, operator, rounding),
    )
    if found is None:
        return (general,)
    fast = _implementation(
        graph,
        operator,
        "scale_uniform",
        found.constant_bytes,
        found.cycles(products(graph, operator).columns),
        partial(_emit, graph, operator, found),
    )
    return fast, general


def _implementation(
    graph: Graph,
    operator: Operator,
    way: str,
    constant_bytes: int,
    row_cycles: int,
    emit: Any,  # noqa: ANN401
) -> Implementation:
    geometry = products(graph, operator)
    sums = geometry.columns * (_COLUMN_CYCLES + _PRODUCT_CYCLES * geometry.depth)
    rows = geometry.rows * (_ROW_CYCLES + sums + row_cycles)
    return Implementation(
        f"matrix_sums, {way}",
        ("zerotap_matrix_sums", f"zerotap_{way}"),
        4 * 7 + operand_bytes(graph, operator) + constant_bytes,
        _LAYER_CYCLES + geometry.batches * (_BATCH_CYCLES + rows),
        emit,
    )


def _matrix(tensor: Tensor, adjoint: bool) -> tuple[int, int]:
    rows, columns = tensor.shape[-2:]
    return (columns, rows) if adjoint else (rows, columns)


def _same_batch(first: Tensor, second: Tensor) -> bool:
    """Whether both have the same batches, or one has a single matrix."""
    one, other = ([extent for extent in tensor.shape[:-2] if extent != 1] for tensor in (first, second))
    return one == other or not one or not other


def _scale(graph: Graph, operator: Operator) -> tuple[int, int]:
    first, second = (np.float32(tensor.scale[0]) for tensor in operands(graph, operator))
    product = float(first * second)  # TFLite multiplies the two scales in float32
    return quantise_multiplier(product / float(output_tensor(graph, operator).scale[0]))


def _ends(graph: Graph, operator: Operator) -> tuple[int, int]:
    """The smallest and the largest sum."""
    codes = np.array([INT8_MIN, INT8_MAX])
    first, second = (codes - zero_point(tensor) for tensor in operands(graph, operator))
    corners = first[:, None] * second[None] * products(graph, operator).depth
    return int(np.min(corners)), int(np.max(corners))


def _found(graph: Graph, operator: Operator) -> UniformScale | None:
    target = zero_point(output_tensor(graph, operator))
    return uniform_scale(_scale(graph, operator), 0, _ends(graph, operator), target)


def _rounding(graph: Graph, operator: Operator) -> Rounding:
    limits = (zero_point(output_tensor(graph, operator)), INT8_MIN, INT8_MAX)
    return Rounding([0], [_scale(graph, operator)], limits, once=False, uniform=True)


def _emit(graph: Graph, operator: Operator, way: UniformScale | Rounding, label: str) -> Emission:
    """Loops over matrices and rows."""
    constants, (first, second) = pointers(graph, operator, label)
    second = first if operator.inputs[0] == operator.inputs[1] else second
    geometry = products(graph, operator)
    tensors = operands(graph, operator)
    fields: dict[str, int | str] = {
        "columns": geometry.columns,
        "depth": geometry.depth,
        "first_depth": geometry.first_depth,
        "second_depth": geometry.second_depth,
        "second_column": geometry.second_column,
        "first_zero_point": zero_point(tensors[0]),
        "second_zero_point": zero_point(tensors[1]),
    }
    low, high = _ends(graph, operator)
    constants += f"/* No sum can leave [{low}, {high}]. */\n"
    constants += c_source.struct("zerotap_matrix_t", f"{label}_matrix", fields)
    if isinstance(way, UniformScale):
        constants += way.constants(label)
        scaling = way.statement(label, "sums", geometry.columns, "output")
    else:
        constants += way.definition(f"{label}_rounding")
        scaling = f"zerotap_round_sums(sums, &{label}_rounding, {geometry.columns}, output);"
    return Emission(constants, weighted.body(_lines(geometry, label, first, second, scaling)))


def _lines(geometry: Products, label: str, first: str, second: str, scaling: str) -> list[str]:
    row = [
        f"zerotap_matrix_sums(row, matrix, &{label}_matrix, sums);",
        scaling,
        f"row += {geometry.first_row};",
        f"output += {geometry.columns};",
    ]
    rest = geometry.first_batch - geometry.rows * geometry.first_row
    batch = [
        *weighted.loop("i", 0, geometry.rows, row),
        *([f"row += {rest};"] if rest else []),
        f"matrix += {geometry.second_batch};",
    ]
    head = [f"int32_t sums[{geometry.columns}];", f"const int8_t *row = {first}, *matrix = {second};"]
    return [*head, *weighted.loop("batch", 0, geometry.batches, batch)]

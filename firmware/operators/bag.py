"""GATHER and MEAN as one layer, an embedding bag: rows are added where they lie, nothing is copied.

Padding counts in TFLite's MEAN as any other id, so a bag reads exactly as many rows as there are ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MIN, zero_point
from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from . import mean
from .bag_code import bag_implementations
from .parts import weighted
from .parts.interface import Emission, Implementation, data_tensor, output_tensor
from .parts.reduction import reduction
from .parts.requantisation import UniformScale

# Sums of unsigned values share a register, 16 bits each.
_IDS_MAX: Final = 257
_COLUMNS: Final = 8
_COLUMNS_MAX: Final = 512

# The layer's function as gcc 12 -O2 makes it.
_LAYER_CYCLES: Final = 40


@dataclass(frozen=True, slots=True)
class _Storage:
    """How a table lies in flash, q + ``stored`` in ``bits`` bits, and what its kernel takes.

    Cycles as counted in runtime/zerotap_bag_run.h: a call, a pass over 8 columns, and a row in a pass.
    """

    function: str
    bits: int
    stored: int
    cycles: tuple[int, int, int]

    def holds(self, table: NDArray[np.int8]) -> bool:
        return int(np.min(table)) >= -self.stored and int(np.max(table)) < self.stored

    def packed(self, table: NDArray[np.int8]) -> NDArray[np.int64]:
        values = table.astype(np.int64) + self.stored
        return values if self.bits == 8 else values[:, ::2] + (values[:, 1::2] << 4)


_STORAGES: Final = (
    _Storage("zerotap_bag_sums", 8, 128, (50, 44, 22)),
    _Storage("zerotap_bag_nibble_sums", 4, 8, (52, 44, 27)),
)


def _table(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    data = graph.tensors[operator.inputs[0]].data
    assert data is not None
    return data.reshape(data.shape[0], -1)


def fuses(graph: Graph, first: Operator, second: Operator) -> bool:
    """Rows of a table, averaged over all ids."""
    table, geometry = _table(graph, first), reduction(graph, second)
    ids = data_tensor(graph, first, 1).size
    columns = table.shape[1]
    return (
        geometry.shape == (1, ids, columns)
        and ids <= _IDS_MAX
        and columns % _COLUMNS == 0
        and columns <= _COLUMNS_MAX
        and all(mean.mean_scale(graph, second, each.stored) for each in _STORAGES)
    )


def always(graph: Graph, first: Operator, second: Operator) -> bool:
    """The rows are never copied."""
    return True


def implementations(graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
    """A byte a value, in code of its own or by a kernel; where it needs no more, half a byte."""
    table, ids = _table(graph, first), data_tensor(graph, first, 1).size
    found = mean.mean_scale(graph, second, -INT8_MIN)
    offset = zero_point(output_tensor(graph, second))
    own = () if found is None else bag_implementations(table, ids, found, offset)
    by_kernels = (_implementation(graph, first, second, each) for each in _STORAGES if each.holds(table))
    return (*own, *by_kernels)


def _implementation(graph: Graph, first: Operator, second: Operator, storage: _Storage) -> Implementation:
    found = mean.mean_scale(graph, second, storage.stored)
    assert found is not None
    table, ids = _table(graph, first), data_tensor(graph, first, 1).size
    once, each_pass, each_row = storage.cycles
    sums = once + table.shape[1] // _COLUMNS * (each_pass + each_row * ids)
    return Implementation(
        f"{storage.function.removeprefix('zerotap_')}, scale_uniform",
        (storage.function, "zerotap_scale_uniform"),
        4 + table.size * storage.bits // 8 + found.constant_bytes,
        _LAYER_CYCLES + sums + found.cycles(table.shape[1]),
        partial(_emit, table, ids, found, storage),
    )


def _emit(table: NDArray[np.int8], ids: int, found: UniformScale, storage: _Storage, label: str) -> Emission:
    rows, columns = table.shape
    packed = storage.packed(table)
    fields = ["uint32_t rows;", f"uint8_t table[{packed.size}];"]
    values = f"    {rows},\n    {{\n{c_source.wrapped(packed.ravel().tolist())}\n    }},\n"
    constants = (
        f"/* q + {storage.stored} in {storage.bits} bits. No sum of {ids} can leave 16 bits. */\n"
        + c_source.anonymous_struct(f"{label}_bag", fields, values)
        + found.constants(label)
    )
    lines = [
        f"int32_t sums[{columns}];",
        f"{storage.function}(input, &{label}_bag, sums, {columns}u << 16 | {ids});",
        found.statement(label, "sums", columns, "output"),
    ]
    return Emission(constants, weighted.body(lines))

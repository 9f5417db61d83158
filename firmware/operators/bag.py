"""GATHER and MEAN as one layer, an embedding bag: rows are added where they lie, nothing is copied.

Padding counts in TFLite's MEAN as any other id, so a bag reads exactly as many rows as there are ids.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .. import c_source
from ..graph import Graph, Operator
from . import mean, weighted
from .interface import Emission, Implementation, data_tensor
from .reduction import reduction
from .requantisation import UniformScale

# The table holds q + 128 in unsigned bytes; two sums of 16 bits share a register.
_STORED: Final = 128
_IDS_MAX: Final = 257
_COLUMNS: Final = 8
_COLUMNS_MAX: Final = 512

# As counted in runtime/zerotap_bag_sums.S; the layer's function as gcc 12 -O2 makes it.
_CALL_CYCLES: Final = 50
_PASS_CYCLES: Final = 40
_ROW_CYCLES: Final = 26
_LAYER_CYCLES: Final = 40


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
        and mean.mean_scale(graph, second, _STORED) is not None
    )


def implementations(graph: Graph, first: Operator, second: Operator) -> tuple[Implementation, ...]:
    """One."""
    found = mean.mean_scale(graph, second, _STORED)
    assert found is not None
    table, ids = _table(graph, first), data_tensor(graph, first, 1).size
    passes = table.shape[1] // _COLUMNS
    sums = _CALL_CYCLES + passes * (_PASS_CYCLES + _ROW_CYCLES * ids)
    return (
        Implementation(
            "bag_sums, scale_uniform",
            ("zerotap_bag_sums", "zerotap_scale_uniform"),
            4 + table.size + found.constant_bytes,
            _LAYER_CYCLES + sums + found.cycles(table.shape[1]),
            partial(_emit, table, ids, found),
        ),
    )


def _emit(table: NDArray[np.int8], ids: int, found: UniformScale, label: str) -> Emission:
    rows, columns = table.shape
    stored = table.astype(np.int64) + _STORED
    constants = (
        f"/* q + {_STORED}. No sum of {ids} can leave 16 bits. */\n"
        f"static const struct {{\n    uint32_t rows;\n    uint8_t table[{table.size}];\n}} {label}_bag = {{\n"
        f"    {rows},\n    {{\n{c_source.wrapped(stored.ravel().tolist())}\n    }},\n}};\n"
        + found.constants(label)
    )
    lines = [
        f"int32_t sums[{columns}];",
        f"zerotap_bag_sums(input, &{label}_bag, sums, {columns}u << 16 | {ids});",
        found.statement(label, "sums", columns, "output"),
    ]
    return Emission(constants, weighted.body(lines))

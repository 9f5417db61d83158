"""GATHER: rows of a constant int8 table, chosen by int32 ids along its first axis.

TensorFlow refuses an id outside of the table; the board cannot, so it takes row 0 (padding) for such an id.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code import c_source
from zerotap.firmware.graph import Graph, Operator

from .parts.interface import (
    Emission,
    Implementation,
    data_tensor,
    no_macs,
    output_tensor,
    require,
    require_constant,
    require_int8,
    require_same_scale,
)
from .parts.placement import in_arena

macs = no_macs
IN_PLACE: bool = False
ALIAS: bool = False


def _table(graph: Graph, operator: Operator) -> NDArray[np.int8]:
    data = graph.tensors[operator.inputs[0]].data
    assert data is not None
    return data.reshape(data.shape[0], -1)


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check types, axis and shapes."""
    table, target = graph.tensors[operator.inputs[0]], output_tensor(graph, operator)
    require(
        table.data is not None,
        place,
        "picks rows of what is computed, and zerotap has tables of constants only; slice it, or see "
        "docs/keras-layers.md for what to use instead of adaptive pooling",
    )
    require_constant(place, "table", table, "int8")
    ids = data_tensor(graph, operator, 1)
    require(ids.dtype == "int32", place, f"the ids are {ids.dtype}, not int32")
    require_int8(place, table, target)
    require_same_scale(place, table, target)
    require(
        operator.options["axis"] == 0 and operator.options["batch_dims"] == 0 and len(table.shape) > 0,
        place,
        "gathers along another axis than the first; use tf.gather(table, ids)",
    )
    width = table.size // table.shape[0]
    require(target.size == ids.size * width, place, f"{ids.size} ids cannot give {target.shape}")


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """The positions of the computed inputs; check() refuses a table that is one."""
    table, ids = (graph.tensors[index] for index in operator.inputs[:2])
    return (0,) if table.data is None and ids.data is not None else (1,)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF for ids inside of the table."""
    (values,) = data
    table = _table(graph, operator)
    inside = np.where((values >= 0) & (values < len(table)), values, 0)
    return table[inside].reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """By words where rows are whole ones, else by bytes."""
    rows, width = _table(graph, operator).shape
    ids = data_tensor(graph, operator, 1).size
    words = width % 4 == 0 and in_arena(graph, operator.outputs[0])
    kernel = "gather_words" if words else "gather"
    cycles = _words_cycles(ids, width) if words else _cycles(ids, width)
    emit = partial(_emit, graph, operator, f"zerotap_{kernel}")
    return (Implementation(kernel, (f"zerotap_{kernel}",), rows * width + 4 * 4, cycles, emit),)


def _cycles(ids: int, width: int) -> int:
    return 25 + ids * (25 + 8 * width)


def _words_cycles(ids: int, width: int) -> int:
    return 25 + ids * (29 + 2 * width)


def _emit(graph: Graph, operator: Operator, function: str, label: str) -> Emission:
    """A call of zerotap_gather or zerotap_gather_words."""
    rows, width = _table(graph, operator).shape
    fields: dict[str, int | str] = {
        "count": data_tensor(graph, operator, 1).size,
        "rows": rows,
        "width": width,
        "table": f"{label}_table",
    }
    constants = c_source.array("int8_t", f"{label}_table", _table(graph, operator))
    constants += c_source.struct("zerotap_gather_t", label, fields)
    return Emission(constants, f"{function}(input, &{label}, output);")

"""GATHER: rows of a constant int8 table, chosen by int32 ids along its first axis.

TensorFlow refuses an id outside of the table; the board cannot, so it takes row 0 (padding) for such an id.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import c_source
from ..graph import Graph, Operator
from .interface import (
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
    """The positions of the computed inputs."""
    return (1,)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """Equal to BUILTIN_REF for ids inside of the table."""
    (values,) = data
    table = _table(graph, operator)
    inside = np.where((values >= 0) & (values < len(table)), values, 0)
    return table[inside].reshape(output_tensor(graph, operator).shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """gather alone."""
    return (
        Implementation(
            "gather",
            ("zerotap_gather",),
            graph.tensors[operator.inputs[0]].size,
            0,
            partial(_emit, graph, operator),
        ),
    )


def _emit(graph: Graph, operator: Operator, label: str) -> Emission:
    """A call of zerotap_gather."""
    rows, width = _table(graph, operator).shape
    ids = data_tensor(graph, operator, 1).size
    constants = c_source.array("int8_t", f"{label}_table", _table(graph, operator))
    body = f"zerotap_gather(input, {ids}, {label}_table, {rows}, {width}, output);"
    return Emission(constants, body)

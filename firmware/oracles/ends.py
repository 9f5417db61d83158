"""What an oracle takes and gives: shape and dtype of one end, or of a row of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph
from zerotap.firmware.several_ends import input_dtype, joined, output_dtype

Ends = tuple[tuple[int, ...], np.dtype[Any]]


def input_ends(graph: Graph) -> Ends:
    """Shape and dtype of a sample; a row of several inputs is one element."""
    shape = () if graph.has_several_ends else graph.tensors[graph.input].shape
    return shape, input_dtype(graph)


def output_ends(graph: Graph) -> Ends:
    """Shape and dtype of a sample's outputs: (outputs,), or () for a row."""
    shape = () if graph.has_several_ends else (graph.tensors[graph.output].size,)
    return shape, output_dtype(graph)


def rows_of(arrays: Sequence[NDArray[Any]], shape: tuple[int, ...], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Arrays (n, ...) as an oracle takes or gives them: rows (n,), or the one array as (n, *shape)."""
    return joined(arrays, dtype) if dtype.names else arrays[0].reshape(len(arrays[0]), *shape)


def said_dtype(dtype: np.dtype[Any]) -> Any:  # noqa: ANN401
    """A dtype as JSON holds it."""
    return npy.dtype_to_descr(dtype)


def ends_dtype(said: Any) -> np.dtype[Any]:  # noqa: ANN401
    """The dtype that said_dtype() was given."""
    return npy.descr_to_dtype(_tuples(said))


def _tuples(said: Any) -> Any:  # noqa: ANN401
    """A description with the tuples that JSON makes lists of: the fields, and their shapes."""
    if isinstance(said, str):
        return said
    return [tuple(tuple(part) if isinstance(part, list) else part for part in each) for each in said]

"""Samples as a model's inputs take them: quantised, in the board's own codes, checked."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import Graph
from zerotap.firmware.passes.ends import board_codes
from zerotap.firmware.passes.rewriting import table_rows
from zerotap.firmware.several_ends import Samples, as_rows, in_order, input_dtype, joined

from .quantise import quantise_input


def model_inputs(samples: Samples, graph: Graph) -> NDArray[Any]:
    """Samples as the model's input takes them: float32 and float64 quantised, int8 and int32 as they are.

    Returns (n, *input shape without the batch), or rows (n,) of several inputs. Raises ModelError for another
    dtype or shape, none, NaN, an id that a table has no row for, or inputs of other names.
    """
    if not graph.has_several_ends:
        return _of_input(samples, graph, 0)
    if len(graph.inputs) == 1 and isinstance(samples, np.ndarray) and samples.dtype.names is None:
        given = [samples]
    else:
        given = in_order(as_rows(samples), graph.end_names[0], graph.source)
    return joined([_of_input(each, graph, place) for place, each in enumerate(given)], input_dtype(graph))


def _of_input(samples: Any, graph: Graph, place: int) -> NDArray[Any]:  # noqa: ANN401
    tensor = graph.tensors[graph.inputs[place]]
    named = f" ({graph.end_names[0][place]})" if len(graph.inputs) > 1 else ""
    if not isinstance(samples, np.ndarray):
        raise ModelError(
            f"the samples for {graph.source} are no array but {type(samples).__name__}: load them"
        )
    if samples.dtype.names is not None:
        raise ModelError(
            f"the samples for {graph.source} are the arrays {', '.join(samples.dtype.names)}: it has one "
            "input, give one array"
        )
    if samples.ndim == 0 or len(samples) == 0:
        raise ModelError(f"there are no samples for {graph.source}{named}: give an array of windows")
    if samples.dtype == np.float64:
        samples = samples.astype(np.float32)
    inputs = quantise_input(board_codes(samples, graph, place), tensor)
    if tensor.dtype == "int32":
        _check_ids(inputs, graph, graph.inputs[place])
    return np.ascontiguousarray(inputs).reshape(len(samples), *tensor.shape[1:])


def _check_ids(ids: NDArray[Any], graph: Graph, index: int) -> None:
    """Refuse ids before TensorFlow is loaded, which refuses them too."""
    rows = table_rows(graph, {index})
    if rows is not None and np.max(ids) >= rows:
        raise ModelError(
            f"the samples for {graph.source} hold the id {np.max(ids)}, its table has the rows 0 to "
            f"{rows - 1}: give windows that its own pipeline cuts"
        )

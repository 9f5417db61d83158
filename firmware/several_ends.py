"""Samples of a model with several inputs or outputs: one structured array, a field for each tensor.

A row lies in memory as NAME_inputs or NAME_outputs do in C: every member begins at a multiple of 4 bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

from .graph import Graph, Tensor
from .tflite.end_names import plain_name

ALIGNMENT: Final = 4

Samples = NDArray[Any] | Mapping[str, NDArray[Any]]
"""Windows (n, ...) of a model's one input, or an array for each of its inputs by name."""


def as_rows(samples: Samples) -> NDArray[Any]:
    """Arrays (n, ...) by name as one structured array (n,), each of its own dtype; an array as it is.

    Extended precision is float64 then. Raises ModelError for no arrays, arrays of several lengths, or one
    number alone.
    """
    if not isinstance(samples, Mapping):
        return _windows(samples)
    arrays = {name: _windows(array) for name, array in samples.items()}
    counts = {array.shape[:1] for array in arrays.values()}
    if len(counts) != 1 or counts == {()}:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items()) or "no array"
        raise ModelError(f"the samples are {shapes}: give each input as many windows as all others.")
    ((count,),) = counts
    dtype = np.dtype([(name, array.dtype, array.shape[1:]) for name, array in arrays.items()])
    made = np.empty(count, dtype)
    for name, array in arrays.items():
        made[name] = array
    return made


def _windows(samples: NDArray[Any]) -> NDArray[Any]:
    array = np.asarray(samples)
    if array.ndim == 0:
        raise ModelError(f"the samples are one value, {array!s:.40}: give an array of windows (n, ...).")
    return array.astype(np.float64) if array.dtype == np.longdouble else array


def in_order(samples: NDArray[Any], names: Sequence[str], source: str) -> list[NDArray[Any]]:
    """The fields of structured samples in the order of a model's inputs ``names``.

    An .npz without names of its own, arr_0 and so on, is taken in order. Raises ModelError, which lists the
    names, for other fields, or an array without any.
    """
    given = samples.dtype.names or ()
    by_name = {plain_name(name): samples[name] for name in given}
    if set(by_name) == {f"arr_{place}" for place in range(len(names))}:
        return [by_name[f"arr_{place}"] for place in range(len(names))]
    if set(by_name) != set(names) or len(given) != len(names):
        known, said = ", ".join(names), ", ".join(given) or "one array"
        raise ModelError(
            f"{source}: takes the inputs {known}, the samples are {said}: give an .npz with an array for "
            "each, as numpy.savez('x.npz', "
            f"{', '.join(f'{name}=...' for name in names)}) writes it."
        )
    return [by_name[name] for name in names]


def row_dtype(
    names: Sequence[str], tensors: Sequence[Tensor], dtypes: Sequence[str] | None = None
) -> np.dtype[Any]:
    """The dtype of a row of tensors, or of their values in other ``dtypes``."""
    chosen = dtypes or [tensor.dtype for tensor in tensors]
    formats = [(dtype, window_shape(tensor)) for dtype, tensor in zip(chosen, tensors, strict=True)]
    offsets, end = [], 0
    for each in formats:
        offsets.append(end)
        end += -(-np.dtype(each).itemsize // ALIGNMENT) * ALIGNMENT
    return np.dtype({"names": list(names), "formats": formats, "offsets": offsets, "itemsize": end})


def input_dtype(graph: Graph) -> np.dtype[Any]:
    """The dtype of samples: a row's, or the one input's."""
    return _dtype(graph, graph.inputs, graph.end_names[0])


def output_dtype(graph: Graph) -> np.dtype[Any]:
    """The dtype of outputs: a row's, or the one output's."""
    return _dtype(graph, graph.outputs, graph.end_names[1])


def _dtype(graph: Graph, ends: Sequence[int], names: Sequence[str]) -> np.dtype[Any]:
    tensors = [graph.tensors[index] for index in ends]
    return row_dtype(names, tensors) if graph.has_several_ends else np.dtype(tensors[0].dtype)


def output_size(graph: Graph) -> int:
    """Elements of one output, or 1 for a row."""
    return 1 if graph.has_several_ends else graph.tensors[graph.output].size


def window_shape(tensor: Tensor) -> tuple[int, ...]:
    """A tensor's shape without the batch of 1."""
    return tensor.shape[1:] if tensor.shape[:1] == (1,) else tensor.shape


def fields(rows: NDArray[Any]) -> list[NDArray[Any]]:
    """The arrays (n, ...) of samples or outputs: a row's fields, or the one array."""
    return [rows] if rows.dtype.names is None else [rows[name] for name in rows.dtype.names]


def joined(arrays: Sequence[NDArray[Any]], dtype: np.dtype[Any]) -> NDArray[Any]:
    """Arrays (n, ...) as rows (n,) of a structured ``dtype``; bytes between the fields are zero."""
    made = np.zeros(len(arrays[0]), dtype)
    for name, array in zip(dtype.names or (), arrays, strict=True):
        made[name] = array.reshape(made[name].shape)
    return made


def differing(outputs: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether any element of a sample's outputs differs, (n,)."""
    count = len(outputs)
    pairs = zip(fields(outputs), fields(expected), strict=True)
    differ = [(one.reshape(count, -1) != other.reshape(count, -1)).any(axis=1) for one, other in pairs]
    found: NDArray[np.bool_] = np.any(differ, axis=0)
    return found

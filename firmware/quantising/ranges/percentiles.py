"""Ranges of layers by percentiles: the few farthest values are clipped, the others get finer steps."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE_RANGE: Final = 100.0
"""The percentile that leaves nothing out."""
LEAST: Final = 90.0
_VALUES: Final = 1 << 18
"""Of a tensor that are looked at, spread over all windows."""


def with_percentiles(
    ranges: bytes,
    content: bytes,
    rows: Sequence[Sequence[NDArray[Any]]],
    percentile: float,
    *,
    is_stream: bool,
) -> bytes:
    """A calibrated .tflite whose inner layers' ranges hold ``percentile`` % of their values, at each end.

    ``content`` is the float .tflite that was calibrated, ``rows`` the inputs of each window, with a batch of
    1, ``is_stream`` whether its states go on from one to the next. The model's own inputs and outputs keep
    their whole range: an output that is clipped would be a tie.
    """
    found = _percentiles(all_values(content, rows, is_stream=is_stream), len(rows), percentile)
    return with_ranges(ranges, found, everywhere=False)


def with_ranges(ranges: bytes, found: Mapping[str, tuple[float, float]], *, everywhere: bool) -> bytes:
    """A calibrated .tflite with other ranges, by name, of its inner tensors that have one.

    ``everywhere``: of its outputs too, and of tensors that calibration gave none, for their values were NaN.
    """
    from tensorflow.lite.python.schema_py_generated import QuantizationParametersT
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(ranges))
    graph = model.subgraphs[0]
    ends = {*graph.inputs, *graph.outputs}
    for index, tensor in enumerate(graph.tensors):
        window = tensor.quantization or QuantizationParametersT()
        is_inner = index not in ends and window.min is not None
        if tensor.name.decode() in found and (everywhere or is_inner):
            low, high = found[tensor.name.decode()]
            window.min, window.max, tensor.quantization = [float(low)], [float(high)], window
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _percentiles(
    computed: Iterable[tuple[str, NDArray[np.float32]]], windows: int, percentile: float
) -> dict[str, tuple[float, float]]:
    """The two ends of each tensor by its name, of those that are computed in float."""
    values: dict[str, list[NDArray[Any]]] = {}
    for name, array in computed:
        most = max(1, _VALUES // windows)
        values.setdefault(name, []).append(array[:: -(-len(array) // most)])
    joined = {name: np.concatenate(parts) for name, parts in values.items()}
    return {
        name: (float(np.percentile(each, WHOLE_RANGE - percentile)), float(np.percentile(each, percentile)))
        for name, each in joined.items()
        if each.size
    }


def all_values(
    content: bytes, rows: Sequence[Sequence[NDArray[Any]]], *, is_stream: bool
) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Every float tensor of every window, flat, by its name; see with_percentiles()."""
    import tensorflow as tf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        interpreter = tf.lite.Interpreter(
            model_content=content,
            experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF,
            experimental_preserve_all_tensors=True,
        )
    interpreter.allocate_tensors()
    inputs = [each["index"] for each in interpreter.get_input_details()]
    computed = _computed(interpreter)
    for row in rows:
        if not is_stream:  # a recurrent layer would go on from the last window
            interpreter.reset_all_variables()
        for index, values in zip(inputs, row, strict=True):
            interpreter.set_tensor(index, values)
        interpreter.invoke()
        for name, index in computed:
            yield name, np.array(interpreter.get_tensor(index), np.float32).ravel()


def _computed(interpreter: Any) -> list[tuple[str, int]]:  # noqa: ANN401
    """Names and indices of the float tensors that operators give."""
    outputs = {index for each in interpreter._get_ops_details() for index in each["outputs"]}
    return [
        (each["name"], each["index"])
        for each in interpreter.get_tensor_details()
        if each["index"] in outputs and each["dtype"] == np.float32
    ]

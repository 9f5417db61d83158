"""Outputs of SPLIT, SPLIT_V and UNPACK that nothing reads, for which TensorFlow's quantiser leaves all float.

They are outputs of the model while it is quantised, and no longer behind that.
"""

from __future__ import annotations

from collections.abc import Sequence

from zerotap.firmware.passes.separation import SEPARABLE
from zerotap.firmware.tflite.reader import read_tflite


def with_unread_as_outputs(content: bytes) -> tuple[bytes, int]:
    """A calibrated .tflite, and how many outputs it got behind its own: those that nothing reads."""
    graph = read_tflite(content)
    read = {index for operator in graph.operators for index in operator.inputs} | set(graph.outputs)
    splitting = (operator for operator in graph.operators if operator.name in SEPARABLE)
    unread = [index for operator in splitting for index in operator.outputs if index not in read]
    return _with_outputs(content, [*graph.outputs, *unread]) if unread else content, len(unread)


def without_last_outputs(content: bytes, count: int) -> bytes:
    """The .tflite without its last ``count`` outputs."""
    return _with_outputs(content, read_tflite(content).outputs[:-count]) if count else content


def _with_outputs(content: bytes, outputs: Sequence[int]) -> bytes:
    from tensorflow.lite.tools import flatbuffer_utils

    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(content))
    model.subgraphs[0].outputs = list(outputs)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))

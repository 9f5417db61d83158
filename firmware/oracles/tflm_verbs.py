"""What tflm.py asks of the child process that runs TensorFlow Lite Micro."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import Graph
from zerotap.firmware.several_ends import fields
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.isolation import Answer, unpacked
from zerotap.reporting import Progress

from .ends import input_ends, output_ends, said_dtype

if TYPE_CHECKING:
    from tflite_micro.python.tflite_micro import runtime

# Far more than any model for a board needs, here where its pointers are twice as long.
_ARENA_BYTES: Final = 1 << 24


def load(_values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """A model's input: shape and dtype."""
    _interpreter(arrays[0])
    shape, dtype = input_ends(_graph(arrays[0]))
    return Answer({"shape": shape, "dtype": said_dtype(dtype)})


def invoke(_values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """A model's outputs (n, outputs), or rows (n,), for samples; with states these are one stream."""
    content, samples = arrays
    interpreter, graph = _interpreter(content), _graph(content)
    size, dtype = output_ends(graph)
    outputs = np.zeros((len(samples), *size), dtype)
    for row in range(len(samples)):
        if not graph.states:
            interpreter.reset()
        for place, values in enumerate(fields(samples[row : row + 1])):
            interpreter.set_input(values.reshape(graph.tensors[graph.inputs[place]].shape), place)
        interpreter.invoke()
        for place, values in enumerate(fields(outputs[row : row + 1])):
            values[:] = np.array(interpreter.get_output(place)).reshape(values.shape)
    return Answer(arrays=(outputs,))


def _graph(content: NDArray[np.uint8]) -> Graph:
    return read_tflite(unpacked(content), "tflm")


def _interpreter(content: NDArray[np.uint8]) -> runtime.Interpreter:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(unpacked(content), arena_size=_ARENA_BYTES)

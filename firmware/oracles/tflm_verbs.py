"""What tflm.py asks of the child process that runs TensorFlow Lite Micro."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.isolation import Answer, unpacked
from zerotap.reporting import Progress

if TYPE_CHECKING:
    from tflite_micro.python.tflite_micro import runtime

# Far more than any model for a board needs, here where its pointers are twice as long.
_ARENA_BYTES: Final = 1 << 24


def load(_values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """A model's input: shape and dtype."""
    details = _interpreter(arrays[0]).get_input_details(0)
    shape = [int(extent) for extent in details["shape"]]
    return Answer({"shape": shape, "dtype": np.dtype(details["dtype"]).name})


def invoke(_values: dict[str, Any], arrays: list[NDArray[Any]], _on_progress: Progress) -> Answer:
    """A model's outputs (n, outputs) for samples."""
    content, samples = arrays
    interpreter = _interpreter(content)
    outputs = []
    for sample in samples:
        interpreter.reset()
        interpreter.set_input(sample, 0)
        interpreter.invoke()
        outputs.append(np.array(interpreter.get_output(0)).ravel())
    if outputs:
        return Answer(arrays=(np.stack(outputs),))
    details = interpreter.get_output_details(0)
    return Answer(arrays=(np.empty((0, int(np.prod(details["shape"]))), details["dtype"]),))


def _interpreter(content: NDArray[np.uint8]) -> runtime.Interpreter:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(unpacked(content), arena_size=_ARENA_BYTES)

"""The process that runs TensorFlow Lite Micro for tflm.py: pickled requests on stdin, answers on stdout."""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from tflite_micro.python.tflite_micro import runtime

# Far more than any model for a board needs, here where its pointers are twice as long.
_ARENA_BYTES: Final = 1 << 24


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer (verb, model, samples) with (True, result) or (False, error) until the input ends."""
    while True:
        try:
            verb, content, samples = pickle.load(requests)
        except EOFError:
            return
        try:
            answer: tuple[bool, object] = True, _VERBS[verb](content, samples)
        except Exception as error:  # whatever it is, the answer tells it and the next request is served
            answer = False, str(error)
        pickle.dump(answer, answers)
        answers.flush()


def _interpreter(content: bytes) -> runtime.Interpreter:
    from tflite_micro.python.tflite_micro import runtime

    return runtime.Interpreter.from_bytes(content, arena_size=_ARENA_BYTES)


def _load(content: bytes, _: NDArray[Any] | None) -> tuple[tuple[int, ...], str]:
    details = _interpreter(content).get_input_details(0)
    return tuple(int(extent) for extent in details["shape"]), np.dtype(details["dtype"]).name


def _invoke(content: bytes, samples: NDArray[Any]) -> tuple[NDArray[Any]]:
    interpreter = _interpreter(content)
    outputs = []
    for sample in samples:
        interpreter.reset()
        interpreter.set_input(sample, 0)
        interpreter.invoke()
        outputs.append(np.array(interpreter.get_output(0)).ravel())
    if outputs:
        return (np.stack(outputs),)
    details = interpreter.get_output_details(0)
    return (np.empty((0, int(np.prod(details["shape"]))), details["dtype"]),)


_VERBS: Final[dict[str, Callable[[bytes, NDArray[Any]], object]]] = {"load": _load, "invoke": _invoke}

if __name__ == "__main__":
    # The answers alone go to stdout: what the library prints there is taken to stderr.
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, private)

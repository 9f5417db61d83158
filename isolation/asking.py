"""What TensorFlow is asked, in its child or here, and its death as one sentence."""

from __future__ import annotations

import re
import signal
from collections.abc import Mapping, Sequence
from typing import Any, Final

from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.reporting import Progress, no_progress

from .child import ChildError, call
from .limits import Limits
from .messages import Answer
from .process import inside
from .worker import find_verb

TENSORFLOW: Final = "tensorflow"
_STATUS: Final = re.compile(r"ended with -(\d+)")


class RefusedError(ModelError):
    """TensorFlow raised an error, whose kind and first line are ``reason``."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


def ask(
    verb: str,
    values: Mapping[str, Any],
    arrays: Sequence[NDArray[Any]],
    *,
    source: str,
    isolation: Limits | None,
    on_progress: Progress = no_progress,
) -> Answer:
    """Call ``verb``, "module:function", in TensorFlow's child; in this process where ``isolation`` is None.

    ``source`` names the model in errors. Raises what the function raises of zerotap's errors, and ModelError
    where TensorFlow fails, dies or passes a limit.
    """
    if any(array.dtype.hasobject for array in arrays):
        raise ModelError(f"{source}: the samples are Python objects, not numbers; save them as float32.")
    if isolation is None or inside(TENSORFLOW):
        return find_verb(verb)(dict(values), list(arrays), on_progress)
    try:
        return call(TENSORFLOW, verb, values, arrays, isolation, on_progress)
    except ChildError as error:
        message = f"{source}: {_sentence(error, isolation)}"
        if error.kind == "refused":
            raise RefusedError(message, error.reason) from error
        raise ModelError(message) from error


def _sentence(error: ChildError, limits: Limits) -> str:
    if error.kind == "time":
        return (
            f"TensorFlow was stopped after {limits.seconds:g} s; a model for a board takes seconds: check "
            "the file, or allow more with --time-limit."
        )
    if error.kind == "memory":
        return (
            f"TensorFlow needed more than {limits.memory} of memory; a model for a board needs far less: "
            "check the file, or allow more with --memory-limit."
        )
    if error.kind == "refused":
        return f"TensorFlow cannot use it ({error.reason}); check the file, or convert the model again."
    return (
        f"TensorFlow crashed on it ({_cause(error)}); the file is damaged, or holds what TensorFlow's "
        "kernels cannot compute: make it again, and check its weights for NaN."
    )


def _cause(error: ChildError) -> str:
    match = _STATUS.search(error.reason)
    try:
        return signal.Signals(int(match[1])).name if match else error.reason
    except ValueError:
        return error.reason

"""The child process: requests on stdin, answers on stdout, until the input ends."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO, Final, cast

from numpy.typing import NDArray

from zerotap.errors import ZerotapError
from zerotap.interrupts import ENDING
from zerotap.reporting import Progress

from .lean_keras import load_keras_lean
from .messages import Answer, read_message, write_message

Verb = Callable[[dict[str, Any], list[NDArray[Any]], Progress], Answer]

_WORDS_MAX: Final = 160
_OUT_OF_MEMORY: Final = ("MemoryError", "ResourceExhaustedError", "_ArrayMemoryError")


def find_verb(verb: str) -> Verb:
    """The function that "module:function" names, of zerotap's own modules."""
    module, _, name = verb.partition(":")
    if not module.startswith("zerotap."):
        raise ValueError(f"{verb} is none of zerotap's")
    return cast(Verb, getattr(importlib.import_module(module), name))


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer every request with what its verb returns, or with why it does not."""

    def on_progress(stage: str, done: int, total: int) -> None:
        write_message(answers, {"progress": [stage, done, total]})

    while True:
        try:
            header, arrays = read_message(requests)
        except EOFError:
            return
        try:
            answer = find_verb(header["verb"])(header["values"], arrays, on_progress)
        except Exception as error:  # whatever it is, the answer tells it and the next request is served
            write_message(answers, _failure(error))
        else:
            write_message(answers, {"values": answer.values}, answer.arrays)


def _failure(error: Exception) -> dict[str, str]:
    if isinstance(error, ZerotapError):
        return {"raised": type(error).__name__, "said": str(error)}
    kind = "memory" if type(error).__name__ in _OUT_OF_MEMORY else "refused"
    line = (str(error).strip().splitlines() or [""])[0][:_WORDS_MAX]
    return {"kind": kind, "reason": f"{type(error).__name__}: {line}" if line else type(error).__name__}


def limit_memory(memory_bytes: int) -> None:
    """Hold this process to so much data of its own, and to no core dump."""
    with suppress(ImportError, ValueError, OSError):  # not on every system
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_DATA, (memory_bytes, memory_bytes))


if __name__ == "__main__":
    for number in ENDING:  # they are the parent's, which ends this process
        signal.signal(number, signal.SIG_IGN)
    limit_memory(int(sys.argv[1]))
    load_keras_lean()
    # The answers alone go to stdout: what a library prints there is taken to stderr.
    private = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, private)

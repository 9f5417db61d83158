"""TensorFlow Lite Micro's interpreter in a process of its own: some of its errors end the process."""

from __future__ import annotations

import atexit
import pickle
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib import metadata, util
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

_PACKAGE: Final = "tflite-micro"
_STOP_SECONDS: Final = 5


class TFLMInterpreter:
    """One model in TensorFlow Lite Micro's reference kernels, its state reset before every sample.

    Raises:
        ModelError: the package tflite-micro is missing, or TensorFlow Lite Micro refuses the model.
    """

    def __init__(self, content: bytes) -> None:
        if util.find_spec("tflite_micro") is None:
            raise ModelError(
                "the oracle tflm needs the package tflite-micro: pip install 'zerotap[tflm]', or leave out "
                "--oracle tflm."
            )
        self.name = f"{_PACKAGE} {metadata.version(_PACKAGE)}"
        self._content = content
        shape, dtype = _ask("load", content, None)
        self.input: tuple[tuple[int, ...], np.dtype[Any]] = shape, np.dtype(dtype)

    def invoke(self, samples: NDArray[Any]) -> NDArray[Any]:
        """Samples (n, *input shape), outputs (n, outputs)."""
        outputs: NDArray[Any] = _ask("invoke", self._content, samples)[0]
        return outputs


def _ask(verb: str, content: bytes, samples: NDArray[Any] | None) -> tuple[Any, ...]:
    """One request of the worker; a worker that died of it is replaced at the next."""
    worker = _worker()
    try:
        done, answer = worker.ask((verb, content, samples))
    except (OSError, EOFError, pickle.UnpicklingError):
        _worker.cache_clear()
        done, answer = False, worker.last_words()
    if not done or not isinstance(answer, tuple):
        raise ModelError(f"TensorFlow Lite Micro cannot run this model ({answer}); try --oracle tflite.")
    return answer


class _Worker:
    """The other process; it ends when its input does."""

    def __init__(self) -> None:
        self.log = tempfile.TemporaryFile()  # noqa: SIM115
        command = [sys.executable, "-P", "-m", "zerotap.firmware.oracles.tflm_worker"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log
        )

    def ask(self, request: tuple[str, bytes, NDArray[Any] | None]) -> tuple[bool, Any]:
        """(True, the answer) or (False, why not)."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.log.truncate(self.log.seek(0))
        pickle.dump(request, self.process.stdin)
        self.process.stdin.flush()
        done, answer = pickle.load(self.process.stdout)
        return done, answer if done else self.said() or answer

    def said(self) -> str:
        """What was written to stderr for the last request, its last line."""
        self.log.seek(0)
        lines = self.log.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def last_words(self) -> str:
        """Of a process that is gone."""
        self.stop()
        return self.said() or f"its process ended with {self.process.returncode}"

    def stop(self) -> None:
        """Close its input and wait."""
        assert self.process.stdin is not None
        with suppress(OSError):  # it may be gone with a request half written
            self.process.stdin.close()
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@cache
def _worker() -> _Worker:
    worker = _Worker()
    atexit.register(worker.stop)
    return worker

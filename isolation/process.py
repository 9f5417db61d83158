"""One child process, started so that nothing in the working folder is taken for a module or a tool."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, BinaryIO, Final, cast

from .environment import safe_environment

_INSIDE: Final = "ZEROTAP_CHILD"
"""The environment variable that tells a child what it is."""


def inside(library: str) -> bool:
    """Whether this process is the child that runs ``library``."""
    return os.environ.get(_INSIDE) == library


class Process:
    """A child for ``library`` with at most ``memory_bytes``; its stderr is kept for its last words."""

    def __init__(self, library: str, memory_bytes: int) -> None:
        self.library, self.memory_bytes = library, memory_bytes
        self.expired = False
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        # What a library leaves there when it is ended goes with it.
        self.scratch = tempfile.mkdtemp(prefix="zerotap-")
        temporary = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), self.scratch)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "zerotap.isolation.worker", str(memory_bytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env=safe_environment(**{_INSIDE: library, **temporary, **_quiet(os.environ)}),
        )
        self.requests = cast(BinaryIO, self._process.stdin)
        self.answers = cast(BinaryIO, self._process.stdout)

    def timer(self, seconds: float) -> threading.Timer:
        """A timer that ends the child after ``seconds``; ``expired`` tells that it did."""
        self._log.truncate(self._log.seek(0))
        timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), self._expire)
        timer.daemon = True
        return timer

    def _expire(self) -> None:
        self.expired = True
        self._process.kill()

    def words(self) -> str:
        """What was written to stderr for the last request, its last line."""
        self._log.seek(0)
        lines = self._log.read().decode("utf-8", "replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def stop(self) -> int:
        """End the child, which keeps nothing that another could not do again; returns its exit status."""
        self._process.kill()
        status = self._process.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)
        for pipe in (self.requests, self.answers):
            with suppress(OSError):  # a request may be half written
                pipe.close()
        return status

    def wait(self) -> int:
        """The exit status of a child whose answers have ended: it is on its way out."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        return self.stop()


def _quiet(environment: Mapping[str, Any]) -> dict[str, str]:
    """TensorFlow without its log, and without the search for a graphics card."""
    defaults = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    return {name: value for name, value in defaults.items() if name not in environment}

"""One thing aside: models are measured on the simulated board while the next one is trained.

The simulated board computes outside of Python's lock, and so do TensorFlow and the compiler.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from zerotap.reporting import Progress

_Result = TypeVar("_Result")


class StoppedError(Exception):
    """The work beside ended, so nobody waits for this."""


class Aside:
    """Does what it is given one after the other, in a thread of its own; ``report`` is for both threads."""

    def __init__(self, on_progress: Progress) -> None:
        self._show, self._lock = on_progress, threading.Lock()
        self._stopped = threading.Event()
        self._thread = ThreadPoolExecutor(1, "aside")

    def report(self, stage: str, done: int, total: int) -> None:
        """Show a stage, of one thread at a time; raises StoppedError aside, where nobody waits any more."""
        if self._stopped.is_set() and threading.current_thread() is not threading.main_thread():
            raise StoppedError
        with self._lock:
            self._show(stage, done, total)

    def do(self, work: Callable[[], _Result]) -> Future[_Result]:
        """Have it done, after what was asked for before."""
        return self._thread.submit(work)

    def stop(self) -> None:
        """Begin nothing more, and wait for the step that is under way."""
        self._stopped.set()
        self._thread.shutdown(wait=True, cancel_futures=True)


@contextmanager
def aside(on_progress: Progress) -> Iterator[Aside]:
    """Give an Aside that is stopped where the block ends, or raises."""
    made = Aside(on_progress)
    try:
        yield made
    finally:
        made.stop()

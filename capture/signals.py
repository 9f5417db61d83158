"""Signals that end a program, turned into a stop after which every clean-up runs, once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)


class Stop:
    """Whether a signal asked to stop. It raises KeyboardInterrupt at once, but in a block that holds it."""

    def __init__(self) -> None:
        self.requested = self._held = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block a signal is only noted: the block looks at ``requested`` itself."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        """Handle the signal; an impatient second one must not cut short the clean-up that the first began."""
        self.requested = True
        for number in STOPPING:
            signal.signal(number, signal.SIG_IGN)
        if not self._held:
            raise KeyboardInterrupt


@contextmanager
def stopped_by_signals(ends_program: bool = True) -> Iterator[Stop]:
    """Handle the signals of STOPPING within the block, the first of them once and the others not at all.

    After a stop they stay ignored where it ``ends_program``; a notebook goes on, with them as before.
    A hang-up that `nohup` ignores stays ignored. In another thread than the main one, which gets no signals,
    it does nothing.
    """
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    handled = [n for n in STOPPING if n == signal.SIGINT or signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield stop
    finally:
        if not (stop.requested and ends_program):
            for number, handler in before.items():
                signal.signal(number, handler)

"""Signals that end a program, turned into a stop after which every clean-up runs, once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

from zerotap.interrupts import Interrupt

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
"""Asked to end."""
WITH_A_DEVICE = tuple(
    getattr(signal, name)
    for name in ("SIGQUIT", "SIGTSTP", "SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGXCPU", "SIGXFSZ")
    if hasattr(signal, name)
)
"""What else ends or suspends a program at once: in neither case would it give back a device that it holds."""


class Stop:
    """Whether a signal asked to stop. It raises KeyboardInterrupt at once, but in a block that holds it.

    ``interrupt``: the program's own, which raises then, and knows which exit code the signal has.
    """

    def __init__(self, handled: Iterable[int] = STOPPING, interrupt: Interrupt | None = None) -> None:
        self.requested = self._held = False
        self._handled, self._interrupt = tuple(handled), interrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within the block a signal is only noted: the block looks at ``requested`` itself."""
        before, self._held = self._held, True
        try:
            yield
        finally:
            self._held = before

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Handle the signal; an impatient second one must not cut short the clean-up that the first began."""
        self.requested = True
        for handled in self._handled:
            signal.signal(handled, signal.SIG_IGN)
        if self._held:
            return
        if self._interrupt is not None:
            self._interrupt(number, frame)
        raise KeyboardInterrupt


@contextmanager
def stopped_by_signals(ends_program: bool = True, holds_device: bool = False) -> Iterator[Stop]:
    """Handle the signals of STOPPING within the block, the first of them once and the others not at all.

    With ``holds_device`` those of WITH_A_DEVICE too, Ctrl-Z among them, unless the program handles one
    already. After a stop they stay ignored where it ``ends_program``; a notebook goes on, with them as
    before. A hang-up that `nohup` ignores stays ignored. In another thread than the main one, which gets no
    signals, it does nothing.
    """
    others = [n for n in WITH_A_DEVICE if holds_device and signal.getsignal(n) == signal.SIG_DFL]
    program = signal.getsignal(signal.SIGINT)
    stop = Stop((*STOPPING, *others), program if isinstance(program, Interrupt) else None)
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    handled = [n for n in STOPPING if n == signal.SIGINT or signal.getsignal(n) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in (*handled, *others)}
    try:
        yield stop
    finally:
        if not (stop.requested and ends_program):
            for number, handler in before.items():
                signal.signal(number, handler)

"""Signals that end a program become one KeyboardInterrupt, which comes nowhere that it would leave a mess."""

from __future__ import annotations

import math
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name)
)
PATIENCE_S = 3
"""After a signal, those that follow within so long are not heard: the clean-up is under way."""
AGAIN_S = 0.01
SIGNALLED = 128
"""What a shell adds to the number of the signal that ended a program."""


class EndedBySignalError(KeyboardInterrupt):
    """A signal asked the program to end.

    A kind of its own: where KeyboardInterrupt itself goes through an exec(), as a dataclass has one, Python
    dies of SIGINT in the end, whatever exit code it was given. ``number`` is the signal's.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def is_by_hand(end: KeyboardInterrupt) -> bool:
    """Whether somebody pressed Ctrl-C, who waits for what is left to say; no other signal does."""
    return not isinstance(end, EndedBySignalError) or end.number == signal.SIGINT


class Interrupt:
    """Raises EndedBySignalError, and lets the clean-up that it begins not be cut short by impatience."""

    def __init__(self) -> None:
        self._last_s = -math.inf
        self._number = 0

    @property
    def was_raised(self) -> bool:
        """Whether a signal came."""
        return self._number != 0

    def exit_code(self, otherwise: int) -> int:
        """What the program ends with: 130, 143 or 129 after a signal, and ``otherwise`` without."""
        return SIGNALLED + self._number if self.was_raised else otherwise

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        """Handle a signal."""
        since_s, self._last_s = time.monotonic() - self._last_s, time.monotonic()
        if since_s >= PATIENCE_S:
            self._number = number
            raise EndedBySignalError(number)

    def raise_again(self) -> None:
        """Raise it once more: it came where Python drops whatever is raised, as while it frees an object.

        A moment later, as what is raised here is dropped too.
        """
        self._last_s = -math.inf
        again = threading.Timer(AGAIN_S, os.kill, (os.getpid(), self._number))
        again.daemon = True
        again.start()


@contextmanager
def ended_by_signals(interrupt: Interrupt) -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the block as Ctrl-C does: what it had begun is cleaned up.

    A hang-up that `nohup` ignores stays ignored.
    """
    numbers = [number for number in ENDING if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        with _not_dropped(interrupt):
            yield
    finally:
        for number, handler in before.items():
            if interrupt.was_raised:  # the program ends, and impatience does not change how
                signal.signal(number, signal.SIG_IGN)
            elif signal.getsignal(number) is interrupt:  # else a recording that was stopped ignores it
                signal.signal(number, handler)


@contextmanager
def _not_dropped(interrupt: Interrupt) -> Iterator[None]:
    before = sys.unraisablehook

    def hook(fault: UnraisableHookArgs) -> None:
        if interrupt.was_raised and issubclass(fault.exc_type, KeyboardInterrupt):
            interrupt.raise_again()
        else:
            before(fault)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


@contextmanager
def held() -> Iterator[None]:
    """Put a signal off that would end the program, until the block has ended.

    For the few lines whose half would be left on the disk for good. In another thread than the main one,
    where Python raises no signals, it does nothing.
    """
    came: list[int] = []
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in ENDING:
            if callable(signal.getsignal(number)):
                before[number] = signal.signal(number, lambda number, _frame: came.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        for number in came[:1]:
            signal.raise_signal(number)

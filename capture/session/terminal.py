"""Keys pressed in the terminal, read one by one and without waiting."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Keys = Callable[[], str]
"""Returns what was typed since it was last called."""


@contextmanager
def hotkeys() -> Iterator[Keys | None]:
    """Read single keys from stdin for the length of a block; None where stdin is no terminal.

    The terminal is set back on every way out. Ctrl-C stays a signal.
    """
    if not sys.stdin.isatty():
        yield None
    elif sys.platform == "win32":
        yield _typed_on_windows
    else:
        with _unbuffered() as keys:
            yield keys


@contextmanager
def _unbuffered() -> Iterator[Keys]:
    import select
    import termios
    import tty

    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)

    def typed() -> str:
        ready, _, _ = select.select([terminal], [], [], 0)
        return os.read(terminal, 64).decode("ascii", "ignore") if ready else ""

    try:
        tty.setcbreak(terminal)
        yield typed
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)


def _typed_on_windows() -> str:
    import msvcrt

    typed = ""
    while msvcrt.kbhit():  # type: ignore[attr-defined, unused-ignore]
        typed += msvcrt.getwch()  # type: ignore[attr-defined, unused-ignore]
    return typed

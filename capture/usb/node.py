"""The node of a USB device on Linux: one recorder at a time holds its lock, and a watchdog outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import usb.core

from zerotap.errors import CaptureError

from .devices import describe, place
from .host import device_node

GRACE_S = 1.0
"""How long a lock is waited for: the watchdog of a recorder that just died holds it for a moment."""
_PAUSE_S = 0.05
_DISMISSAL_S = 5.0
_RELEASED = b"released\n"
_WATCHDOG = Path(__file__).with_name("watchdog.py")


class Node:
    """A device's node, locked from ``__init__`` to ``unlock``.

    The lock is advisory and the kernel's own (flock): it holds between users and ends with the process, or
    with its watchdog. Where the system has no nodes, as for a virtual device, and where we may not open
    this one (opening the device says so) nothing is locked or watched.

    Raises CaptureError where another program has the lock.
    """

    def __init__(self, device: usb.core.Device) -> None:
        self._place = place(device)
        self._file = _opened(device_node(device))
        self._watchdog: subprocess.Popen[bytes] | None = None
        try:
            self._lock(device)
        except BaseException:
            self.unlock()
            raise

    def watch(self, numbers: Sequence[int], boot: Sequence[int]) -> None:
        """Start the watchdog that gives interfaces ``numbers`` their drivers back should this process die.

        Those of ``boot`` are set back to the report protocol before. Raises OSError where it does not start.
        """
        if self._file is None or not numbers or not sys.executable:
            return
        texts = (",".join(map(str, part)) for part in (numbers, boot))
        self._watchdog = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_WATCHDOG), str(self._file), self._place, *texts],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=_stderr(),
            pass_fds=(self._file,),
            start_new_session=True,  # no key of the terminal, and no signal to our group, reaches it
            cwd="/",
        )

    def dismiss(self) -> None:
        """Tell the watchdog that the drivers are back."""
        if self._watchdog is None:
            return
        with suppress(OSError, subprocess.TimeoutExpired):
            self._watchdog.communicate(_RELEASED, _DISMISSAL_S)
        self._watchdog = None

    def unlock(self) -> None:
        """Let others have the device; a watchdog that was not dismissed goes on."""
        if self._file is not None:
            import fcntl

            with suppress(OSError):
                fcntl.flock(self._file, fcntl.LOCK_UN)  # closing would leave the watchdog's share of it
            os.close(self._file)
            self._file = None

    def _lock(self, device: usb.core.Device) -> None:
        until_s = time.monotonic() + GRACE_S
        while self._file is not None and not _is_locked(self._file):
            if time.monotonic() > until_s:
                raise CaptureError(
                    f"USB device {describe(device)} does not open: another program is recording it; end that "
                    f"and try again: fuser --verbose {device_node(device)} names it"
                )
            time.sleep(_PAUSE_S)


def _opened(node: Path | None) -> int | None:
    """Open a node for the lock and the watchdog, or for the lock alone."""
    for flags in (os.O_RDWR, os.O_RDONLY):
        with suppress(OSError):
            return None if node is None else os.open(node, flags | getattr(os, "O_CLOEXEC", 0))
    return None


def _is_locked(file: int) -> bool:
    import fcntl  # there is none on Windows, nor a node

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _stderr() -> int:
    """Where this program speaks to its user; the command line has moved that off descriptor 2."""
    try:
        return sys.stderr.fileno()
    except (AttributeError, OSError, ValueError):
        return subprocess.DEVNULL

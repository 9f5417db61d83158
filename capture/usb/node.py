"""The node of a USB device on Linux: one recorder at a time holds its lock, and a watchdog outlives it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
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
RESTARTS = 3
"""How often a watchdog that died is replaced: what kills each of them will not be outlived."""
_DISMISSAL_S = 1.0
_RELEASED = b"released\n"
_WATCHDOG = Path(__file__).with_name("watchdog.py")


_log = logging.getLogger(__name__)


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
        self._watchdog: Watchdog | None = None
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
        command = [sys.executable, "-I", "-S", str(_WATCHDOG), str(self._file), self._place, *texts]
        self._watchdog = Watchdog(command, self._file, self._place)

    def dismiss(self) -> None:
        """Tell the watchdog that the drivers are back."""
        if self._watchdog is not None:
            self._watchdog.dismiss()
            self._watchdog = None

    def unlock(self) -> None:
        """Let others have the device; a watchdog that was not dismissed goes on, and none follows it."""
        if self._watchdog is not None:
            self._watchdog.leave()
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


class Watchdog:
    """The process that runs ``command``, which holds ``file``: stopped it is continued, dead it is replaced.

    Raises OSError where it does not start.
    """

    def __init__(self, command: Sequence[str], file: int, place: str) -> None:
        self._command, self._file, self._place = command, file, place
        self._changing, self._is_kept, self._restarts = threading.Lock(), True, 0
        self.process = self._start()
        keeper = threading.Thread(target=_keep, args=(weakref.ref(self), self.process.pid), daemon=True)
        keeper.start()

    def dismiss(self) -> None:
        """Tell it that the drivers are back; one that does not take note within a second is ended."""
        self.leave()
        try:
            with suppress(OSError):
                self.process.communicate(_RELEASED, _DISMISSAL_S)
        except subprocess.TimeoutExpired:  # frozen, say; there is nothing left for it to do
            self.process.kill()
            self.process.wait()

    def leave(self) -> None:
        """Let it end as it will."""
        with self._changing:
            self._is_kept = False

    def replace(self) -> int | None:
        """Start another in place of one that died; return its process id, None where there is none."""
        with self._changing:
            if not self._is_kept:
                return None
            self.process.poll()
            self._restarts += 1
            if self._restarts > RESTARTS or not self._is_started_again():
                _log.warning(
                    "USB device %s has no watchdog any more: should this program be killed, run zerotap "
                    "devices --restore %s",
                    *(self._place, self._place),
                )
                return None
            _log.warning("The watchdog of USB device %s died: another one is started", self._place)
            return self.process.pid

    def _is_started_again(self) -> bool:
        with suppress(OSError):
            self.process = self._start()
            return True
        return False

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=_stderr(),
            pass_fds=(self._file,),
            start_new_session=True,  # no key of the terminal, and no signal to our group, reaches it
            cwd="/",
        )


def _keep(reference: weakref.ref[Watchdog], number: int | None) -> None:
    """What a thread does beside a recording, asleep until something happens to the watchdog."""
    while number is not None:
        with suppress(ChildProcessError):  # it was dismissed, and waited for
            while _change(number) in (os.CLD_STOPPED, os.CLD_TRAPPED):
                with suppress(ProcessLookupError):
                    os.kill(number, signal.SIGCONT)
                time.sleep(_PAUSE_S)
        watchdog = reference()
        number = watchdog.replace() if watchdog is not None else None
        del watchdog  # one that nobody holds any more goes, and its pipe ends


def _change(number: int) -> int | None:
    """Wait until a child is stopped or ends, and leave it to be waited for."""
    found = os.waitid(os.P_PID, number, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
    return found.si_code if found else None


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

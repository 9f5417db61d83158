"""Open a serial port for this program alone, and with what becomes of the board behind it."""

from __future__ import annotations

import errno
import sys
import time
from contextlib import suppress
from pathlib import Path

import serial

from zerotap.errors import CaptureError

from .ports import find_ports, there_are

TOUCH_BAUD = 1200
RESET_S = 0.1
"""How long DTR is down: longer than any reset circuit needs."""
_BUSY = (errno.EBUSY, errno.EAGAIN)


def open_port(path: str, baud: int, reset: bool) -> serial.Serial:
    """Open a port, 8N1, for this program alone; a read of it takes at most a quarter of a second.

    ``reset``: DTR and RTS go down and up again, by which an Arduino behind such a chip restarts. Without it
    they stay as opening leaves them, up, and (where the system knows how) up when the port is closed, so that
    the next opening does not restart the board either.

    Raises CaptureError where there is no such port, it is busy, not ours to open, or takes no such rate.
    """
    try:
        port = serial.Serial(path, baud, timeout=0.25, exclusive=None if sys.platform == "win32" else True)
    except (ValueError, OverflowError) as error:
        raise CaptureError(
            f"serial port {path} takes no {baud} baud: choose a rate such as 115200"
        ) from error
    except OSError as error:
        raise CaptureError(_refusal(path, error)) from error
    _keep_others_out(port)
    with suppress(OSError):  # a pseudo-terminal has no such lines
        _restart(port) if reset else _keep_running(port)
    return port


def touch_port(path: str) -> None:
    """Open a port at 1200 baud and close it with DTR down: an Arduino's USB then starts its bootloader.

    Raises CaptureError where there is no such port, it is busy, or not ours to open.
    """
    try:
        port = serial.Serial(path, TOUCH_BAUD, exclusive=None if sys.platform == "win32" else True)
        with port, suppress(OSError):  # a pseudo-terminal has no such line
            port.dtr = False
    except OSError as error:
        raise CaptureError(_refusal(path, error)) from error


def _restart(port: serial.Serial) -> None:
    # DTR first and last: with RTS alone up, an ESP32 would be held in its reset, with DTR alone in its boot
    # loader only if it left its reset then.
    port.dtr = False
    port.rts = False
    time.sleep(RESET_S)
    port.reset_input_buffer()  # what the sketch sent before
    port.dtr = True
    port.rts = True


def _keep_running(port: serial.Serial) -> None:
    """Let DTR stay up when the port is closed."""
    if sys.platform == "win32":
        return
    import termios

    attributes = termios.tcgetattr(port.fd)
    attributes[2] &= ~termios.HUPCL
    termios.tcsetattr(port.fd, termios.TCSANOW, attributes)


def _keep_others_out(port: serial.Serial) -> None:
    """A second reader would take bytes away; pyserial's lock is known to pyserial alone."""
    if sys.platform == "win32":
        return
    import fcntl
    import termios

    with suppress(OSError):
        fcntl.ioctl(port.fd, termios.TIOCEXCL)


def _refusal(path: str, error: OSError) -> str:
    if error.errno == errno.ENOENT:
        return f"there is no serial port {path}; {there_are(find_ports())}"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"serial port {path} does not open: you have no permission; {_permission(path)}"
    if error.errno in _BUSY:
        return f"serial port {path} does not open: another program has it; close that (a serial monitor?)"
    if error.errno is None:
        return f"{path} is no serial port: choose one that `zerotap devices` lists"
    return f"serial port {path} does not open ({error.strerror}): plug it in again"


def _permission(path: str) -> str:
    """How to get it: on Linux by the group that the port belongs to, dialout on Debian."""
    if sys.platform == "win32":
        return "close the program that has it"
    import grp

    try:
        group = grp.getgrgid(Path(path).stat().st_gid).gr_name
    except (OSError, KeyError):
        group = "dialout"
    if group == "root":
        return "run as root"
    return f"join its group by `sudo usermod -aG {group} $USER` and log in again, or run as root"

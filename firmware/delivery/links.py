"""Links: how bytes come to a board and back."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from zerotap.capture import BOARDS, open_port, select_port
from zerotap.errors import BoardError

if TYPE_CHECKING:
    from types import TracebackType

    import serial

BAUD: Final = 115200
_MOST_BYTES: Final = 1 << 16
if sys.platform == "win32":
    _LOST: tuple[type[Exception], ...] = (OSError,)
else:
    import termios

    _LOST = (OSError, termios.error)  # pyserial's flush() lets the latter through


class Link(Protocol):
    """Bytes to a board and back, until it is closed; ``name`` is what errors call it."""

    @property
    def name(self) -> str:
        """Such as a port's path."""

    def send(self, data: bytes) -> None:
        """Send all; raises BoardError where the board is gone."""

    def receive(self, timeout_s: float) -> bytes:
        """Return what came, b"" where nothing did in that time; raises BoardError where the board is gone."""

    def now_s(self) -> float:
        """Seconds on the board's side of the world: simulated ones of a simulated board."""

    def close(self) -> None:
        """Give it back; may be called again."""


class SerialLink:
    """A serial port, by its path or VID:PID; opening it does not restart the board.

    Raises CaptureError where there is no such port, or it is busy, and BoardError for a bootloader's.
    """

    def __init__(self, port: str) -> None:
        found = select_port(port)
        self.name = found.path
        if found.identity.kind in [board.bootloader for board in BOARDS]:
            raise BoardError(
                f"{found} waits in its bootloader: flash a sketch, or press its reset button once"
            )
        self._line: serial.Serial | None = open_port(found.path, BAUD, reset=False)

    def __enter__(self) -> SerialLink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        """Send all."""
        try:
            self._open.write(data)
            self._open.flush()
        except _LOST as error:
            raise self._gone() from error

    def receive(self, timeout_s: float) -> bytes:
        """Wait for a byte, and return it with those behind it."""
        line = self._open
        try:
            line.timeout = max(0.0, timeout_s)
            first: bytes = line.read(1)
            return first + line.read(min(line.in_waiting, _MOST_BYTES)) if first else b""
        except OSError as error:
            raise self._gone() from error

    def now_s(self) -> float:
        """The host's time."""
        return time.monotonic()

    def close(self) -> None:
        """Close the port."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(OSError):
                line.close()

    @property
    def _open(self) -> serial.Serial:
        if self._line is None:
            raise BoardError(f"{self.name} is closed: open it again")
        return self._line

    def _gone(self) -> BoardError:
        return BoardError(f"{self.name} went away: the board was unplugged or reset; begin again")

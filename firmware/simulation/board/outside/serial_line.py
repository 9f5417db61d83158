"""The other end of a serial line: bytes to and from the sketch, at the pace of its baud rate."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable


class SerialLine:
    """``received`` is all that the sketch has sent; ``baud`` its rate, 0 until it has opened the line."""

    def __init__(self) -> None:
        self._received = bytearray()
        self._taken = 0
        self._waiting: deque[int] = deque()
        self._wake: Callable[[], None] | None = None
        self.baud = 0.0
        self.overruns = 0

    @property
    def is_open(self) -> bool:
        """Whether the sketch's receiver is on."""
        return self._wake is not None

    @property
    def received(self) -> bytes:
        """All that the sketch has sent, each byte once its stop bit is over."""
        return bytes(self._received)

    def take(self) -> bytes:
        """What the sketch has sent since this was last asked."""
        new = bytes(self._received[self._taken :])
        self._taken = len(self._received)
        return new

    @property
    def waiting(self) -> int:
        """How many bytes are still to be sent to the sketch."""
        return len(self._waiting)

    def send(self, data: bytes) -> None:
        """Send bytes one after the other at the line's rate, once the sketch's receiver is on.

        A sketch that does not read in time loses some, as on the board: ``overruns`` counts them.
        """
        was_idle = not self._waiting
        self._waiting.extend(data)
        if was_idle and data and self._wake is not None:
            self._wake()

    def open(self, baud: float, wake: Callable[[], None]) -> None:
        """Say that the receiver is on: ``wake()`` is called when there is something to send."""
        self.baud, self._wake = baud, wake
        if self._waiting:
            wake()

    def close(self) -> None:
        """Say that the receiver is off."""
        self._wake = None

    def next_byte(self) -> int | None:
        """Take the next byte for the sketch; None where none is left."""
        return self._waiting.popleft() if self._waiting else None

    def put(self, byte: int) -> None:
        """Take a byte that the sketch has sent."""
        self._received.append(byte)

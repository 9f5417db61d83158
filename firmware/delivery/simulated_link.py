"""A link to a simulated board: it boots an image, and its USB serial port is the line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from zerotap.errors import BoardError
from zerotap.firmware.simulation.board import Board as SimulatedBoard

if TYPE_CHECKING:
    from pathlib import Path

    from zerotap.firmware.board import Board

SIMULATED: Final = "simulated"
_OPENS_S: Final = 2.0


class SimulatedLink:
    """A board with ``image`` whose port a simulated computer has opened; seconds are the board's.

    Raises BoardError where the sketch opens no port, ImageError for another image, HookError where nothing
    can be simulated; later BoardFault where the sketch does what stops a board.
    """

    name = "the simulated board"

    def __init__(self, image: Path, board: Board) -> None:
        self._board = SimulatedBoard(image, board)
        self._port = self._board.usb.serial
        if not self._board.run_until(lambda: self._port.is_open, seconds=_OPENS_S):
            raise BoardError(f"{image} opens no serial port on USB: give the image of SerialStream")

    def send(self, data: bytes) -> None:
        """Send as fast as the sketch takes it."""
        self._port.send(data)

    def receive(self, timeout_s: float) -> bytes:
        """Let the board run until it has sent something, or that time is over."""
        came = b""

        def has_come() -> bool:
            nonlocal came
            came += self._port.take()
            return bool(came)

        self._board.run_until(has_come, seconds=timeout_s)
        return came

    def now_s(self) -> float:
        """The board's time since power came on."""
        return self._board.seconds

    def close(self) -> None:
        """Nothing is held."""

"""The way into a board's bootloader: its port is found by USB's ids, and touched until the other is there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from zerotap.capture import BOARDS, BoardIds, SerialPort, find_ports, touch_port
from zerotap.errors import BoardError

if TYPE_CHECKING:
    from zerotap.firmware.board import Board

Ports = Callable[[], Sequence[SerialPort]]
APPEARS_S: Final = 10.0
"""So long a board may take from the touch to its bootloader's port; four seconds are usual."""
SETTLE_S: Final = 0.3
"""So long a port takes to be ours after it has appeared."""
_POLL_S: Final = 0.05
DOUBLE_TAP: Final = "double-tap the board's reset button (its LED then breathes) and give the command again"


@dataclass(slots=True)
class BoardPorts:
    """The ports of one kind of board: ``ids`` of its sketches and its bootloader; ``listed`` gives all ports.

    ``chosen``: the path that the user names, None for the only one. Once it was touched it may be another.
    """

    name: str
    ids: BoardIds
    listed: Ports = find_ports
    chosen: str | None = None
    _is_touched: bool = False

    @classmethod
    def of(cls, board: Board, port: str | None, listed: Ports = find_ports) -> BoardPorts:
        """Those of ``board``; raises BoardError for one whose bootloader bossac does not know."""
        if board.usb is None:
            raise BoardError(
                f"bossac does not write the {board.name}: hold its BOOTSEL button while you plug it in, and "
                "copy the sketch's .uf2 to the drive that appears"
            )
        return cls(board.name, board.usb, listed, port)

    def find(self) -> SerialPort:
        """The board's port, whichever mode it is in; raises BoardError where none or several are there."""
        listed = self.listed()
        found = [port for port in listed if self._is_meant(port)]
        if not found and self._is_touched:
            found = list(filter(self.is_bootloader, listed))
        if len(found) == 1:
            self._check_kind(found[0])
            return found[0]
        if found:
            paths = ", ".join(port.path for port in found)
            raise BoardError(f"there are several boards {self.name}, at {paths}: name one with --port")
        if self.chosen is not None:
            raise BoardError(f"there is no serial port {self.chosen}: {self._there_are()}")
        raise BoardError(f"there is no {self.name}: plug it in, or {DOUBLE_TAP}; {self._there_are()}")

    def is_bootloader(self, port: SerialPort) -> bool:
        """Whether the board waits for an image there."""
        return port.identity.kind == self.ids.bootloader

    def call_bootloader(self) -> SerialPort | None:
        """The bootloader's port, once a sketch's was touched; None where none comes, under whatever path.

        Raises BoardError as ``find`` does, and CaptureError for a port that does not open.
        """
        there = self.find()
        if self.is_bootloader(there):
            return there
        before = {port.path for port in self.listed() if self.is_bootloader(port)}
        touch_port(there.path)
        self._is_touched = True
        until_s = time.monotonic() + APPEARS_S
        while time.monotonic() < until_s:
            waiting = filter(self.is_bootloader, self.listed())
            found = [port for port in waiting if port.path not in before]
            if len(found) == 1:
                time.sleep(SETTLE_S)
                return found[0]
            time.sleep(_POLL_S)
        return None

    def _is_meant(self, port: SerialPort) -> bool:
        if self.chosen is not None:
            return port.path == self.chosen
        return port.identity.kind in self.ids.ids

    def _check_kind(self, port: SerialPort) -> None:
        if port.identity.kind in self.ids.ids:
            return
        other = next((one for one in BOARDS if port.identity.kind in one.ids), None)
        what = f"is a {other.name}" if other else "is another device"
        raise BoardError(f"{port} {what} and no {self.name}: choose its port, or its --board")

    def _there_are(self) -> str:
        ports = self.listed()
        return f"there are: {'; '.join(map(str, ports))}" if ports else "there is no port at all"

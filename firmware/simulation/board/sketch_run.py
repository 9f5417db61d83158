"""A sketch run for a while on the simulated board, with what it sent, what it took, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from zerotap.firmware.board import Board as BoardRow

from .board import Board
from .faults import BoardFault
from .outside.usb_enumeration import Found

if TYPE_CHECKING:
    from zerotap.capture import DeviceIdentity, Packet

DEFAULT_SECONDS: Final = 3.0
_TYPING_SECONDS: Final = 60.0
_AFTER_TYPING_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class SketchRun:
    """What came of a run; ``fault``: what ended it early, None if nothing did.

    ``uart`` and ``usb_serial`` are bytes that the sketch sent; ``packets`` reports that it took of the
    ``keyboard``, with the board's time; ``untyped`` how many it did not take; ``found``: its USB device, None
    where no computer enumerated it; ``changes`` of its outputs, by pin.
    """

    seconds: float
    cycles: int
    stack_bytes: int
    resets: int
    uart: bytes
    usb_serial: bytes
    found: Found | None
    packets: tuple[Packet, ...]
    keyboard: DeviceIdentity
    untyped: int
    changes: dict[str, int]
    fault: BoardFault | None

    @property
    def report(self) -> dict[str, Any]:
        """The figures, and texts of what was sent, other bytes than UTF-8 escaped."""
        found = self.found
        device = (
            None
            if found is None
            else f"{found.vendor_id:04x}:{found.product_id:04x} {found.product}".rstrip()
        )
        return {
            "seconds": round(self.seconds, 6),
            "cycles": self.cycles,
            "stack_bytes": self.stack_bytes,
            "resets": self.resets,
            "usb_device": device,
            "usb_serial": _text(self.usb_serial),
            "keyboard_reports": len(self.packets),
            "keyboard_reports_left": self.untyped,
            "output_changes": self.changes,
            "uart": _text(self.uart),
            "fault": None if self.fault is None else str(self.fault),
        }


def run_sketch(
    image: bytes | Path, board: BoardRow, seconds: float | None = None, text: str = ""
) -> SketchRun:
    """Run an image for ``seconds`` of the board's time; ``text`` is typed on a keyboard at its USB port.

    Without ``seconds``: for 3, or where something is typed until half a second after the sketch took its last
    report, at most for a minute. Raises ImageError, and CaptureError for text that no key types.
    """
    simulated = Board(image, board)
    if text:
        simulated.usb.keyboard.type(text)
    fault = None
    try:
        if text and seconds is None:
            simulated.run_until(lambda: not simulated.usb.keyboard.waiting, seconds=_TYPING_SECONDS)
            seconds = _AFTER_TYPING_S
        simulated.run_until(seconds=DEFAULT_SECONDS if seconds is None else seconds)
    except BoardFault as error:
        fault = error
    return _run(simulated, fault)


def _run(board: Board, fault: BoardFault | None) -> SketchRun:
    keyboard = board.usb.keyboard
    changes: dict[str, int] = {}
    for change in board.pins.changes:
        changes[change.pin] = changes.get(change.pin, 0) + 1
    return SketchRun(
        board.seconds,
        board.cycles,
        board.stack_used,
        board.resets,
        board.uart.received,
        board.usb.serial.received,
        board.usb.serial.found,
        tuple(keyboard.packets),
        keyboard.identity,
        keyboard.waiting,
        changes,
        fault,
    )


def _text(data: bytes) -> str:
    return data.decode("utf-8", "backslashreplace")

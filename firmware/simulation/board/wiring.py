"""How boards with the chip are wired, as far as it is seen from outside: Serial1, LED, analog pins' labels.

Source: variant.h and variant.cpp of each board's Arduino core.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.board import Board
from zerotap.firmware.images import ImageError

CHIP: Final = "SAMD21G18A"


@dataclass(frozen=True, slots=True)
class Wiring:
    """``serial1``: its SERCOM; ``led``: LED_BUILTIN's pin; ``analog``: the pins labelled A0, A1 and so on."""

    serial1: str
    led: str
    analog: tuple[str, ...]
    is_led_on_low: bool = False


def _mkr(led: str) -> Wiring:
    return Wiring("SERCOM5", led, ("PA02", "PB02", "PB03", "PA04", "PA05", "PA06", "PA07"))


_WIRINGS: Final = {
    "Arduino MKR Zero": _mkr("PB08"),
    "Arduino MKR1000": _mkr("PA20"),
    "Arduino MKR WiFi 1010": _mkr("PA20"),
    "Arduino Zero": Wiring("SERCOM0", "PA17", ("PA02", "PB08", "PB09", "PA04", "PA05", "PB02")),
    "Arduino Nano 33 IoT": Wiring(
        "SERCOM5", "PA17", ("PA02", "PB02", "PA11", "PA10", "PB08", "PB09", "PA09", "PB03")
    ),
    "Seeed XIAO SAMD21": Wiring(
        "SERCOM4",
        "PA17",
        ("PA02", "PA04", "PA10", "PA11", "PA08", "PA09", "PB08", "PB09", "PA07", "PA05", "PA06"),
        is_led_on_low=True,
    ),
}


def wiring_of(board: Board) -> Wiring:
    """The wiring of a board with the chip; raises ImageError for one that is not known."""
    if board.chip != CHIP or board.name not in _WIRINGS:
        raise ImageError(f"the {board.name} is not simulated as a whole board: only those with a {CHIP} are")
    return _WIRINGS[board.name]

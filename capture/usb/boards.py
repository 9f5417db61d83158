"""The USB ids of the boards that we know, each twice: a sketch of the board runs, or its bootloader does.

Source: boards.txt of Arduino's and Seeed's cores for SAMD.
"""

from __future__ import annotations

from typing import NamedTuple

Ids = tuple[int, int]
"""Vendor id and product id."""


class BoardIds(NamedTuple):
    """A board by what it says of itself on USB."""

    name: str
    sketch: Ids
    bootloader: Ids

    @property
    def ids(self) -> tuple[Ids, Ids]:
        """Both that the board may have."""
        return self.sketch, self.bootloader


ARDUINO, SEEED = 0x2341, 0x2886
MKR_ZERO = BoardIds("Arduino MKR Zero", (ARDUINO, 0x804F), (ARDUINO, 0x004F))
BOARDS = (
    MKR_ZERO,
    BoardIds("Arduino Zero", (ARDUINO, 0x804D), (ARDUINO, 0x004D)),
    BoardIds("Arduino MKR1000", (ARDUINO, 0x804E), (ARDUINO, 0x004E)),
    BoardIds("Arduino MKR WiFi 1010", (ARDUINO, 0x8054), (ARDUINO, 0x0054)),
    BoardIds("Arduino Nano 33 IoT", (ARDUINO, 0x8057), (ARDUINO, 0x0057)),
    BoardIds("Seeed XIAO SAMD21", (SEEED, 0x802F), (SEEED, 0x002F)),
)


def in_bootloader(identity: Ids) -> BoardIds | None:
    """Return the board whose bootloader has these ids; None where they are no bootloader's."""
    return next((board for board in BOARDS if board.bootloader == identity), None)

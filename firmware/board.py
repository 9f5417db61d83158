"""The board's facts, in one table: where they are wanted elsewhere they are read from here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Board:
    """A board as the linker, the simulator and the reports see it.

    ``flash_bytes`` is what a program may fill from ``flash_origin`` on: the bootloader's share is not in it.
    """

    name: str
    chip: str
    cpu: str
    clock_hz: int
    flash_origin: int
    flash_bytes: int
    ram_origin: int
    ram_bytes: int

    def milliseconds(self, cycles: int) -> float:
        """Time that ``cycles`` take at the board's clock, in milliseconds."""
        return cycles * 1000 / self.clock_hz


# SAMD21G18A: 262,144 B of flash, of which the bootloader owns the first 0x2000.
MKR_ZERO = Board(
    name="Arduino MKR Zero",
    chip="SAMD21G18A",
    cpu="Cortex-M0+",
    clock_hz=48_000_000,
    flash_origin=0x2000,
    flash_bytes=253_952,
    ram_origin=0x2000_0000,
    ram_bytes=32_768,
)

"""EIC: interrupts by the levels and edges of pins that are given to it.

Data sheet, chapter 21. Filters, events and the NMI are not modelled.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

from .port import PinGroup

_RESET, _ENABLE = 1, 2
_LINES: Final = 16
_RISE, _FALL, _BOTH, _HIGH, _LOW = 1, 2, 3, 4, 5
# Lines of the pins whose number is not their line's, by group (data sheet, table of multiplexed signals).
_OTHERS: Final = {
    "PORTA": {24: 12, 25: 13, 27: 15, 28: 8, 30: 10, 31: 11},
    "PORTB": {22: 6, 23: 7, 30: 14, 31: 15},
}


class ExternalInterrupts(Peripheral):
    """Sixteen lines."""

    REGISTERS = (
        Register("ctrl", 0x00, 1),
        Register("status", 0x01, 1, Kind.READ_ONLY),
        Register("evctrl", 0x04, 4),
        Register("intenclr", 0x08, 4, Kind.COMMAND),
        Register("intenset", 0x0C, 4, Kind.COMMAND),
        Register("intflag", 0x10, 4, Kind.COMMAND),
        Register("wakeup", 0x14, 4),
        Register("config", 0x18, 8),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self._groups = slot.machine.all_of(PinGroup)
        self._levels = 0
        for group in self._groups:
            group.listeners.append(self._look)

    def on_ctrl(self, value: int) -> None:
        """Reset or enable."""
        if value & _RESET:
            self.reset_registers()
        self._levels = self._read()
        self._look()

    def _look(self) -> None:
        """Raise the flags of lines whose level or edge is what they wait for."""
        if not self["ctrl"] & _ENABLE:
            return
        before, self._levels = self._levels, self._read()
        for line in range(_LINES):
            sense, level, was = (self["config"] >> 4 * line & 7, self._levels >> line & 1, before >> line & 1)
            edge = {(0, 1): (_RISE, _BOTH), (1, 0): (_FALL, _BOTH)}.get((was, level), ())
            if sense in edge or sense == (_HIGH if level else _LOW):
                self["intflag"] |= 1 << line
        self._signal()

    def _read(self) -> int:
        """Levels of the lines, by the pins that are given to them (function A)."""
        levels = 0
        for group in self._groups:
            for number in range(32):
                if group["in"] >> number & 1 and group.function_of(number) == 0:
                    levels |= 1 << _OTHERS[group.name].get(number, number % _LINES)
        return levels

    def on_config(self, _: int) -> None:
        """Choose what the lines wait for."""
        self._look()

    def on_intflag(self, value: int) -> None:
        """Clear flags; those of levels rise again."""
        self["intflag"] &= ~value
        self._look()
        self._signal()

    def on_intenset(self, value: int) -> None:
        """Enable interrupts."""
        self["intenset"] = self["intenclr"] = self["intenset"] | value
        self._signal()

    def on_intenclr(self, value: int) -> None:
        """Disable interrupts."""
        self["intenset"] = self["intenclr"] = self["intenset"] & ~value
        self._signal()

    def _signal(self) -> None:
        self.slot.set_line(bool(self["intflag"] & self["intenset"]))

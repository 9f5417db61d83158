"""PORT: pins as inputs and outputs. Which peripheral has a pin (PMUX) matters to the EIC alone.

Data sheet, chapter 23. A group of 32 pins is a peripheral of its own here, and so is the way to it from the
core's own bus.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.outside.pins import pin_name
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

_PINS: Final = 32
_GIVEN, _PULL = 1, 4


class PinGroup(Peripheral):
    """PA or PB, by the last letter of its name."""

    REGISTERS = (
        Register("dir", 0x00, 4),
        Register("dirclr", 0x04, 4, Kind.COMMAND),
        Register("dirset", 0x08, 4, Kind.COMMAND),
        Register("dirtgl", 0x0C, 4, Kind.COMMAND),
        Register("out", 0x10, 4),
        Register("outclr", 0x14, 4, Kind.COMMAND),
        Register("outset", 0x18, 4, Kind.COMMAND),
        Register("outtgl", 0x1C, 4, Kind.COMMAND),
        Register("in", 0x20, 4, Kind.READ_ONLY),
        Register("ctrl", 0x24, 4),
        Register("wrconfig", 0x28, 4, Kind.COMMAND),
        Register("pmux", 0x30, 16),
        Register("pincfg", 0x40, _PINS),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self.group = "AB".index(slot.name[-1])
        self._pins = slot.machine.outside.pins
        self._shown = 0, 0
        self.listeners: list[Callable[[], None]] = []
        self.refresh()
        for number in range(_PINS):
            self._pins.put(0, pin_name(self.group, number), None)

    def on_dir(self, value: int) -> None:
        """Choose the outputs."""
        for name in ("dir", "dirclr", "dirset", "dirtgl"):
            self[name] = value
        self._show()

    def on_dirclr(self, value: int) -> None:
        """Make some inputs."""
        self.on_dir(self["dir"] & ~value)

    def on_dirset(self, value: int) -> None:
        """Make some outputs."""
        self.on_dir(self["dir"] | value)

    def on_dirtgl(self, value: int) -> None:
        """Make inputs outputs and outputs inputs."""
        self.on_dir(self["dir"] ^ value)

    def on_out(self, value: int) -> None:
        """Set levels."""
        for name in ("out", "outclr", "outset", "outtgl"):
            self[name] = value
        self._show()

    def on_outclr(self, value: int) -> None:
        """Set some low."""
        self.on_out(self["out"] & ~value)

    def on_outset(self, value: int) -> None:
        """Set some high."""
        self.on_out(self["out"] | value)

    def on_outtgl(self, value: int) -> None:
        """Change some."""
        self.on_out(self["out"] ^ value)

    def on_wrconfig(self, value: int) -> None:
        """Configure several pins of one half at once."""
        first = 16 if value >> 31 else 0
        for number in range(16):
            if value >> number & 1:
                self._configure(first + number, value)
        self.refresh()

    def _configure(self, number: int, value: int) -> None:
        if value >> 30 & 1:
            self._set_field("pincfg", 8 * number, 0xFF, value >> 16 & 0x47)
        if value >> 28 & 1:
            self._set_field("pmux", 4 * number, 0xF, value >> 24 & 0xF)

    def _set_field(self, name: str, bit: int, mask: int, value: int) -> None:
        self[name] = self[name] & ~(mask << bit) | value << bit

    def on_pincfg(self, _: int) -> None:
        """Turn pulls on or off, give pins to peripherals."""
        self.refresh()

    def on_pmux(self, _: int) -> None:
        """Choose which peripheral a pin is given to."""
        self._read()

    def refresh(self) -> None:
        """Look again at the pulls, and at what drives the pins from outside."""
        driven = {number: self._pins.driven(pin_name(self.group, number)) for number in range(_PINS)}
        self._driven = sum(1 << number for number, level in driven.items() if level is not None)
        self._high = sum(1 << number for number, level in driven.items() if level)
        self._pulled = sum(1 << number for number in range(_PINS) if self["pincfg"] >> 8 * number & _PULL)
        self._read()

    def _read(self) -> None:
        """What IN shows: outputs read themselves, an input that nothing drives its pull, or low."""
        inputs = self._high | (self._pulled & self["out"] & ~self._driven)
        self["in"] = (self["out"] & self["dir"]) | (inputs & ~self["dir"])
        for listener in self.listeners:
            listener()

    def function_of(self, number: int) -> int | None:
        """Which peripheral function, 0 for A, a pin is given to; None where it is PORT's own."""
        is_given = self["pincfg"] >> 8 * number & _GIVEN
        return self["pmux"] >> 4 * number & 0xF if is_given else None

    def _show(self) -> None:
        """Tell the outside what changed."""
        shown, before = (self["dir"], self["out"] & self["dir"]), self._shown
        self._shown = shown
        changed = (shown[0] ^ before[0]) | (shown[1] ^ before[1])
        for number in range(_PINS):
            if changed >> number & 1:
                level = bool(shown[1] >> number & 1) if shown[0] >> number & 1 else None
                self._pins.put(self.slot.machine.timeline.now, pin_name(self.group, number), level)
        self._read()


class PinGroupAtCore(Peripheral):
    """The same registers as those of a PinGroup, at the core's own bus."""

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        groups = {group.name: group for group in slot.machine.all_of(PinGroup)}
        self._group = groups[slot.name.removesuffix("_IOBUS")]

    def read(self, offset: int, size: int) -> int:
        """As of the group."""
        return self._group.read(offset, size)

    def write(self, offset: int, size: int, value: int) -> None:
        """As to the group."""
        self._group.write(offset, size, value)

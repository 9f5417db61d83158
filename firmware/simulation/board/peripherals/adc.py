"""ADC: converts what the outside plays on its channels, each conversion in its time.

Data sheet, chapter 33. Differential conversions, the gain's and the offset's correction, the window monitor
and free running are not modelled; there is no noise.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.simulation.board.faults import RegisterFault
from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

from .clocks import GenericClocks

_CHANNEL: Final = 30  # in GCLK
_RESET, _ENABLE, _START = 1, 2, 2
_READY, _OVERRUN = 1, 2
_SUPPLY_VOLTS: Final = 3.3
_REFERENCES: Final = {0: 1.0, 1: _SUPPLY_VOLTS / 1.48, 2: _SUPPLY_VOLTS / 2, 3: _SUPPLY_VOLTS}
_GAINS: Final = {0: 1.0, 1: 2.0, 2: 4.0, 3: 8.0, 4: 16.0, 0xF: 0.5}
_BITS: Final = {0: 12, 1: 16, 2: 10, 3: 8}
_INPUTS: Final = 20
_NOT_MODELLED: Final = 0b1111  # differential, left-adjusted, free running, corrected


class Adc(Peripheral):
    """Single conversions, averaged over up to 1,024 samples."""

    REGISTERS = (
        Register("ctrla", 0x00, 1),
        Register("refctrl", 0x01, 1),
        Register("avgctrl", 0x02, 1),
        Register("sampctrl", 0x03, 1),
        Register("ctrlb", 0x04, 2),
        Register("winctrl", 0x08, 1),
        Register("swtrig", 0x0C, 1, Kind.COMMAND),
        Register("inputctrl", 0x10, 4),
        Register("evctrl", 0x14, 1),
        Register("intenclr", 0x16, 1, Kind.COMMAND),
        Register("intenset", 0x17, 1, Kind.COMMAND),
        Register("intflag", 0x18, 1, Kind.COMMAND),
        Register("status", 0x19, 1, Kind.READ_ONLY),
        Register("result", 0x1A, 2, Kind.READ_ONLY),
        Register("winlt", 0x1C, 2),
        Register("winut", 0x20, 2),
        Register("gaincorr", 0x24, 2),
        Register("offsetcorr", 0x26, 2),
        Register("calib", 0x28, 2),
        Register("dbgctrl", 0x2A, 1),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self._clocks = slot.machine.find(GenericClocks)
        self._converting = False

    def on_ctrla(self, value: int) -> None:
        """Reset or enable."""
        if value & _RESET:
            self.reset_registers()
            self._signal()
        if not value & _ENABLE:
            self._converting = False

    def on_swtrig(self, value: int) -> None:
        """Start a conversion; one that runs goes on."""
        if value & _START and self["ctrla"] & _ENABLE and not self._converting:
            self._check()
            self._converting = True
            self.slot.machine.timeline.after(self._cycles(), self._converted)

    def _check(self) -> None:
        if self["ctrlb"] & _NOT_MODELLED:
            raise RegisterFault(
                f"it starts the ADC with CTRLB {self['ctrlb']:#x}, of which a mode is not modelled"
            )
        if self["inputctrl"] & 0x1F >= _INPUTS:
            raise RegisterFault(f"it reads the ADC's input {self['inputctrl'] & 0x1F}, which is not modelled")
        self._clocks.check_core()
        if not self._clocks.channel_hz(_CHANNEL):
            raise RegisterFault("it starts the ADC, whose clock (GCLK channel 30) is off")

    def _cycles(self) -> float:
        """Of the core, for a whole conversion: sampling, then a half clock a bit."""
        clock_hz = self._clocks.channel_hz(_CHANNEL) / (4 << (self["ctrlb"] >> 8 & 7))
        clocks = ((self["sampctrl"] & 0x3F) + 1) / 2 + 1 + self._bits() / 2
        return (1 << self._averaged()) * clocks * self.slot.machine.board.clock_hz / clock_hz

    def _averaged(self) -> int:
        return min(self["avgctrl"] & 0xF, 10)

    def _bits(self) -> int:
        return _BITS[self["ctrlb"] >> 4 & 3]

    def _converted(self) -> None:
        if not self._converting:
            return
        self._converting = False
        if self["intflag"] & _READY:
            self["intflag"] |= _OVERRUN
        self["result"] = self._code()
        self["intflag"] |= _READY
        self._signal()

    def _code(self) -> int:
        """The result of a conversion now."""
        machine = self.slot.machine
        level = machine.outside.channels.level(
            self["inputctrl"] & 0x1F, machine.timeline.now / machine.board.clock_hz
        )
        gain = _GAINS.get(self["inputctrl"] >> 24 & 0xF, 1.0)
        reference = _REFERENCES.get(self["refctrl"] & 0xF, _SUPPLY_VOLTS)
        code = max(min(int(level * gain * (_SUPPLY_VOLTS / reference)), 4095), 0)
        bits = self._bits()
        if bits < 16:
            return code >> 12 - bits
        # Sums of samples, shifted right by hardware above 16 and by ADJRES.
        shift = max(self._averaged() - 4, 0) + (self["avgctrl"] >> 4 & 7)
        return (code << self._averaged()) >> shift & 0xFFFF

    def get_result(self) -> int:
        """What was converted last; reading it clears the flag."""
        self.on_intflag(_READY)
        return self["result"]

    def on_intflag(self, value: int) -> None:
        """Clear flags."""
        self["intflag"] &= ~value
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

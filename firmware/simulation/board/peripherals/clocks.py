"""The clocks: what sources run, what each generator gives, and which peripherals have it.

Data sheet, chapters 15 (GCLK), 16 (PM) and 17 (SYSCTRL). Sources run at once and exactly.
"""

from __future__ import annotations

from typing import Final

from zerotap.firmware.simulation.board.faults import RegisterFault
from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

from .nvm import FlashController

_SLOW_HZ, _RC_HZ = 32_768, 8_000_000
_ENABLE: Final = 2
_GENERATORS, _CHANNELS = 9, 37
_NO_WAIT_HZ, _WAIT_STATES = 24e6, 0b11110  # of the flash, at 3.3 V
_DFLL_REFERENCE: Final = 0  # the channel that the DFLL is locked to
_DFLL_DRIFT: Final = 0.005  # a multiple of 32,768 Hz is not quite the nominal frequency


class SystemClocks(Peripheral):
    """SYSCTRL: oscillators, brown-out, voltage reference."""

    REGISTERS = (
        Register("intenclr", 0x00, 4, Kind.COMMAND),
        Register("intenset", 0x04, 4, Kind.COMMAND),
        Register("intflag", 0x08, 4, Kind.COMMAND),
        Register("pclksr", 0x0C, 4, Kind.READ_ONLY),
        Register("xosc", 0x10, 2, reset=0x0080),
        Register("xosc32k", 0x14, 2, reset=0x0080),
        Register("osc32k", 0x18, 4, reset=0x003F_0080),
        Register("osculp32k", 0x1C, 1, reset=0x1F),
        Register("osc8m", 0x20, 4, reset=0x8707_0382),
        Register("dfllctrl", 0x24, 2, reset=0x0080),
        Register("dfllval", 0x28, 4),
        Register("dfllmul", 0x2C, 4),
        Register("dfllsync", 0x30, 1, Kind.COMMAND),
        Register("bod33", 0x34, 4),
        Register("vreg", 0x3C, 2),
        Register("vref", 0x40, 4),
    )

    def get_pclksr(self) -> int:
        """What is ready; the DFLL's registers always are."""
        ready = [(1, "xosc32k"), (2, "osc32k"), (3, "osc8m")]
        bits = 1 << 4 | sum(1 << bit for bit, name in ready if self[name] & _ENABLE)
        return (
            bits
            | (0b11 << 6 if self["dfllctrl"] & _ENABLE else 0)
            | (1 << 9 if self["bod33"] & _ENABLE else 0)
        )

    def on_intenset(self, value: int) -> None:
        """Refuse: no oscillator ever changes by itself here."""
        if value:
            raise RegisterFault("it enables interrupts of SYSCTRL, which are not modelled")

    def hz(self, source: int, reference_hz: float) -> float:
        """Frequency of a source by its number in GCLK; ``reference_hz`` is what the DFLL is locked to."""
        if source in (3, 4, 5):
            enabled = source == 3 or self[{4: "osc32k", 5: "xosc32k"}[source]] & _ENABLE
            return _SLOW_HZ if enabled else 0
        if source == 6:
            return _RC_HZ / (1 << (self["osc8m"] >> 8 & 3)) if self["osc8m"] & _ENABLE else 0
        if source == 7:
            return self._dfll_hz(reference_hz)
        raise RegisterFault(f"it clocks something by source {source} of GCLK, which is not modelled")

    def _dfll_hz(self, reference_hz: float) -> float:
        nominal = self.slot.machine.board.clock_hz
        if not self["dfllctrl"] & _ENABLE:
            return 0
        if not self["dfllctrl"] & 4:  # open loop
            return nominal
        hz = (self["dfllmul"] & 0xFFFF) * reference_hz
        return nominal if abs(hz - nominal) < _DFLL_DRIFT * nominal else hz


class PowerManager(Peripheral):
    """PM: the core's divider, the masks of the buses, why the board was reset."""

    REGISTERS = (
        Register("ctrl", 0x00, 1),
        Register("sleep", 0x01, 1),
        Register("cpusel", 0x08, 1),
        Register("apbasel", 0x09, 1),
        Register("apbbsel", 0x0A, 1),
        Register("apbcsel", 0x0B, 1),
        Register("ahbmask", 0x14, 4, reset=0x7F),
        Register("apbamask", 0x18, 4, reset=0x7F),
        Register("apbbmask", 0x1C, 4, reset=0x7F),
        Register("apbcmask", 0x20, 4, reset=0x0001_0000),
        Register("intenclr", 0x34, 1),
        Register("intenset", 0x35, 1),
        Register("intflag", 0x36, 1, Kind.COMMAND, 1),
        Register("rcause", 0x38, 1, Kind.READ_ONLY, 1),
    )


class GenericClocks(Peripheral):
    """GCLK: nine generators and what each channel is clocked by.

    A write of the lowest byte alone of a register chooses what it shows, a wider one sets it.
    """

    REGISTERS = (
        Register("ctrl", 0x0, 1, Kind.COMMAND),
        Register("status", 0x1, 1, Kind.READ_ONLY),
        Register("clkctrl", 0x2, 2),
        Register("genctrl", 0x4, 4),
        Register("gendiv", 0x8, 4),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self._sources = slot.machine.find(SystemClocks)
        self._power = slot.machine.find(PowerManager)
        self._flash = slot.machine.find(FlashController)
        self._tables: dict[str, dict[int, int]] = {}
        self.on_ctrl(1)

    def on_ctrl(self, value: int) -> None:
        """Reset: generator 0 gives the internal 8 MHz, and is the core's."""
        if value & 1:
            self._tables = {"clkctrl": {}, "genctrl": {0: 0x0001_0600}, "gendiv": {}}

    def write(self, offset: int, size: int, value: int) -> None:
        """Choose or set."""
        chosen = {2: "clkctrl", 4: "genctrl", 8: "gendiv"}.get(offset)
        if size == 1 and chosen:
            self[chosen] = self._tables[chosen].get(value & 0x3F, value)
            return
        super().write(offset, size, value)
        if chosen:
            self._tables[chosen][value & (0x3F if chosen == "clkctrl" else 0xF)] = value
            self._check_flash()

    def _check_flash(self) -> None:
        """Refuse a clock that the flash cannot follow (chapter 37, maximum frequency by wait states)."""
        if self.core_hz() > _NO_WAIT_HZ and not self._flash["ctrlb"] & _WAIT_STATES:
            raise RegisterFault(
                f"it clocks the core at {self.core_hz():,.0f} Hz and the flash without a wait state: set "
                "NVMCTRL's CTRLB.RWS to 1 first"
            )

    def generator_hz(self, number: int) -> float:
        """Frequency of a generator, 0 where it is off."""
        control = self._tables["genctrl"].get(number, 0)
        if not control >> 16 & 1:
            return 0
        divisor = self._tables["gendiv"].get(number, 0) >> 8 & 0xFFFF
        divisor = 2 << min(divisor, 15) if control >> 20 & 1 else max(divisor, 1)
        source = control >> 8 & 0x1F
        if source == 2:
            return self.generator_hz(1) / divisor if number != 1 else 0
        is_dfll = source == 7
        return self._sources.hz(source, self.channel_hz(_DFLL_REFERENCE) if is_dfll else 0) / divisor

    def channel_hz(self, channel: int) -> float:
        """Frequency that a peripheral's channel is clocked by, 0 where it is not."""
        control = self._tables["clkctrl"].get(channel, 0)
        return self.generator_hz(control >> 8 & 0xF) if control >> 14 & 1 else 0

    def core_hz(self) -> float:
        """Frequency of the core."""
        return self.generator_hz(0) / (1 << (self._power["cpusel"] & 7))

    def check_core(self) -> None:
        """Refuse a core that does not run at the board's clock, by which all time is counted."""
        nominal, hz = self.slot.machine.board.clock_hz, self.core_hz()
        if hz != nominal:
            raise RegisterFault(
                f"the core runs at {hz:,.0f} Hz when it opens a peripheral whose time matters; "
                f"only {nominal:,} Hz are modelled: set the clocks first"
            )

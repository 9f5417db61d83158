"""USB: the controller's registers, as a device and as a host; what it does in either mode is beside.

Data sheet, chapter 32. Full speed; isochronous endpoints, double banks, suspend and resume are not modelled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from zerotap.firmware.simulation.board.faults import RegisterFault
from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

from .clocks import GenericClocks
from .usb_bank import BANK_BYTES, Bank

ENDPOINTS: Final = 8
_CHANNEL: Final = 6  # in GCLK
_RESET, _ENABLE, _HOST = 1, 2, 0x80
_HZ: Final = 48_000_000
_ENDPOINT = (
    ("cfg", 0x0, Kind.STORED),
    ("interval", 0x3, Kind.STORED),
    ("statusclr", 0x4, Kind.COMMAND),
    ("statusset", 0x5, Kind.COMMAND),
    ("status", 0x6, Kind.READ_ONLY),
    ("flag", 0x7, Kind.COMMAND),
    ("enclr", 0x8, Kind.COMMAND),
    ("enset", 0x9, Kind.COMMAND),
)


class Mode(Protocol):
    """What the controller does as a device or as a host."""

    def control(self, value: int) -> None:
        """CTRLB was written."""

    def changed(self, number: int, risen: int, fallen: int) -> None:
        """Status bits of an endpoint or pipe were set or cleared by the sketch."""

    def close(self) -> None:
        """It was disabled or reset."""


class Usb(Peripheral):
    """The registers; endpoints and pipes share them."""

    REGISTERS = (
        Register("ctrla", 0x00, 1),
        Register("syncbusy", 0x02, 1, Kind.READ_ONLY),
        Register("qosctrl", 0x03, 1),
        Register("ctrlb", 0x08, 2, reset=1),
        Register("dadd", 0x0A, 1),
        Register("state", 0x0C, 1, Kind.READ_ONLY),
        Register("fsmstatus", 0x0D, 1, Kind.READ_ONLY),
        Register("fnum", 0x10, 2, Kind.READ_ONLY),
        Register("flenhigh", 0x12, 1, Kind.READ_ONLY),
        Register("intenclr", 0x14, 2, Kind.COMMAND),
        Register("intenset", 0x18, 2, Kind.COMMAND),
        Register("intflag", 0x1C, 2, Kind.COMMAND),
        Register("summary", 0x20, 2, Kind.READ_ONLY),
        Register("descadd", 0x24, 4),
        Register("padcal", 0x28, 2),
        *(
            Register(name, 0x100 + 0x20 * number + at, 1, kind, index=number)
            for number in range(ENDPOINTS)
            for name, at, kind in _ENDPOINT
        ),
    )

    def __init__(self, slot: Slot, device: Callable[[Usb], Mode], host: Callable[[Usb], Mode]) -> None:
        """``device`` and ``host`` make what it does in each mode."""
        super().__init__(slot)
        self._device, self._host = device, host
        self._clocks = slot.machine.find(GenericClocks)
        self._mode: Mode | None = None

    def on_ctrla(self, value: int) -> None:
        """Reset, enable as a device or as a host, disable."""
        if value & _RESET:
            self.reset_registers()
            value = 0
        if self._mode is not None and not value & _ENABLE:
            self._mode.close()
            self._mode = None
        elif self._mode is None and value & _ENABLE:
            self._check()
            self._mode = (self._host if value & _HOST else self._device)(self)
            self._mode.control(self["ctrlb"])
        self.signal()

    def _check(self) -> None:
        self._clocks.check_core()
        if self._clocks.channel_hz(_CHANNEL) != _HZ:
            raise RegisterFault("it enables USB without 48 MHz at its clock (GCLK channel 6)")

    def bank(self, number: int, bank: int = 0) -> Bank:
        """A descriptor: 0 is what comes in, 1 what a device sends; a pipe has one."""
        place = self["descadd"] + (2 * number + bank) * BANK_BYTES
        return Bank(self.slot.machine.engine, place)

    def raise_flag(self, bits: int) -> None:
        """Set flags of the whole controller."""
        self["intflag"] |= bits
        self.signal()

    def raise_flag_of(self, number: int, bits: int) -> None:
        """Set flags of an endpoint or pipe."""
        self[f"flag{number}"] |= bits
        self._summarise(number)

    def set_status(self, number: int, rise: int, fall: int = 0) -> None:
        """Set and clear status bits of an endpoint or pipe, as the controller does."""
        self[f"status{number}"] = self[f"status{number}"] & ~fall | rise

    def signal(self) -> None:
        """Ask for the interrupt where a flag is set that is enabled."""
        self.slot.set_line(bool(self["summary"] or self["intflag"] & self["intenset"]))

    def _summarise(self, number: int) -> None:
        """See whether an endpoint or pipe asks for the interrupt."""
        asks = bool(self[f"flag{number}"] & self[f"enset{number}"])
        self["summary"] = self["summary"] & ~(1 << number) | asks << number
        self.signal()

    def on_ctrlb(self, value: int) -> None:
        """Tell the mode."""
        if self._mode is not None:
            self._mode.control(value)

    def on_intflag(self, value: int) -> None:
        """Clear flags."""
        self["intflag"] &= ~value
        self.signal()

    def on_intenset(self, value: int) -> None:
        """Enable interrupts."""
        self["intenset"] = self["intenclr"] = self["intenset"] | value
        self.signal()

    def on_intenclr(self, value: int) -> None:
        """Disable interrupts."""
        self["intenset"] = self["intenclr"] = self["intenset"] & ~value
        self.signal()

    def on_statusset(self, number: int, value: int) -> None:
        """Set status bits of an endpoint or pipe."""
        self.set_status(number, value)
        if self._mode is not None:
            self._mode.changed(number, value, 0)

    def on_statusclr(self, number: int, value: int) -> None:
        """Clear status bits of an endpoint or pipe."""
        self.set_status(number, 0, value)
        if self._mode is not None:
            self._mode.changed(number, 0, value)

    def on_flag(self, number: int, value: int) -> None:
        """Clear flags of an endpoint or pipe."""
        self[f"flag{number}"] &= ~value
        self._summarise(number)

    def on_enset(self, number: int, value: int) -> None:
        """Enable interrupts of an endpoint or pipe."""
        self._enable(number, self[f"enset{number}"] | value)

    def on_enclr(self, number: int, value: int) -> None:
        """Disable interrupts of an endpoint or pipe."""
        self._enable(number, self[f"enset{number}"] & ~value)

    def _enable(self, number: int, bits: int) -> None:
        self[f"enset{number}"] = self[f"enclr{number}"] = bits
        self._summarise(number)

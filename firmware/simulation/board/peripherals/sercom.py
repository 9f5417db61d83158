"""SERCOM as a UART, timed: bytes take their time on the line, both ways.

Data sheet, chapters 26 (SERCOM) and 27 (USART). Its other modes (SPI, I2C, an external clock), hardware
flow control and start-of-frame detection are not modelled; pads are not compared with the pins'
multiplexers.
"""

from __future__ import annotations

from collections import deque
from typing import Final

from zerotap.firmware.simulation.board.faults import RegisterFault
from zerotap.firmware.simulation.board.machine import Slot
from zerotap.firmware.simulation.board.peripheral import Peripheral
from zerotap.firmware.simulation.board.registers import Kind, Register

from .clocks import GenericClocks

_RESET, _ENABLE = 1, 2
_INTERNAL_CLOCK: Final = 1  # mode USART
_TX, _RX = 1 << 16, 1 << 17
_DRE, _TXC, _RXC, _ERROR = 1, 2, 4, 0x80
_OVERFLOW: Final = 4
_BUFFERED: Final = 2  # bytes that the receiver holds
_FIRST_CHANNEL: Final = 20  # of SERCOM0 in GCLK
_SAMPLES: Final = {0: 16, 1: 16, 2: 8, 3: 8, 4: 3}
_FRACTIONAL: Final = (1, 3)


class Sercom(Peripheral):
    """One of the six; its line is the outside's."""

    REGISTERS = (
        Register("ctrla", 0x00, 4),
        Register("ctrlb", 0x04, 4),
        Register("baud", 0x0C, 2),
        Register("rxpl", 0x0E, 1),
        Register("intenclr", 0x14, 1, Kind.COMMAND),
        Register("intenset", 0x16, 1, Kind.COMMAND),
        Register("intflag", 0x18, 1, Kind.COMMAND),
        Register("status", 0x1A, 2, Kind.COMMAND),
        Register("syncbusy", 0x1C, 4, Kind.READ_ONLY),
        Register("data", 0x28, 2, Kind.COMMAND),
        Register("dbgctrl", 0x30, 1),
    )

    def __init__(self, slot: Slot) -> None:
        super().__init__(slot)
        self._line = slot.machine.outside.line(slot.name)
        self._time = slot.machine.timeline
        self._clocks = slot.machine.find(GenericClocks)
        self._number = int(slot.name[-1])
        self._clear()

    def _clear(self) -> None:
        self._line.close()
        self._shifting: int | None = None
        self._next: int | None = None
        self._held: deque[int] = deque()
        self._hears = False
        self._opened = getattr(self, "_opened", 0) + 1

    def on_ctrla(self, value: int) -> None:
        """Reset, enable or disable."""
        if value & _RESET:
            self.reset_registers()
            self._clear()
            self._signal()
        elif value & _ENABLE:
            self._check(value)
            self._open()
        else:
            self._clear()
            self._show(0, _DRE | _TXC | _RXC)

    def _check(self, value: int) -> None:
        mode = value >> 2 & 7
        if mode != _INTERNAL_CLOCK:
            raise RegisterFault(f"it enables {self.name} in mode {mode}: only a UART (mode 1) is modelled")
        self._clocks.check_core()
        if not self._clocks.channel_hz(_FIRST_CHANNEL + self._number):
            raise RegisterFault(
                f"it enables {self.name}, whose clock (GCLK channel {20 + self._number}) is off"
            )

    def on_ctrlb(self, _: int) -> None:
        """Turn transmitter and receiver on or off."""
        if self["ctrla"] & _ENABLE:
            self._open()

    def _open(self) -> None:
        sends, hears = self["ctrlb"] & _TX, self["ctrlb"] & _RX
        if sends and self._next is None:
            self._show(_DRE, 0)
        if hears:
            self._line.open(self.baud(), self._wake)
        else:
            self._line.close()

    def baud(self) -> float:
        """Bits a second, by the generator's frequency."""
        hz = self._clocks.channel_hz(_FIRST_CHANNEL + self._number)
        code, rate = self["ctrla"] >> 13 & 7, self["baud"]
        if code not in _SAMPLES:
            raise RegisterFault(f"it gives {self.name} the sampling {code}, which the chip does not have")
        if code in _FRACTIONAL:
            return hz / (_SAMPLES[code] * max((rate & 0x1FFF) + (rate >> 13) / 8, 1))
        return hz / _SAMPLES[code] * (1 - rate / 65536)

    def _byte_cycles(self) -> float:
        bits = {1: 9, 5: 5, 6: 6, 7: 7}.get(self["ctrlb"] & 7, 8)
        parity, stops = self["ctrla"] >> 24 & 1, 1 + (self["ctrlb"] >> 6 & 1)
        return (1 + bits + parity + stops) * self.slot.machine.board.clock_hz / self.baud()

    # Sending.

    def on_data(self, value: int) -> None:
        """Send a byte: it waits while another is on the line."""
        if not self["ctrla"] & _ENABLE or not self["ctrlb"] & _TX:
            return
        if self._shifting is None:
            self._shift(value & 0xFF)
        else:
            self._next = value & 0xFF
            self._show(0, _DRE | _TXC)

    def _shift(self, byte: int) -> None:
        self._shifting, opened = byte, self._opened
        self._show(_DRE, _TXC)
        self._time.after(self._byte_cycles(), lambda: self._shifted(opened))

    def _shifted(self, opened: int) -> None:
        if opened != self._opened or self._shifting is None:
            return
        self._line.put(self._shifting)
        self._shifting, waiting = None, self._next
        self._next = None
        if waiting is None:
            self._show(_TXC, 0)
        else:
            self._shift(waiting)

    # Receiving.

    def _wake(self) -> None:
        if not self._hears:
            self._hears, opened = True, self._opened
            self._time.after(self._byte_cycles(), lambda: self._heard(opened))

    def _heard(self, opened: int) -> None:
        """A byte has come, and the next is on its way."""
        if opened != self._opened:
            return
        self._hears = False
        byte = self._line.next_byte()
        if byte is not None:
            self._keep(byte)
        if self._line.waiting:
            self._wake()

    def _keep(self, byte: int) -> None:
        if len(self._held) < _BUFFERED:
            self._held.append(byte)
            self._show(_RXC, 0)
        else:
            self._line.overruns += 1
            self["status"] |= _OVERFLOW
            self._show(_ERROR, 0)

    def get_data(self) -> int:
        """The oldest byte that has come."""
        byte = self._held.popleft() if self._held else 0
        if not self._held:
            self._show(0, _RXC)
        return byte

    # Interrupts.

    def on_intenset(self, value: int) -> None:
        """Enable interrupts."""
        self["intenset"] = self["intenclr"] = self["intenset"] | value
        self._signal()

    def on_intenclr(self, value: int) -> None:
        """Disable interrupts."""
        self["intenset"] = self["intenclr"] = self["intenset"] & ~value
        self._signal()

    def on_intflag(self, value: int) -> None:
        """Clear flags; those of data follow the data alone."""
        self._show(0, value & ~(_DRE | _RXC))

    def on_status(self, value: int) -> None:
        """Clear errors."""
        self["status"] &= ~value

    def _show(self, rise: int, fall: int) -> None:
        self["intflag"] = self["intflag"] & ~fall | rise
        self._signal()

    def _signal(self) -> None:
        self.slot.set_line(bool(self["intflag"] & self["intenset"]))

"""The USB controller as a host: its pipes' transactions with the device that is plugged in.

A pipe that is not frozen asks again after a NAK: an interrupt pipe at its interval, any other at once. Data
toggles go on as on the bus, and are not compared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from zerotap.firmware.simulation.board.outside.usb_link import Handshake

from .usb import Usb
from .usb_bank import Bank

_SOF_ON, _BUS_RESET, _SUPPLIED = 1 << 8, 1 << 9, 1 << 10
_SOF, _RESET_DONE, _CONNECTED = 4, 8, 0x100
_DONE, _ERROR, _SETUP_DONE, _STALLED = 1, 8, 0x10, 0x20
_TOGGLE, _FROZEN, _FULL = 1, 0x10, 0x40
_SETUP, _IN = 0, 1
_NAKED, _TIMED_OUT = 2, 8
_INTERRUPT: Final = 4
_DEBOUNCE_S, _RESET_S, _FRAME_S, _TURN_S, _RETRY_S = 0.1, 0.05, 0.001, 12e-6, 50e-6


class HostMode:
    """The root port and eight pipes."""

    def __init__(self, usb: Usb) -> None:
        self._usb = usb
        self._keyboard = usb.slot.machine.outside.usb.keyboard
        self._is_supplied = self._makes_frames = self._is_closed = False
        self._due: set[int] = set()

    def control(self, value: int) -> None:
        """Supply the port, reset the bus, start frames."""
        if value & _SUPPLIED and not self._is_supplied:
            self._is_supplied = True
            self._after(_DEBOUNCE_S, self._connect)
        if value & _BUS_RESET:
            self._after(_RESET_S, self._reset)
        if value & _SOF_ON and not self._makes_frames:
            self._after(_FRAME_S, self._start_frame)
        self._makes_frames = bool(value & _SOF_ON)

    def close(self) -> None:
        """Leave the device alone."""
        self._is_closed = True

    def changed(self, number: int, risen: int, fallen: int) -> None:
        """Begin a transaction where a pipe was let go."""
        del risen
        if fallen & _FROZEN:
            self._ask(number, _TURN_S)

    def _after(self, seconds: float, action: Callable[[], None]) -> None:
        machine = self._usb.slot.machine
        cycles = seconds * machine.board.clock_hz
        machine.timeline.after(cycles, lambda: None if self._is_closed else action())

    def _connect(self) -> None:
        self._usb.raise_flag(_CONNECTED)

    def _reset(self) -> None:
        self._keyboard.reset()
        self._usb["ctrlb"] &= ~_BUS_RESET
        self._usb.raise_flag(_RESET_DONE)

    def _start_frame(self) -> None:
        if self._makes_frames:
            self._usb["fnum"] = ((self._usb["fnum"] >> 3) + 1 & 0x7FF) << 3
            self._usb.raise_flag(_SOF)
            self._after(_FRAME_S, self._start_frame)

    def _ask(self, pipe: int, seconds: float) -> None:
        """Have one transaction of a pipe after some time, if none is on its way."""
        if pipe not in self._due:
            self._due.add(pipe)
            self._after(seconds, lambda: self._transact(pipe))

    def _transact(self, pipe: int) -> None:
        self._due.discard(pipe)
        kind = self._usb[f"cfg{pipe}"] >> 3 & 7
        if self._usb[f"status{pipe}"] & _FROZEN or not kind:
            return
        bank = self._usb.bank(pipe)
        answer = self._answer(self._usb[f"cfg{pipe}"] & 3, bank)
        if answer is Handshake.NAK:
            bank.flag(_NAKED)
            wait = max(self._usb[f"interval{pipe}"], 1) * _FRAME_S if kind == _INTERRUPT else _RETRY_S
            self._ask(pipe, wait)
        elif isinstance(answer, Handshake):
            self._fail(pipe, bank, answer)
        else:
            self._finish(pipe, bank, answer)

    def _answer(self, token: int, bank: Bank) -> bytes | Handshake | None:
        """What the device says; None where it takes what is sent."""
        if not self._keyboard.hears(bank.device):
            return Handshake.NONE
        if token == _IN:
            machine = self._usb.slot.machine
            return self._keyboard.take(bank.endpoint, machine.timeline.now / machine.board.clock_hz)
        data = bank.take()
        bank.done = 0
        if token == _SETUP:
            self._keyboard.setup(data)
            return None
        return self._keyboard.give(bank.endpoint)

    def _fail(self, pipe: int, bank: Bank, answer: Handshake) -> None:
        """The device refuses, or nobody is there."""
        self._usb.set_status(pipe, _FROZEN)
        if answer is Handshake.NONE:
            bank.flag_pipe(_TIMED_OUT)
        self._usb.raise_flag_of(pipe, _STALLED if answer is Handshake.STALL else _ERROR)

    def _finish(self, pipe: int, bank: Bank, data: bytes | None) -> None:
        """A transaction is over: the pipe is frozen until the sketch asks for the next."""
        toggled = (self._usb[f"status{pipe}"] ^ _TOGGLE) & _TOGGLE
        if data is None:
            self._usb.set_status(pipe, toggled | _FROZEN, _FULL | (_TOGGLE & ~toggled))
        else:
            bank.put(data)
            self._usb.set_status(pipe, toggled | _FROZEN | _FULL, _TOGGLE & ~toggled)
        token = self._usb[f"cfg{pipe}"] & 3
        self._usb.raise_flag_of(pipe, _SETUP_DONE if token == _SETUP else _DONE)

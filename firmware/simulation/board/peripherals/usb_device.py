"""The USB controller as a device: what the host's transactions do to its endpoints."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from zerotap.firmware.simulation.board.outside.usb_link import Handshake

from .usb import Usb

_DETACH: Final = 1
_SOF, _END_OF_RESET = 4, 8
_OUT_DONE, _IN_DONE, _SETUP, _STALLED_OUT, _STALLED_IN = 1, 2, 0x10, 0x20, 0x40
_STALL_OUT, _STALL_IN, _OUT_FULL, _IN_FULL = 0x10, 0x20, 0x40, 0x80


class DeviceMode:
    """What the host at the other end reaches it by."""

    def __init__(self, usb: Usb) -> None:
        self._usb = usb
        self._port = usb.slot.machine.outside.usb
        self._is_attached = False

    def control(self, value: int) -> None:
        """Attach to the bus, or detach."""
        if self._is_attached == (not value & _DETACH):
            return
        self._is_attached = not self._is_attached
        if self._is_attached:
            self._port.attach(self)
        else:
            self._port.detach()

    def changed(self, number: int, risen: int, fallen: int) -> None:
        """Tell the host that an endpoint may now have something, or room."""
        del number, risen, fallen
        self._port.poke()

    def close(self) -> None:
        """Leave the bus."""
        self.control(_DETACH)

    # What a host does.

    @property
    def now_s(self) -> float:
        """The board's time."""
        machine = self._usb.slot.machine
        return machine.timeline.now / machine.board.clock_hz

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Have something done later."""
        machine = self._usb.slot.machine
        machine.timeline.after(seconds * machine.board.clock_hz, action)

    def reset(self) -> None:
        """The bus is reset."""
        self._usb["dadd"] = 0
        self._usb.raise_flag(_END_OF_RESET)

    def start_frame(self) -> None:
        """A millisecond begins."""
        frame = ((self._usb["fnum"] >> 3) + 1) & 0x7FF
        self._usb["fnum"] = frame << 3
        self._usb.raise_flag(_SOF)

    def setup(self, packet: bytes) -> None:
        """A SETUP packet of 8 bytes comes, which no endpoint may refuse."""
        self._usb.bank(0, 0).put(packet)
        self._usb.bank(0, 1).done = 0
        self._usb.set_status(0, _OUT_FULL, _STALL_OUT | _STALL_IN | _IN_FULL)
        self._usb.raise_flag_of(0, _SETUP)

    def give(self, endpoint: int, data: bytes) -> Handshake:
        """An OUT packet comes."""
        status = self._usb[f"status{endpoint}"]
        if not self._usb[f"cfg{endpoint}"] & 7:
            return Handshake.NONE
        if status & _STALL_OUT:
            self._usb.raise_flag_of(endpoint, _STALLED_OUT)
            return Handshake.STALL
        if status & _OUT_FULL:
            return Handshake.NAK
        self._usb.bank(endpoint, 0).put(data)
        self._usb.set_status(endpoint, _OUT_FULL)
        self._usb.raise_flag_of(endpoint, _OUT_DONE)
        return Handshake.ACK

    def take(self, endpoint: int) -> bytes | Handshake:
        """The host asks for a packet."""
        status = self._usb[f"status{endpoint}"]
        if not self._usb[f"cfg{endpoint}"] >> 4 & 7:
            return Handshake.NONE
        if status & _STALL_IN:
            self._usb.raise_flag_of(endpoint, _STALLED_IN)
            return Handshake.STALL
        if not status & _IN_FULL:
            return Handshake.NAK
        bank = self._usb.bank(endpoint, 1)
        data = bank.take()
        if bank.done >= bank.count and not (len(data) == bank.size and bank.ends_with_empty):
            bank.done = 0
            self._usb.set_status(endpoint, 0, _IN_FULL)
            self._usb.raise_flag_of(endpoint, _IN_DONE)
        return data

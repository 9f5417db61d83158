"""A computer at the board's USB port: it enumerates the device, opens its serial port, reads and writes."""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Final

from .usb_enumeration import Enumeration, Found, Steps, taken_s
from .usb_link import DeviceLink, Handshake

_DEBOUNCE_S, _RESET_S, _FRAME_S, _TURN_S, _GAP_S = 0.1, 0.01, 0.001, 2e-6, 5e-6
_PACKET_BYTES: Final = 64
_BAUD, _TOUCH_BAUD, _OPEN, _CLOSED = 115_200, 1200, 3, 0


class UsbSerial:
    """``found``: what the device says of itself once it is enumerated; ``received``: all that it sent."""

    def __init__(self) -> None:
        self.found: Found | None = None
        self.is_open = False
        self._received = bytearray()
        self._taken = 0
        self._packets: deque[bytes] = deque()
        self._lines: deque[tuple[int, int]] = deque()
        self._link: DeviceLink | None = None
        self._script: Steps | None = None
        self._is_idle = self._is_poked = False
        self._frame_s = 0.0

    @property
    def received(self) -> bytes:
        """All that the sketch has sent."""
        return bytes(self._received)

    def take(self) -> bytes:
        """What the sketch has sent since this was last asked."""
        new = bytes(self._received[self._taken :])
        self._taken = len(self._received)
        return new

    @property
    def waiting(self) -> int:
        """How many bytes are still to be sent to the sketch."""
        return sum(map(len, self._packets))

    def send(self, data: bytes) -> None:
        """Send bytes as fast as the sketch takes them, once the port is open."""
        self._packets.extend(data[at : at + _PACKET_BYTES] for at in range(0, len(data), _PACKET_BYTES))
        self.poke()

    def touch(self) -> None:
        """Open the port at 1200 baud and close it: what asks a sketch for its bootloader."""
        self._lines.extend([(_TOUCH_BAUD, _OPEN), (_TOUCH_BAUD, _CLOSED)])
        self.poke()

    # The bus.

    def attach(self, link: DeviceLink) -> None:
        """A device has come: reset it after a while, then find out what it is."""
        self._link, self.found, self.is_open, self._is_idle = link, None, False, False
        link.after(_DEBOUNCE_S, lambda: self._reset(link))

    def detach(self) -> None:
        """It has gone."""
        self._link, self._script, self.is_open = None, None, False

    def _reset(self, link: DeviceLink) -> None:
        if self._link is not link:
            return
        link.reset()
        self._script = self._run(link)
        self._start_frame(link)
        link.after(_RESET_S, lambda: self._step(link))

    def _start_frame(self, link: DeviceLink) -> None:
        if self._link is link:
            link.start_frame()
            self._frame_s = link.now_s + _FRAME_S
            link.after(_FRAME_S, lambda: self._start_frame(link))

    def poke(self) -> None:
        """Go on, where the script waits for the device or for something to send, or when it comes to that."""
        self._is_poked = True
        if self._is_idle and self._link is not None:
            self._is_idle = self._is_poked = False
            self._wait(self._link, _TURN_S)

    def _wait(self, link: DeviceLink, seconds: float) -> None:
        """Have the next step when the bus is free; no transaction goes on while a frame begins."""
        end_s = link.now_s + seconds
        if end_s > self._frame_s - _GAP_S:
            end_s = max(end_s, self._frame_s + _GAP_S)
        link.after(end_s - link.now_s, lambda: self._step(link))

    def _step(self, link: DeviceLink) -> None:
        if self._link is not link or self._script is None:
            return
        wait = next(self._script, None)
        if wait is None and self._is_poked:
            self._is_poked = False
            self._wait(link, _TURN_S)
        elif wait is None:
            self._is_idle = True
        else:
            self._wait(link, wait)

    def _run(self, link: DeviceLink) -> Steps:
        enumeration = Enumeration(link)
        yield from enumeration.run()
        self.found = enumeration.found
        if not self.found.in_endpoint:
            return
        yield from enumeration.set_line(_BAUD, _OPEN)
        self.is_open = True
        while True:
            moved = yield from self._exchange(link, self.found)
            if self._lines:
                yield from enumeration.set_line(*self._lines.popleft())
            elif not moved:
                yield None

    def _exchange(self, link: DeviceLink, found: Found) -> Generator[float | None, None, bool]:
        """A packet each way, where there is one; whether there was."""
        yield taken_s(0)
        part = link.take(found.in_endpoint)
        if not isinstance(part, Handshake):
            self._received += part
            yield taken_s(len(part))
        if self._packets:
            yield taken_s(len(self._packets[0]))
        is_taken = bool(self._packets) and link.give(found.out_endpoint, self._packets[0]) is Handshake.ACK
        if is_taken:
            self._packets.popleft()
        return is_taken or not isinstance(part, Handshake)

"""A serial port of the operating system as a source: a board behind a USB-serial chip, or any other tty."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from zerotap.capture.packet import Event, Packet
from zerotap.capture.serial_ports.opening import open_port
from zerotap.capture.serial_ports.ports import SerialPort, select_port
from zerotap.capture.usb.polling import LATE_S, host_clock
from zerotap.capture.usb.statuses import LATE, UNPLUGGED, kind_of
from zerotap.errors import CaptureError

if TYPE_CHECKING:
    import serial

ENDPOINT = 0x81
"""What its packets are noted under: which endpoint the driver reads, nothing tells."""
RECONNECT_S = 10.0
"""So long a port that went away may take to come back: a board that restarts its USB takes two seconds."""
PAUSE_S = 0.25
MOST_BYTES = 1 << 16


class SerialSource:
    """Reads ``port`` at ``baud``, 8N1; a packet is what had come when it was looked at.

    ``reset``: opening restarts a board that DTR restarts, see ``open_port``. A port that goes away is a gap
    if it is back within RECONNECT_S, under whatever path the same device has then, and else the end.
    """

    synthetic = False
    transfer = "bulk"

    def __init__(self, port: SerialPort, baud: int, reset: bool = True) -> None:
        self.port, self.baud, self.reset = port, baud, reset
        self.identity = port.identity
        self.descriptors: dict[str, str] = {}
        self._clock = host_clock()
        self._line: serial.Serial | None = None
        self._is_open = False

    def open(self) -> None:
        """Open the port."""
        self._line = open_port(self.port.path, self.baud, self.reset)
        self._is_open = True

    def clock_ns(self) -> int:
        """The time by which packets are stamped."""
        return self._clock()

    def packets(self) -> Iterator[Packet | Event | None]:
        """Yield what the port sends until it is gone for good."""
        if not self._is_open:
            raise CaptureError("The serial port is not open: open the source before reading it")
        return self._read()

    def close(self) -> None:
        """Close the port."""
        line, self._line, self._is_open = self._line, None, False
        if line is not None:
            with suppress(OSError):
                line.cancel_read()
            with suppress(OSError):
                line.close()

    def _read(self) -> Iterator[Packet | Event | None]:
        last_ns = self.clock_ns()
        while self._is_open:
            late_s, last_ns = (self.clock_ns() - last_ns) / 1e9, self.clock_ns()
            if late_s > LATE_S:
                yield Event(last_ns, kind_of(LATE), f"nobody read for {late_s:.1f} s", LATE)
            try:
                data = self._take()
            except OSError:
                yield Event(self.clock_ns(), kind_of(LATE), "the port went away", LATE)
                yield from self._wait()
                last_ns = self.clock_ns()
                continue
            yield Packet(self.clock_ns(), ENDPOINT, data) if data else None

    def _take(self) -> bytes:
        """Wait for a byte, and return it with those behind it; b"" where none came."""
        line = self._line
        if line is None:
            return b""
        first: bytes = line.read(1)
        return first + line.read(min(line.in_waiting, MOST_BYTES)) if first else b""

    def _wait(self) -> Iterator[Event | None]:
        """Wait for the port to come back; where it does not, say so and be closed."""
        gone_ns, line = self.clock_ns(), self._line
        if line is not None:
            with suppress(OSError):
                line.close()
        until_s = time.monotonic() + RECONNECT_S
        while self._is_open and time.monotonic() < until_s:
            time.sleep(PAUSE_S)
            yield None
            if self._is_open and self._is_back():
                return
        if self._is_open:
            yield Event(gone_ns, kind_of(UNPLUGGED), "the port was unplugged", UNPLUGGED)
            self.close()

    def _is_back(self) -> bool:
        try:
            self._line = open_port(self._path_now(), self.baud, self.reset)
        except CaptureError:  # not there, or not set up by the system so far
            return False
        return True

    def _path_now(self) -> str:
        """Where the device is: plugged in again it may have another number."""
        known = self.identity
        if not known.vendor_id:
            return self.port.path
        serial_number = f":{known.serial}" if known.serial else ""
        return select_port(f"{known.vendor_id:04x}:{known.product_id:04x}{serial_number}").path

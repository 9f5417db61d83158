"""A board behind a serial port: a pseudo-terminal under a path of its own, listed as a USB-serial chip's."""

import os
import threading
import time
import tty
from contextlib import suppress

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

STEP_S = 0.03
SERIAL = "A10"


class SerialBoard:
    """Sends a numbered line every 30 ms from the moment that it is made, whoever listens."""

    def __init__(self, path):
        self.path, self.numbers = path, iter(range(10**9))
        self._master, self._slave = -1, -1
        self._lock, self._ended = threading.Lock(), threading.Event()
        self.plug()
        self._thread = threading.Thread(target=self._send)
        self._thread.start()

    def plug(self, path=None):
        """Put it in, under another path where that is given."""
        with self._lock:
            self.path = path or self.path
            self._master, self._slave = os.openpty()
            tty.setraw(self._slave)
            os.set_blocking(self._master, False)
            self.path.symlink_to(os.ttyname(self._slave))

    def unplug(self):
        """Pull it out: the port hangs up, and its path is gone."""
        with self._lock:
            self.path.unlink()
            for end in (self._master, self._slave):
                os.close(end)
            self._master = self._slave = -1

    def end(self):
        """Stop sending."""
        self._ended.set()
        self._thread.join()
        if self._master >= 0:
            self.unplug()

    def ports(self):
        """What the system lists."""
        if self._master < 0:
            return []
        info = ListPortInfo(str(self.path))
        info.vid, info.pid, info.serial_number = 0x1209, 0x0004, SERIAL
        info.manufacturer, info.product = "zerotap", "Serial\x1b board"
        return [info]

    def _send(self):
        while not self._ended.wait(STEP_S):
            with self._lock, suppress(OSError):  # full where nobody reads
                if self._master >= 0:
                    os.write(self._master, f"{next(self.numbers)},{time.monotonic_ns() % 1000}\n".encode())


@pytest.fixture
def serial_board(tmp_path, monkeypatch):
    """A board that sends, listed as 1209:0004."""
    board = SerialBoard(tmp_path / "ttyUSB0")
    monkeypatch.setattr(list_ports, "comports", board.ports)
    yield board
    board.end()

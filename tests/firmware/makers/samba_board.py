"""A board of ours behind a pseudo-terminal: a sketch's port that is touched, and then its SAM-BA bootloader.

What Arduino's bootloader for the SAMD21 answers: the monitor's commands N, T, V, w, W, o, O, h, H, S and R,
and its own X (erase), Y (write a buffer) and Z (CRC of one). Memory is 256 KB of flash and 32 KB of RAM.
"""

import binascii
import os
import re
import select
import termios
import threading
import tty
from contextlib import suppress

from zerotap.capture import DeviceIdentity
from zerotap.capture.serial_ports.ports import SerialPort

SKETCH, BOOTLOADER = (0x2341, 0x804F), (0x2341, 0x004F)
CPU_ID, DEVICE_ID, NVM_READY, NVM_STATUS, RESET = 0xE000ED00, 0x41002018, 0x41004014, 0x41004018, 0xE000ED0C
COMMAND = re.compile(rb"([A-Za-z])([0-9a-fA-F]*)(?:,([0-9a-fA-F]*))?#")
READS, WRITES = {b"o": 1, b"h": 2, b"w": 4, b"R": 0}, {b"O": 1, b"H": 2, b"W": 4}
RAM = 0x2000_0000
PAGE = 64


class SambaBoard:
    """``mode``: "sketch", "bootloader" or "gone"; ``flash`` is what was written.

    ``ignores_touches``: so many touches do nothing. ``is_deaf``: the bootloader answers nothing.
    """

    def __init__(self, folder, mode="sketch", ignores_touches=0, is_deaf=False):
        self.flash, self.ram = bytearray(b"\xff" * (256 << 10)), bytearray(32 << 10)
        self.registers = {CPU_ID: 0x410CC601, DEVICE_ID: 0x10010305, NVM_READY: 1, NVM_STATUS: 0}
        self.ignores_touches, self.is_deaf, self.touches, self.resets = ignores_touches, is_deaf, 0, 0
        self.log = []
        self._folder, self._plugs = folder, 0
        self._copied = RAM
        self._ends = None
        self._lock = threading.RLock()
        self.mode = "gone"
        self.plug(mode)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def ports(self):
        """What the system lists."""
        with self._lock:
            if self.mode == "gone":
                return []
            ids = SKETCH if self.mode == "sketch" else BOOTLOADER
            return [SerialPort(str(self.path), DeviceIdentity(*ids, 1, 9, "Arduino", "MKR Zero"))]

    def plug(self, mode):
        """Come back as what USB finds then, at another path."""
        with self._lock:
            self._unplug()
            self._ends = os.openpty()
            tty.setraw(self._ends[1])
            self._set_speed(termios.B115200)
            self._plugs += 1
            self.path = self._folder / f"ttyACM{self._plugs}"
            self.path.symlink_to(os.ttyname(self._ends[1]))
            self.mode, self._begun = mode, b""

    def end(self):
        self._ended.set()
        self._thread.join()
        self._unplug()

    def _set_speed(self, speed):
        settings = termios.tcgetattr(self._ends[1])
        settings[4] = settings[5] = speed
        termios.tcsetattr(self._ends[1], termios.TCSANOW, settings)

    def _unplug(self):
        if self._ends:
            for end in self._ends:
                os.close(end)
            self.path.unlink()
        self._ends, self.mode = None, "gone"

    def _serve(self):
        while not self._ended.wait(0.002):
            with self._lock:
                if self.mode == "sketch":
                    self._look_for_a_touch()
                elif self.mode == "bootloader":
                    self._answer()

    def _look_for_a_touch(self):
        if termios.tcgetattr(self._ends[0])[4] != termios.B1200:
            return
        self.touches += 1
        self._set_speed(termios.B115200)
        if self.touches > self.ignores_touches:
            self.plug("bootloader")

    def _answer(self):
        while self._ends and select.select([self._ends[0]], [], [], 0)[0]:
            with suppress(OSError):
                self._begun += os.read(self._ends[0], 1 << 16)
            while not self.is_deaf and self._next():
                pass

    def _next(self):
        """Do the next whole command; False where there is none."""
        found = COMMAND.search(self._begun)
        if found is None:
            return False
        name, first, second = found.groups()
        address, value = int(first or b"0", 16), int(second or b"0", 16)
        end = found.end()
        if name == b"S":
            if len(self._begun) < end + value:
                return False
            self._put(address, self._begun[end : end + value])
            end += value
        self._begun = self._begun[end:]
        self.log.append((name.decode(), address, value))
        if name != b"S":
            self._do(name, address, value)
        return bool(self._begun)

    def _do(self, name, address, value):
        if name in (b"N", b"T"):
            self._write(b"\n\r")
        elif name == b"V":
            self._write(b"v2.0 [Arduino:XYZ] Nov 29 2026 12:00:00\n\r")
        elif name in READS:
            self._write(self._get(address, READS[name] or value))
        elif name in WRITES:
            self._put(address, value.to_bytes(WRITES[name], "little"))
            self._restart_if_asked(address, value)
        else:
            self._extended(name, address, value)

    def _extended(self, name, address, value):
        """What Arduino's bootloader has beyond the chip's."""
        if name == b"X":
            self.flash[address:] = b"\xff" * (len(self.flash) - address)
            self._write(b"X\n\r")
        elif name == b"Y":
            self._copy(address, value)
            self._write(b"Y\n\r")
        elif name == b"Z":
            self._write(b"Z%08X#\n\r" % binascii.crc_hqx(self._get(address, value), 0))

    def _copy(self, address, size):
        """Y ADDRESS,0 says where the buffer is, Y ADDRESS,SIZE writes it to flash."""
        if not size:
            self._copied = address
            return
        assert address % PAGE == 0, "flash is written by pages"
        self.flash[address : address + size] = self._get(self._copied, size)

    def _restart_if_asked(self, address, value):
        if address == RESET and value == 0x05FA0004:
            self.resets += 1
            self.plug("sketch")

    def _get(self, address, size):
        if address in self.registers:
            return self.registers[address].to_bytes(4, "little")[:size]
        if RAM <= address < RAM + len(self.ram):
            return bytes(self.ram[address - RAM : address - RAM + size])
        if address < len(self.flash):
            return bytes(self.flash[address : address + size])
        return bytes(size)

    def _put(self, address, data):
        if RAM <= address < RAM + len(self.ram):
            self.ram[address - RAM : address - RAM + len(data)] = data

    def _write(self, data):
        if self._ends:
            os.write(self._ends[0], data)

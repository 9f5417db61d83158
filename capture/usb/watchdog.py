"""Give a device's interfaces their kernel drivers back when the program that took them dies: Linux, usbfs.

A process of its own: killed with -9, a recorder can no longer give a keyboard back. It is run by its path,
`python -I -S watchdog.py NODE PLACE NUMBERS BOOT`, and needs nothing of zerotap, so it starts at once.
NODE is the descriptor of the device's node, open for reading and writing, with the recorder's lock on it;
NUMBERS are the interfaces, BOOT those that were set to the boot protocol. Its stdin is a pipe that ends when
the recorder does; where the word RELEASED came before, there is nothing to do.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import struct
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

RELEASED = b"released"
"""What a recorder says that has given its device back."""
LIMIT_S, PAUSE_S = 10.0, 0.05
"""How long a dying recorder may hold an interface, and how often it is asked for."""

Ioctl = Callable[[int, int, bytearray], int]

_NONE, _WRITE, _READ = 0, 1, 2


def _request(direction: int, number: int, size: int) -> int:
    """Linux, include/uapi/asm-generic/ioctl.h."""
    return direction << 30 | size << 16 | ord("U") << 8 | number


# Linux, include/uapi/linux/usbdevice_fs.h: the structures of control transfers, drivers' names and requests.
_TRANSFER, _DRIVER, _TO_DRIVER = "BBHHHIP", "I256s", "iiP"
CONTROL = _request(_READ | _WRITE, 0, struct.calcsize(_TRANSFER))
GET_DRIVER = _request(_WRITE, 8, struct.calcsize(_DRIVER))
CLAIM, RELEASE = _request(_READ, 15, 4), _request(_READ, 16, 4)
PASS_ON = _request(_READ | _WRITE, 18, struct.calcsize(_TO_DRIVER))
CONNECT = _request(_NONE, 23, 0)

_SET_REPORT_PROTOCOL = (0x21, 0x0B, 1)
_TIMEOUT_MS = 200


def give_back(node: int, numbers: Sequence[int], boot: Sequence[int], ioctl: Ioctl = fcntl.ioctl) -> str:
    """Attach the drivers of interfaces ``numbers``; return why that failed, "" where they are back.

    A device that is gone needs nothing. What the dying recorder still holds is waited for.
    """
    until_s = time.monotonic() + LIMIT_S
    left = list(numbers)
    while True:
        try:
            left = [n for n in left if not _is_back(node, n, n in boot, ioctl)]
            if not left:
                return ""
            reason = "another program holds it"
        except OSError as error:
            if error.errno == errno.ENODEV:
                return ""
            reason = error.strerror or str(error)
            if error.errno == errno.ENOTTY:  # no usbfs at all
                return reason
        if time.monotonic() > until_s:
            return reason
        time.sleep(PAUSE_S)


def _is_back(node: int, number: int, is_boot: bool, ioctl: Ioctl) -> bool:
    """Attach one driver; False where the interface is still held."""
    driver = _driver(node, number, ioctl)
    if driver:
        return driver != b"usbfs"
    if is_boot:
        _leave_boot_protocol(node, number, ioctl)
    try:
        ioctl(node, PASS_ON, bytearray(struct.pack(_TO_DRIVER, number, CONNECT, 0)))
    except OSError as error:
        if error.errno != errno.EBUSY:
            raise
        return False
    return True


def _driver(node: int, number: int, ioctl: Ioctl) -> bytes:
    """The driver of an interface, b"" where it has none; usbfs is a program that claimed it."""
    asked = bytearray(struct.pack(_DRIVER, number, b""))
    try:
        ioctl(node, GET_DRIVER, asked)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        return b""
    return bytes(asked[4:]).partition(b"\0")[0]


def _leave_boot_protocol(node: int, number: int, ioctl: Ioctl) -> None:
    """Linux takes it that a keyboard speaks the report protocol when it gets its driver back."""
    claimed = bytearray(struct.pack("I", number))
    transfer = struct.pack(_TRANSFER, *_SET_REPORT_PROTOCOL, number, 0, _TIMEOUT_MS, 0)
    with suppress(OSError):
        ioctl(node, CLAIM, claimed)
        try:
            ioctl(node, CONTROL, bytearray(transfer))
        finally:
            ioctl(node, RELEASE, claimed)


def _is_released() -> bool:
    """Wait for the end of the pipe."""
    said = b""
    while part := os.read(0, 64):
        said += part
    return RELEASED in said


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",") if number]


def main(node: str, place: str, numbers: str, boot: str) -> None:
    """Outlive the recorder, whatever ends it."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    if _is_released():
        return
    reason = give_back(int(node), _numbers(numbers), _numbers(boot))
    subject = f"zerotap: the program that recorded USB device {place} died"
    end = f"its driver is not back ({reason}): run zerotap devices --restore {place}"
    with suppress(OSError, ValueError):
        sys.stderr.write(f"{subject}; {end if reason else 'its driver is given back'}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

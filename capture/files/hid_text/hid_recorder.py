"""Files of hid-recorder (hid-tools, and the older hid-replay): the reports of HID devices, as text.

Lines begin with a letter: D the number of a device, R its report descriptor, N its name, P its place, I bus
and ids, E an event: seconds since the first, how many bytes, the bytes. Comments begin with #. Source:
libevdev/hid-tools, ``src/hidtools/hid.py``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from zerotap.capture.files.lines import Line, first_line, lines
from zerotap.capture.files.link_frames import CaptureFrames, Tear
from zerotap.errors import CaptureError

from .columns import HidText, as_bytes

_BEGINS: Final = re.compile(rb"(?:D:\s*\d+|R:\s*\d+( [0-9a-fA-F]{2})+|N: .*|P: .*|I:( [0-9a-fA-F]+){3})")
_EVENT: Final = re.compile(rb"E:\s*(\d{1,10})\.(\d{1,9})\s+(\d{1,5})((?:\s+[0-9a-fA-F]{2})*)")
_DESCRIPTOR: Final = re.compile(rb"R:\s*(\d{1,5})((?:\s+[0-9a-fA-F]{2})*)")
_IDS: Final = re.compile(rb"I:\s*[0-9a-fA-F]{1,8}\s+([0-9a-fA-F]{1,8})\s+([0-9a-fA-F]{1,8})")
_DEVICE: Final = re.compile(rb"D:\s*(\d{1,5})")
_OTHER: Final = re.compile(rb"[A-Z]:.*")


def begins_as_hid_recorder(head: bytes) -> bool:
    """Whether the first line that is no comment is one of a device."""
    return _BEGINS.match(first_line(head)) is not None


def read_hid_recorder(content: bytes, path: Path) -> CaptureFrames:
    """Read every device's reports as the stream of an interrupt endpoint, "0.1.1", "0.2.1" and so on.

    Raises CaptureError, which names the line, where one is not of this format; the last is a tear if it is
    not whole.
    """
    found, number = HidText(), 0
    for line in lines(content):
        if device := _DEVICE.fullmatch(line.text):
            number = int(device[1])
        elif not _take(found, number, line):
            if not line.is_last:
                raise CaptureError(f"{path}: line {line.number} is not of hid-recorder: remove or mend it")
            found.tear = Tear(line.at, "line", len(content) - line.at)
    return found.frames()


def _take(found: HidText, number: int, line: Line) -> bool:
    """Take a line of device ``number``; return whether it is whole and of this format."""
    address = number % 0xFFFF + 1
    if event := _EVENT.fullmatch(line.text):
        seconds, fraction, size, octets = event.groups()
        report = as_bytes(octets)
        if is_whole := int(size) == len(report):
            found.add(int(seconds) * 10**9 + int(fraction.ljust(9, b"0")), (0, address, 1), report)
        return is_whole
    if descriptor := _DESCRIPTOR.fullmatch(line.text):
        found.describe((0, address, 1), as_bytes(descriptor[2]))
        return int(descriptor[1]) == len(as_bytes(descriptor[2]))
    if ids := _IDS.fullmatch(line.text):
        found.identify((0, address, 1), int(ids[1], 16), int(ids[2], 16))
        return True
    name = line.text.removeprefix(b"N:")
    if len(name) < len(line.text):
        found.call((0, address, 1), name.strip().decode("utf-8", "replace"))
    return line.text[:1] not in b"ERID" and _OTHER.fullmatch(line.text) is not None

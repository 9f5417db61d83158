"""What usbhid-dump prints: reports or report descriptors of USB devices, by bus, address and interface.

A chunk is BUS:ADDRESS:INTERFACE:STREAM or :DESCRIPTOR and a time in seconds, then lines of bytes. The
endpoint is not named: that of interface 0 is called 1, and so on. Source: DIGImend/usbhid-dump,
``usbhid-dump.8``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from zerotap.capture.files.lines import first_line, lines
from zerotap.capture.files.link_frames import CaptureFrames
from zerotap.errors import CaptureError

from .columns import HidText, as_bytes

_CHUNK: Final = re.compile(rb"(\d{3}):(\d{3}):(\d{3}):(STREAM|DESCRIPTOR)\s+(\d{1,10})\.(\d{1,9})")
_BYTES: Final = re.compile(rb"[0-9a-fA-F]{2}(\s+[0-9a-fA-F]{2})*")
_SAID: Final = (b"Starting dumping interrupt transfer stream", b"with ", b"No more interfaces to dump")
MOST_INTERFACES: Final = 15


def begins_as_usbhid_dump(head: bytes) -> bool:
    """Whether the first line is the head of a chunk, or what the program says at first."""
    line = first_line(head)
    return _CHUNK.fullmatch(line) is not None or line == _SAID[0]


def read_usbhid_dump(content: bytes, path: Path) -> CaptureFrames:
    """Read the reports of each interface as the stream of an interrupt endpoint.

    Raises CaptureError, which names the line, where one is not of this format.
    """
    found, chunk, octets = HidText(), None, bytearray()
    for line in lines(content):
        head = _CHUNK.fullmatch(line.text)
        if head:
            _end(found, chunk, bytes(octets))
            chunk, octets = head, bytearray()
        elif chunk is not None and _BYTES.fullmatch(line.text):
            octets += as_bytes(line.text)
        elif not line.text.startswith(_SAID):
            raise CaptureError(f"{path}: line {line.number} is not of usbhid-dump: remove or mend it")
        if head and int(head[3]) >= MOST_INTERFACES:
            raise CaptureError(f"{path}: line {line.number}: no device has interface {int(head[3])}: mend it")
    _end(found, chunk, bytes(octets))
    return found.frames()


def _end(found: HidText, chunk: re.Match[bytes] | None, octets: bytes) -> None:
    """Add the chunk that ``octets`` end."""
    if chunk is None:
        return
    bus, address, interface, kind, seconds, fraction = chunk.groups()
    place = int(bus), int(address), int(interface) + 1
    if kind == b"STREAM":
        found.add(int(seconds) * 10**9 + int(fraction.ljust(9, b"0")), place, octets)
    else:
        found.describe(place, octets)

"""usbmon's text, as `cat /sys/kernel/debug/usb/usbmon/1u` writes it, and the older 1t without a bus.

A line is an event: tag, microseconds, type, address, status, length and at most 32 bytes of data in words.
Longer transfers are cut when captured. Source: Linux, ``Documentation/usb/usbmon.rst``, "Raw text data
format", and ``drivers/usb/mon/mon_text.c``, which prints the time modulo 4096 s.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture.files.lines import first_line, lines
from zerotap.capture.files.link_frames import CaptureFrames, Tear
from zerotap.capture.files.transfers import DeviceKey, StreamKey, TransferBuilder
from zerotap.errors import CaptureError

if TYPE_CHECKING:
    from collections.abc import Iterator

USBMON_MMAP = 220
TURN_US = 4096 * 1_000_000
MOST_LINE_BYTES = 16_384  # 128 descriptors of isochronous packets
_KINDS = {b"Z": 0, b"I": 1, b"C": 2, b"B": 3}
_HEAD = rb"[0-9a-fA-F]{4,16} (\d{1,10}) ([SCE]) ([CZIB])([io]):(?:(\d{1,5}):)?(\d{1,3}):(\d{1,2}) "
_BEGINS = re.compile(_HEAD)
_EVENT = re.compile(
    _HEAD
    + rb"(?:s(?: [0-9a-f]{2}){2}(?: [0-9a-f]{4}){3}|[a-zA-Z](?: _+){5}|(-?\d{1,10})(?::-?\d{1,10}){0,3})"
    rb"(?: \d{1,10}(?: -?\d+:\d+:\d+)*)??(?: (\d{1,10})(?: =((?: [0-9a-fA-F]{2,8})*)| \S)?)?"
)


def begins_as_usbmon_text(head: bytes) -> bool:
    """Whether the first line that is no comment is an event."""
    return _BEGINS.match(first_line(head)) is not None


def read_usbmon_text(content: bytes, path: Path) -> CaptureFrames:
    """Read the completions of usbmon's text; times count from where the kernel's clock last turned over.

    Raises CaptureError, which names the line, where one is no event; a last line without its end is a tear.
    """
    made, found = TransferBuilder(USBMON_MMAP), CaptureFrames(b"", has_usb=True)
    turned_us, last_us = 0, 0
    for event, tear in _events(content, path):
        if event is None:
            found.tear = tear
            break
        time_us = int(event[1])
        if last_us - time_us > TURN_US // 2:
            turned_us += TURN_US
        last_us = time_us
        if event[2] != b"S":
            _add(made, event, (turned_us + time_us) * 1000, path)
    found.buffer = bytes(made.data)
    found.ready.append(made.transfers(0))
    return found


def _events(content: bytes, path: Path) -> Iterator[tuple[re.Match[bytes] | None, Tear | None]]:
    """Yield the event of each line; last, where the file is torn, None and the tear."""
    for line in lines(content):
        event = _EVENT.fullmatch(line.text) if len(line.text) <= MOST_LINE_BYTES else None
        if event is None and not line.is_last:
            raise CaptureError(f"{path}: line {line.number} is no event of usbmon's text: remove or mend it")
        yield event, None if event else Tear(line.at, "line", len(content) - line.at)


def _add(made: TransferBuilder, event: re.Match[bytes], timestamp_ns: int, path: Path) -> None:
    _, _, _, kind, direction, bus, address, endpoint, status, length, words = (event[0], *event.groups())
    try:
        data = bytes.fromhex((words or b"").decode())
    except ValueError as error:
        raise CaptureError(f"{path}: usbmon's text has data of half a byte: capture it again") from error
    owner = StreamKey(
        DeviceKey(USBMON_MMAP, int(bus or 0) & 0xFFFF, int(address)),
        int(endpoint) & 0x0F | (0x80 if direction == b"i" else 0),
    )
    # Of what was sent, the completion has no data but states its length: nothing was cut.
    whole = min(int(length or 0), 0xFFFFFFFF) if direction == b"i" else 0
    code = int(status or 0)
    made.add(timestamp_ns, owner, _KINDS[kind], data, code if -(1 << 31) <= code < 1 << 31 else -1, whole)

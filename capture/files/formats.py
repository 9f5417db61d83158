"""Formats: the kinds of capture files that are read, each known by its beginning.

Adding one is a module that gives ``CaptureFrames`` of a file's bytes, and a row of FORMATS.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple

from zerotap.contents import HEAD_BYTES

from .assembling import assemble_frames
from .bluetooth.packets import BTSNOOP_MAGIC, read_btsnoop
from .hid_text.hid_recorder import begins_as_hid_recorder, read_hid_recorder
from .hid_text.usbhid_dump import begins_as_usbhid_dump, read_usbhid_dump
from .link_frames import CaptureFrames, damaged
from .pcap_files.pcap import MAGICS, read_pcap
from .pcap_files.pcapng_blocks import SECTION_HEADER
from .pcap_files.pcapng_reader import read_blocks
from .unread import unread_fault
from .usbmon.text import begins_as_usbmon_text, read_usbmon_text

if TYPE_CHECKING:
    from pathlib import Path

_SECTION_BYTES: Final = 28
_SECTION_MAGIC: Final = struct.pack("<I", SECTION_HEADER)
_DAMAGED: Final = "damaged at byte 0: neither pcapng nor pcap begins so"


class Format(NamedTuple):
    """One kind of file: whether the first bytes are of it, and what reads it.

    ``read`` raises CaptureError, which names the path, where the bytes are damaged.
    """

    name: str
    begins: Callable[[bytes], bool]
    read: Callable[[bytes, Path], CaptureFrames]


FORMATS: Final = (
    Format("pcap", lambda head: head[:4] in MAGICS, read_pcap),
    Format("pcapng", lambda head: head[:4] == _SECTION_MAGIC, read_blocks),
    Format("usbmon text", begins_as_usbmon_text, read_usbmon_text),
    Format("hid-recorder", begins_as_hid_recorder, read_hid_recorder),
    Format("btsnoop", lambda head: head[:8] == BTSNOOP_MAGIC, read_btsnoop),
    Format("usbhid-dump", begins_as_usbhid_dump, read_usbhid_dump),
)


def head_fault(head: bytes) -> str:
    """Say what is wrong with the beginning (HEAD_BYTES, or all) of a capture that is not packed."""
    if head[:4] == _SECTION_MAGIC and len(head) == HEAD_BYTES and not head[_SECTION_BYTES:].strip(b"\0"):
        return f"damaged at byte {_SECTION_BYTES}: zeros follow the file's header; capture again"
    if any(one.begins(head) for one in FORMATS):
        return ""
    return unread_fault(head) or f"{_DAMAGED}; capture again or restore the file from its source"


def frames_in(buffer: bytes, path: Path) -> CaptureFrames:
    """Return where the frames of a capture are, whose beginning has no ``head_fault``."""
    head = buffer[:HEAD_BYTES]
    for one in FORMATS:
        if one.begins(head):
            return assemble_frames(one.read(buffer, path))
    raise damaged(path, 0, "no format begins so")

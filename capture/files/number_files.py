"""Which files hold numbers, and not packets."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from zerotap.capture.numbers.registry import SUFFIXES
from zerotap.contents import HEAD_BYTES, is_stream

from .csv_files import holds_packets
from .pcap import MAGICS

_CAPTURES: Final = (*MAGICS, b"\x0a\x0d\x0d\x0a", b"\x1f\x8b", b"\x28\xb5\x2f\xfd")
_TOLD_BY_CONTENT: Final = (b"D:", b"N:", b"R:", b"E:", b"#")


def is_number_file(path: Path) -> bool:
    """Whether a file is read as numbers: by its suffix, unless it begins as a capture or as our packets do.

    A pipe is none: it can be read once.
    """
    if path.suffix.lower() not in SUFFIXES or is_stream(path) or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return not (head.startswith(_CAPTURES) or holds_packets(head))

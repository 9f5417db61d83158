"""Which files hold numbers, and not packets."""

from __future__ import annotations

from pathlib import Path

from zerotap.capture.number_formats.registry import SUFFIXES
from zerotap.contents import HEAD_BYTES, is_stream

from .csv_files import holds_packets
from .reading import is_capture


def is_number_file(path: Path) -> bool:
    """Whether a file is read as numbers: by its suffix, unless it begins as a capture or as our packets do.

    A pipe is none: it can be read once.
    """
    if path.suffix.lower() not in SUFFIXES or is_stream(path) or not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    return not (is_capture(head) or holds_packets(head))

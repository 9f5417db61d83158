"""What a file holds, numbers, packets in text or a capture, and what reads it: once, it may be a pipe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture.number_formats.numpy_files import NumpyFile
from zerotap.capture.number_formats.registry import SUFFIXES, holds_numbers, numbers_in, read_numbers
from zerotap.contents import HEAD_BYTES, is_stream, read_contents
from zerotap.errors import not_opened

from .csv_files import csv_in, holds_packets, read_csv
from .packing import packer_of, unpacked
from .reading import CAPTURE_BOUNDS, Capture, capture_in, is_capture, read_capture
from .unread import named_fault

if TYPE_CHECKING:
    from zerotap.capture.number_formats.assembling import Taken
    from zerotap.capture.number_formats.table import Reading


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as somebody gives it; ``content`` is all that came out of a pipe, or of what was packed.

    It is None of any other file, whose suffix tells what it is.
    """

    path: Path
    content: bytes | None = None

    @property
    def holds_numbers(self) -> bool:
        """Whether it is read as numbers: by its suffix, unless it begins otherwise; content by that."""
        if self.content is None:
            return _is_number_file(self.path)
        return _begins_as_numbers(self.content[:HEAD_BYTES])

    def numbers(self, reading: Reading | None = None) -> Taken:
        """Read it as numbers; raises CaptureError as ``read_numbers`` does."""
        if self.content is None:
            return read_numbers(self.path, reading)
        return numbers_in(self.content, self.path, reading)

    def capture(self) -> Capture:
        """Read whatever it is; raises CaptureError as reading a capture, packets or numbers does."""
        if self._is_table():
            read = read_csv(self.path) if self.content is None else csv_in(self.content, self.path)
            return Capture(read, {})
        if self.holds_numbers:
            return Capture([recording for _, recording in self.numbers().recordings], {})
        return read_capture(self.path) if self.content is None else capture_in(self.content, self.path)

    def _is_table(self) -> bool:
        """Whether it may be packets in text: by its suffix, or content by its first line."""
        if self.content is None:
            return self.path.suffix.lower() == ".csv"
        return holds_packets(self.content[:HEAD_BYTES])


def given_file(path: str | Path) -> GivenFile:
    """Return the file ``path``; what comes out of a pipe is read, which can be done once, and unpacked.

    Raises CaptureError where that begins as nothing that is read, or is damaged.
    """
    path = Path(path)
    try:
        if not (is_stream(path) or _is_packed(path)):
            return GivenFile(path)
        content = read_contents(path, replace(CAPTURE_BOUNDS, fault=_content_fault))
    except OSError as error:
        raise not_opened(path, error) from error
    packer = packer_of(content[:HEAD_BYTES])
    return GivenFile(path, unpacked(content, packer, path, _content_fault) if packer else content)


def _is_packed(path: Path) -> bool:
    """Whether it is a file in gzip or zstd; nothing that is no file is opened."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return packer_of(file.read(HEAD_BYTES)) is not None


def _is_number_file(path: Path) -> bool:
    """Whether a file is read as numbers: by its suffix, unless it begins as a capture or as our packets do.

    A pipe is none: it can be read once. What cannot be opened is what its suffix says.
    """
    if path.suffix.lower() not in SUFFIXES or is_stream(path) or not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:
        return True
    return not (is_capture(head) or holds_packets(head))


def _content_fault(head: bytes) -> str:
    is_text = holds_packets(head) or _begins_as_numbers(head)
    return "" if is_text else CAPTURE_BOUNDS.fault(head)


def _begins_as_numbers(head: bytes) -> bool:
    """Whether it is numbers, and neither a capture nor what somebody else's program is known to write."""
    if is_capture(head) or holds_packets(head):
        return False
    return NumpyFile().recognises(head) or (not named_fault(head) and holds_numbers(head))

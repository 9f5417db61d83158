"""What a file holds, numbers, packets in text or a capture, and what reads it, once: it may be a pipe."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture.number_formats.numpy_files import NumpyFile
from zerotap.capture.number_formats.registry import SUFFIXES, holds_numbers, numbers_in, read_numbers
from zerotap.contents import HEAD_BYTES, is_stream, read_contents
from zerotap.errors import CaptureError

from .csv_files import csv_in, holds_packets, read_csv
from .reading import CAPTURE_BOUNDS, Capture, capture_in, is_capture, read_capture
from .unread import named_fault

if TYPE_CHECKING:
    from zerotap.capture.number_formats.assembling import Taken
    from zerotap.capture.number_formats.table import Reading


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as somebody gives it; ``piped`` is all that came out of a pipe, None of a file with a name."""

    path: Path
    piped: bytes | None = None

    @property
    def holds_numbers(self) -> bool:
        """Whether it is read as numbers: a file by its suffix, unless it begins otherwise; a pipe by that."""
        if self.piped is None:
            return is_number_file(self.path)
        return _is_piped_numbers(self.piped[:HEAD_BYTES])

    def numbers(self, reading: Reading | None = None) -> Taken:
        """Read it as numbers; raises CaptureError as ``read_numbers`` does."""
        if self.piped is None:
            return read_numbers(self.path, reading)
        return numbers_in(self.piped, self.path, reading)

    def capture(self) -> Capture:
        """Read whatever it is; raises CaptureError as reading a capture, packets or numbers does."""
        if self._is_table():
            read = read_csv(self.path) if self.piped is None else csv_in(self.piped, self.path)
            return Capture(read, {})
        if self.holds_numbers:
            return Capture([recording for _, recording in self.numbers().recordings], {})
        return read_capture(self.path) if self.piped is None else capture_in(self.piped, self.path)

    def _is_table(self) -> bool:
        """Whether it may be packets in text: by its suffix, or a pipe by its first line."""
        if self.piped is None:
            return self.path.suffix.lower() == ".csv"
        return holds_packets(self.piped[:HEAD_BYTES])


def given_file(path: str | Path) -> GivenFile:
    """Return the file ``path``; what comes out of a pipe is read, which can be done once.

    Raises CaptureError where that begins as nothing that is read.
    """
    path = Path(path)
    if not is_stream(path):
        return GivenFile(path)
    try:
        return GivenFile(path, read_contents(path, replace(CAPTURE_BOUNDS, fault=_piped_fault)))
    except OSError as error:
        why = f"{error.strerror}; check the name and the permissions"
        raise CaptureError(f"{path}: cannot be read: {why}") from error


def is_number_file(path: Path) -> bool:
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


def _piped_fault(head: bytes) -> str:
    is_text = holds_packets(head) or _is_piped_numbers(head)
    return "" if is_text else CAPTURE_BOUNDS.fault(head)


def _is_piped_numbers(head: bytes) -> bool:
    """Whether it is numbers, and neither a capture nor what somebody else's program is known to write."""
    if is_capture(head) or holds_packets(head):
        return False
    return NumpyFile().recognises(head) or (not named_fault(head) and holds_numbers(head))

"""Every format of files of numbers, and what reads any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from zerotap.contents import HEAD_BYTES, Bounds, read_contents, text_fault
from zerotap.errors import CaptureError, not_opened

from .assembling import Taken, recordings_of
from .delimited import Delimited
from .edge_impulse import EdgeImpulse
from .json_rows import JsonLines, JsonList
from .monitor_lines import MonitorLines
from .numpy_files import NumpyFile
from .table import NumberFormat, Reading

_JSON_LINES: Final = JsonLines()
_TEXT: Final = Delimited()
NUMBER_FORMATS: Final[tuple[NumberFormat, ...]] = (
    NumpyFile(),
    EdgeImpulse(),
    _JSON_LINES,
    JsonList(),
    MonitorLines(),
    _TEXT,
)
"""In the order in which they are asked whether a file is theirs; the last takes any text."""
JSON_SUFFIX: Final = ".json"
SUFFIXES: Final = frozenset({JSON_SUFFIX, *(suffix for one in NUMBER_FORMATS for suffix in one.suffixes)})
"""Of the files that are read as numbers."""
_BOUNDS: Final = Bounds(CaptureError, 1 << 28, "divide it", text_fault)


def holds_numbers(head: bytes) -> bool:
    """Whether what begins with ``head`` and has no suffix, as a pipe, is numbers by what it says."""
    found = next((one for one in NUMBER_FORMATS if one.recognises(head)), None)
    return _TEXT.has_numbers(head) if found is _TEXT else found is not None


def format_of(path: Path, head: bytes) -> NumberFormat:
    """Return the format of a file that begins with ``head``.

    What a file's beginning says goes before its suffix: a .csv may hold name:value lines. Raises CaptureError
    for JSON that is none of them, and for what is no text.
    """
    is_lines = path.suffix.lower() in JsonLines.suffixes  # also of a single row
    found = _JSON_LINES if is_lines else next((one for one in NUMBER_FORMATS if one.recognises(head)), None)
    is_other_json = path.suffix.lower() == JSON_SUFFIX and isinstance(found, Delimited | MonitorLines)
    if found is None or is_other_json:
        known = ", ".join(one.name for one in NUMBER_FORMATS)
        raise CaptureError(f"{path}: holds no numbers that are read ({known}): export it as one of them")
    return found


def read_numbers(path: str | Path, reading: Reading | None = None) -> Taken:
    """Read a file of numbers; raise CaptureError that names the place of what is wrong in it."""
    path = Path(path)
    try:
        content = read_contents(path, _BOUNDS)
    except OSError as error:
        raise not_opened(path, error) from error
    return numbers_in(content, path, reading)


def numbers_in(content: bytes, path: Path, reading: Reading | None = None) -> Taken:
    """Read the content of the file ``path`` of numbers."""
    if len(content) > _BOUNDS.most_bytes:  # of a pipe, which is read before it is known what it is
        raise CaptureError(f"{path}: has more than {_BOUNDS.most_bytes >> 20} MiB: {_BOUNDS.way_out}")
    taken = Taken()
    for table in format_of(path, content[:HEAD_BYTES]).read(content, path):
        taken.extend(recordings_of(table, path, reading or Reading()))
    return taken

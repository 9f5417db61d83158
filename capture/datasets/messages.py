"""Labelled messages from a CSV file: columns ``label`` and ``text``, UTF-8, quoted as RFC 4180 says."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import CaptureError

COLUMNS = ("label", "text")
_BOUNDS = Bounds(CaptureError, 1 << 28, "divide it", text_fault)


class Message(NamedTuple):
    """A text to type, and the class it belongs to."""

    label: str
    text: str


def read_messages(csv_path: str | Path, limit: int | None = None) -> list[Message]:
    """Read the messages in file order, at most ``limit`` (1 or more) of them; other columns are ignored.

    Raises CaptureError, with the line, for a file that can't be read or isn't UTF-8, a missing column, a row
    of the wrong length, an empty label or text, and a file without messages.
    """
    path = Path(csv_path)
    messages = list(islice(_messages(path), limit))
    if not messages:
        raise CaptureError(f"{path}, line 2: no messages below the header; add rows of label,text")
    return messages


def _messages(path: Path) -> Iterator[Message]:
    rows = _rows(path)
    _, header = next(rows, (1, []))
    if not set(COLUMNS) <= set(header):
        raise CaptureError(
            f"{path}, line 1: the header must name the columns label and text, but reads "
            f"{','.join(header)!r}; add or rename them"
        )
    places = [header.index(column) for column in COLUMNS]
    for line, row in rows:
        if len(row) != len(header):
            raise CaptureError(
                f"{path}, line {line}: {len(row)} fields, but the header has {len(header)}; "
                "put a text that holds commas or line breaks in double quotes"
            )
        label, text = (row[place] for place in places)
        message = Message(label.strip(), text)
        for column, value in zip(COLUMNS, message, strict=True):
            if not value.strip():
                raise CaptureError(f"{path}, line {line}: empty {column}; fill it in or delete the row")
        yield message


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that isn't blank with the line it begins on."""
    reader = csv.reader(io.StringIO(_decoded(path), newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise CaptureError(f"{path}, line {line}: {error}; mend the row that begins there") from error


def _decoded(path: Path) -> str:
    try:
        return read_text(path, _BOUNDS, "utf-8-sig")
    except OSError as error:
        raise CaptureError(f"{path}: cannot be read: {error.strerror}; check the path") from error
    except UnicodeDecodeError as error:
        raise CaptureError(f"{path}, byte {error.start}: not UTF-8; save the file as UTF-8") from error

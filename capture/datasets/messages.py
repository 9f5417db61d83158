"""Labelled messages from a CSV file: columns ``label`` and ``text``, UTF-8, quoted as RFC 4180 says.

In place of ``label`` several columns of 0 and 1 may say which labels a text has.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from zerotap.capture.class_names import class_of_labels
from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import CaptureError

_BOUNDS = Bounds(CaptureError, 1 << 28, "divide it", text_fault)
_YES, _NO = ("1", "1.0", "true"), ("0", "0.0", "false")


class Message(NamedTuple):
    """A text to type, the class it belongs to, the side of a split and the group that it is on, or ""."""

    label: str
    text: str
    side: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class MessageColumns:
    """What the columns are called. ``labels``: those of 0 and 1, in place of the one of labels.

    ``side`` ("train", "test", "dev") and ``group`` are read only where they are named.
    """

    text: str = "text"
    label: str = "label"
    labels: tuple[str, ...] = ()
    side: str | None = None
    group: str | None = None

    def __post_init__(self) -> None:
        """Raise CaptureError for labels that no class's name can hold, or one that is named twice."""
        class_of_labels(self.labels)
        if len(set(self.labels)) < len(self.labels):
            raise CaptureError(f"the columns {', '.join(self.labels)} name one twice: name each once")

    @property
    def needed(self) -> tuple[str, ...]:
        """The columns that a file has to have; those of labels, or the label's, first."""
        return (*(self.labels or (self.label,)), self.text, *filter(None, (self.side, self.group)))


USUAL = MessageColumns()


def read_messages(
    csv_path: str | Path, limit: int | None = None, columns: MessageColumns = USUAL
) -> list[Message]:
    """Read the messages in file order, at most ``limit`` (1 or more) of them; other columns are ignored.

    Of several columns of labels the class is the names of those that are 1, joined by "+", or "none". Raises
    CaptureError, with the line, for a file that can't be read or isn't UTF-8, a missing column, a row of the
    wrong length, an empty label or text, a cell that is neither 0 nor 1, and a file without messages.
    """
    path = Path(csv_path)
    messages = list(islice(_messages(path, columns), limit))
    if not messages:
        raise CaptureError(f"{path}, line 2: no messages below the header; add rows of label,text")
    return messages


def _messages(path: Path, columns: MessageColumns) -> Iterator[Message]:
    rows = _rows(path)
    _, header = next(rows, (1, []))
    if not set(columns.needed) <= set(header):
        raise CaptureError(
            f"{path}, line 1: the header must name the columns {_listed(columns.needed)}, but reads "
            f"{','.join(header)!r}; add or rename them"
        )
    for line, row in rows:
        if len(row) != len(header):
            raise CaptureError(
                f"{path}, line {line}: {len(row)} fields, but the header has {len(header)}; "
                "put a text that holds commas or line breaks in double quotes"
            )
        yield _message(dict(zip(header, row, strict=True)), columns, f"{path}, line {line}")


def _message(cells: dict[str, str], columns: MessageColumns, where: str) -> Message:
    label = _class(cells, columns, where) if columns.labels else cells[columns.label].strip()
    for column, value in ((columns.label, label), (columns.text, cells[columns.text])):
        if not value.strip():
            raise CaptureError(f"{where}: empty {column}; fill it in or delete the row")
    side, group = (cells[name].strip() if name else "" for name in (columns.side, columns.group))
    return Message(label, cells[columns.text], side, group)


def _class(cells: dict[str, str], columns: MessageColumns, where: str) -> str:
    for column in columns.labels:
        if cells[column].strip().lower() not in _YES + _NO:
            raise CaptureError(f"{where}: {cells[column]!r} in column {column} is neither 0 nor 1; mend it")
    return class_of_labels(name for name in columns.labels if cells[name].strip().lower() in _YES)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


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

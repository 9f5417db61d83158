"""Text tables (.csv, .tsv, .txt): cells between commas, semicolons, tabs, bars or spaces, named or not.

Lines end by CR, LF or both; a byte order mark, quotes, separators at the end of a line, decimal commas (not
between commas), lines for a person before the table and comments (#, %) are taken as what they are.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Final

from zerotap.errors import CaptureError

from .dialect import (
    DecimalMark,
    are_mostly_values,
    is_comment,
    separator_of,
    split_lines,
    table_start,
    trimmed,
    usual_width,
)
from .table import Row, Table

MOST_LINE_CHARACTERS: Final = 1 << 16
_SAMPLE_LINES: Final = 64
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

Rows = Iterator[tuple[int, list[str]]]


class Delimited:
    """Text of cells between separators."""

    name = "CSV"
    suffixes = (".csv", ".tsv", ".txt", ".dat", ".log")

    def recognises(self, head: bytes) -> bool:
        """Whether it is text."""
        return head[:2] in _UTF_16 or b"\0" not in head

    def has_numbers(self, head: bytes) -> bool:
        """Whether one of the first lines is a row of numbers: of a pipe, which has no suffix."""
        encoding = "utf-16" if head[:2] in _UTF_16 else "utf-8-sig"
        lines = head.decode(encoding, "replace").splitlines()
        lines = [line for line in lines[: _SAMPLE_LINES + 1] if line.strip()][:_SAMPLE_LINES]
        try:
            return are_mostly_values([cells for _, cells in split_lines(iter(lines), separator_of(lines))])
        except csv.Error:
            return False

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read a table; raises CaptureError as ``NumberFormat.read`` does."""
        return [_table(content, path)]


def _table(content: bytes, path: Path) -> Table:
    try:
        sample = islice(text_lines(content, path), _SAMPLE_LINES)
        separator = separator_of([line for line in sample if line.strip()])
        rows = split_lines(text_lines(content, path), separator)
        beginning = list(islice(rows, _SAMPLE_LINES))
    except (UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, error) from error
    cells = [trimmed(row) for _, row in beginning]
    names_at, first = table_start([row for _, row in beginning])
    width = usual_width(cells[first if names_at is None else names_at :])
    names = _named(cells[names_at], width) if names_at is not None else None
    told = first - (names_at is not None)
    # Between commas only cells in quotes can have a decimal comma.
    mark = DecimalMark(path, separator) if separator != "," or b'"' in content else None
    return Table(
        names=names,
        rows=_rows(path, chain(beginning[first:], rows), len(names) if names else width, mark),
        left_out=[f"{told} lines before the table"] if told else [],
        has_header=True,
    )


def _named(cells: list[str], width: int) -> list[str]:
    """The names of the columns; columns at the end may have none."""
    cells = [cells[0].lstrip("#% "), *cells[1:]]
    return cells + [""] * (width - len(cells))


def _rows(path: Path, rows: Rows, width: int, mark: DecimalMark | None) -> Iterator[Row]:
    try:
        yield from _whole_rows(rows, width, mark)
    except (UnicodeDecodeError, csv.Error) as error:
        raise unreadable(path, error) from error


def _whole_rows(rows: Rows, width: int, mark: DecimalMark | None) -> Iterator[Row]:
    for line, cells in rows:
        if is_comment(cells):
            continue
        if len(cells) > width:
            cells = trimmed(cells, width)  # noqa: PLW2901
        yield line, mark.cells(line, cells) if mark else cells


def text_lines(content: bytes, path: Path) -> Iterator[str]:
    """Yield the lines of a text, each with its end; raise CaptureError for one that is too long."""
    encoding = "utf-16" if content[:2] in _UTF_16 else "utf-8-sig"
    with io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="") as file:
        yield from _short_lines(path, file)


def _short_lines(path: Path, lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        if len(line) > MOST_LINE_CHARACTERS:
            raise CaptureError(
                f"{path}: line {number} has more than {MOST_LINE_CHARACTERS} characters: leave columns out"
            )
        yield line


def unreadable(path: Path, error: Exception) -> CaptureError:
    """Say that a text is none."""
    return CaptureError(f"{path}: cannot be read as UTF-8 CSV ({error}): export it again")

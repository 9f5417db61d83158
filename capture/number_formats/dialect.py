"""How a text file separates its cells, and where its table begins."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from zerotap.errors import CaptureError

from .times import is_moment, is_number

SEPARATORS: Final = ("\t", ";", ",", "|", " ")
"""Tried in this order, " " being any white space: of two that do alike, the first."""
_COMMA_NUMBER = re.compile(r"[+-]?(\d+,\d*|,\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}", re.ASCII)
_COMMENT: Final = "#%"


def separator_of(lines: Sequence[str]) -> str:
    """Return the separator by which most cells of the lines are numbers in rows of one width."""
    return max(SEPARATORS, key=lambda one: (*_fit(lines, one), -SEPARATORS.index(one)))


def _fit(lines: Sequence[str], separator: str) -> tuple[int, bool]:
    """How many cells are values, and whether there is anything to separate."""
    rows = [trimmed(cells) for _, cells in split_lines(iter(lines), separator)]
    width = usual_width(rows)
    # Of one column "1,5" may as well be two cells between commas.
    is_value = _is_value if width > 1 else _is_plain
    values = sum(map(is_value, (cell for cells in rows if len(cells) == width for cell in cells)))
    return values, width > 1


def _is_plain(cell: str) -> bool:
    return is_number(cell) or is_moment(cell)


def _is_value(cell: str) -> bool:
    return _is_plain(cell) or _COMMA_NUMBER.fullmatch(cell) is not None


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """Return how many cells most rows have, the wider of two."""
    counts = Counter(map(len, rows))
    return max(counts, key=lambda width: (counts[width], width)) if counts else 0


def split_lines(lines: Iterator[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the number of its line and the cells of every row that is not blank."""
    for number, cells in _split(lines, separator):
        stripped = [cell.strip() for cell in cells]
        if any(stripped):
            yield number, stripped


def trimmed(cells: list[str], width: int = 0) -> list[str]:
    """Return the cells without empty ones behind the first ``width``."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end] if end < len(cells) else cells


def _split(lines: Iterator[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    if separator == " ":
        yield from ((number, line.split()) for number, line in enumerate(lines, 1))
        return
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    for cells in reader:
        yield reader.line_num, cells


def table_start(rows: Sequence[list[str]]) -> tuple[int | None, int]:
    """Return which row names the columns, None without one, and the first row of numbers.

    Rows before are for a person; where no row has numbers, the first names the columns.
    """
    raw_widths = list(map(len, rows))
    rows = list(map(trimmed, rows))
    width = usual_width(rows)
    is_data = [len(row) == width and any(map(_is_value, row)) for row in rows]
    first = next((n for n, one in enumerate(is_data) if one), None)
    if first is None:
        return 0 if rows else None, min(1, len(rows))
    following = next((rows[n] for n in range(first + 1, len(rows)) if is_data[n]), None)
    if following and any(_names(*cells) for cells in zip(rows[first], following, strict=True)):
        return first, first + 1
    has_names = first > 0 and (len(rows[first - 1]) >= width or raw_widths[first - 1] == width)
    return (first - 1 if has_names else None), first


def are_mostly_values(rows: Sequence[list[str]]) -> bool:
    """Whether most rows from the first with a number on have one, all as wide as usual; prose has not."""
    cells = list(map(trimmed, rows))
    width = usual_width(cells)
    has_values = [len(row) == width and any(map(_is_value, row)) for row in cells]
    behind = has_values[has_values.index(True) :] if True in has_values else []
    return sum(behind) * 2 > len(behind)


def _names(above: str, below: str) -> bool:
    """Whether a cell names the column of the one below it."""
    return bool(above) and not _is_value(above) and _is_value(below)


def is_comment(cells: Sequence[str]) -> bool:
    """Whether a row between others is for a person."""
    return cells[0][:1] in _COMMENT


class DecimalMark:
    """Makes numbers of a file with decimal commas those with points; one file has one kind of them.

    Between commas (``separator``) whoever writes "1,000" in quotes and 999 plainly divides thousands: a
    decimal comma would be in both.
    """

    def __init__(self, path: Path, separator: str) -> None:
        self._path, self._separator = path, separator
        self._has_point, self._has_comma = False, False
        self._thousands: set[int] = set()
        self._whole: set[int] = set()
        self._fractions: set[int] = set()

    def cells(self, line: int, cells: list[str]) -> list[str]:
        """Return a row's cells; raises CaptureError, which names the line, where marks do not agree."""
        if self._separator == ",":
            self._note_thousands(cells)
        pointed = list(map(self._cell, cells))
        if fault := self._fault():
            raise CaptureError(f"{self._path}: line {line}: {fault}")
        return pointed

    def _note_thousands(self, cells: list[str]) -> None:
        for column, cell in enumerate(cells):
            if cell.lstrip("+-").isdecimal():
                self._whole.add(column)
            elif "," in cell and _COMMA_NUMBER.fullmatch(cell):
                (self._thousands if _THOUSANDS.fullmatch(cell) else self._fractions).add(column)

    def _cell(self, cell: str) -> str:
        if "," in cell and _COMMA_NUMBER.fullmatch(cell):
            self._has_comma = True
            cell = cell.replace(",", ".")
        elif "." in cell and not self._has_point:
            self._has_point = is_number(cell)
        return cell

    def _fault(self) -> str:
        if self._has_comma and self._has_point:
            return "it has decimal commas and decimal points: write all of one kind"
        if self._thousands and not self._whole.isdisjoint(self._thousands - self._fractions):
            return "a comma divides thousands in it: write numbers without"
        return ""

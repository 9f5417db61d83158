"""JSON, a row a value: JSON lines, or one list. A row is an object, or a list of numbers; both may nest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from zerotap.errors import CaptureError

from .delimited import text_lines
from .json_lists import elements, end_of, json_text, json_value, no_json
from .table import Row, Table

MOST_DEPTH: Final = 8


class JsonLines:
    """A line of JSON for each row."""

    name = "JSON lines"
    suffixes = (".jsonl", ".ndjson")

    def recognises(self, head: bytes) -> bool:
        """Whether the first line is a whole value, and not the only one."""
        first, newline, rest = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
        return first[:1] in (b"{", b"[") and bool(newline and rest.strip()) and _is_json(first)

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read a row a line; blank lines say nothing."""
        return [table_of(_values(content, path), path)]


class JsonList:
    """One list of rows."""

    name = "JSON list"
    suffixes = ()

    def recognises(self, head: bytes) -> bool:
        """Whether it is a list."""
        return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"["

    def read(self, content: bytes, path: Path) -> list[Table]:
        """Read a row a value."""
        text = json_text(content, path)
        start = text.find("[") + 1
        if text[: max(start - 1, 0)].strip() or text[end_of(text, start, path) :].strip():
            raise CaptureError(f"{path}: is more than one list of JSON: write a row a line (.jsonl) instead")
        values = enumerate((value for value, _ in elements(text, start, path)), 1)
        return [table_of(values, path, "row")]


def number_cell(value: object) -> str:
    """Return a value as a cell: a number as it is written, true as 1; anything else as text."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, bool) else str(value)


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _values(content: bytes, path: Path) -> Iterator[tuple[int, Any]]:
    try:
        for number, line in enumerate(text_lines(content, path), 1):
            if line.strip():
                yield number, json_value(line.strip(), f"{path}: line {number}")
    except UnicodeDecodeError as error:
        raise no_json(f"{path}", error) from error


def table_of(values: Iterator[tuple[int, Any]], path: Path, place: str = "line") -> Table:
    """Return rows of JSON as a table; the first one says which columns there are."""
    number, first = next(values, (0, None))
    if not number:
        return Table(names=[], rows=())
    cells = _cells(first, f"{path}: {place} {number}")
    named = ((n, _cells(value, f"{path}: {place} {n}")) for n, value in values)
    names = list(cells) if isinstance(first, dict) else None
    return Table(names, _rows(number, cells, named, f"{path}: {place}"), place=place)


def _rows(
    number: int, first: dict[str, str], others: Iterator[tuple[int, dict[str, str]]], where: str
) -> Iterator[Row]:
    yield number, list(first.values())
    for number, cells in others:
        if not cells.keys() <= first.keys():
            extra = ", ".join(name for name in cells if name not in first)
            raise CaptureError(f"{where} {number} has {extra}, which the first row has not: mend it")
        yield number, [cells.get(name, "") for name in first]


def _cells(value: object, where: str) -> dict[str, str]:
    """Return the numbers and texts of a row by their names: {"acc": {"x": 1}} has acc_x."""
    if not isinstance(value, dict | list):
        raise CaptureError(f"{where} is no row: write an object or a list of numbers")
    return dict(_flat(value, "", where, 0))


def _flat(value: object, name: str, where: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > MOST_DEPTH:
        raise CaptureError(f"{where} is nested too deep for a row: write numbers by their names")
    if not isinstance(value, dict | list):
        yield name, number_cell(value)
        return
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in parts:
        yield from _flat(part, f"{name}_{key}" if name else str(key), where, depth + 1)

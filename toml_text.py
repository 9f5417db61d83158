"""TOML that others wrote, in time and memory that follow its size: every reader of it goes through here.

``tomllib`` alone is quadratic in the parts of a key and in the digits of a number; what it would be dear at,
and nothing of ours has, is refused before it sees the text. It has the tables one by one, since it keeps a
kilobyte of notes for each until its text ends.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

from zerotap.contents import Bounds, read_text

MOST_PARTS: Final = 16
"""Parts of a dotted key or a table's name."""
MOST_DEPTH: Final = 32
"""Arrays and inline tables, one in the other."""
MOST_CHARACTERS: Final = 300
"""Of a number, a date or a key without quotes; a recording's name is one, of at most 255."""
FREE_BYTES: Final = 1 << 20
MOST_TIMES: Final = 10
"""Memory that the values may take, beside FREE_BYTES, as a multiple of the text's characters."""

MOST_NAMES: Final = 1000
"""Names that tables share."""
_COSTS: Final = {"[": 100, "{": 100, "=": 75, ",": 72, ".": 280}
"""Memory, measured and rounded up, of what begins at a mark, in bytes."""
_HEADER_BYTES, _NEW_KEY_BYTES, _VALUE_NOTES_BYTES, _PART_NOTES_BYTES = 190, 75, 650, 850
"""Beside it: a table's header, a name that none had before, and tomllib's notes until the table ends."""
_TOKEN: Final = re.compile(
    r"""
    (?P<skip> \#[^\n]*+
      | "{3} (?: [^"\\]++ | \\. | "(?!"") )*+ "{3,5}+
      | '{3} (?: [^']++ | '(?!'') )*+ '{3,5}+
      | "(?!"") (?: [^"\\\n]++ | \\. )*+ "
      | '(?!'') [^'\n]*+ '
      | ""(?!") | ''(?!')
    )
    | (?P<bare> [A-Za-z0-9_+\-]++ )
    | (?P<mark> [\[\]{}=,."'] )
    """,
    re.VERBOSE | re.DOTALL,
)


def read_toml(path: str | Path, bounds: Bounds, *, inside: bool = False) -> dict[str, Any]:
    """Parse a TOML file; raises as ``contents.read_text`` and ``parse_toml`` do."""
    return parse_toml(read_text(path, bounds, inside=inside))


class _Header(NamedTuple):
    """Where a table's header begins, of how many parts it is, and whether it is one of an array of tables."""

    at: int
    parts: int
    is_array: bool


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML; raises ValueError, which names the line, where it is none or is dear."""
    tables, header = _Tables(), _Header(0, 0, False)
    for following in chain(_Check(text).headers(), [_Header(len(text), 0, False)]):
        try:
            tables.add(tomllib.loads(text[header.at : following.at]), header)
        except ValueError as error:
            raise _placed(error, text.count("\n", 0, header.at)) from None
        header = following
    return tables.root


def _placed(error: ValueError, lines_before: int) -> ValueError:
    """The error with its line in the whole text."""
    placed = re.sub(r"at line (\d+)", lambda match: f"at line {int(match[1]) + lines_before}", str(error))
    return ValueError(placed if placed.endswith(")") else f"{placed} (at line {1 + lines_before})")


class _Tables:
    """The tables of a text, put together as their headers say."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._said: set[int] = set()  # the tables and arrays that have had their header, by id
        self._names: dict[str, str] = {}

    def add(self, content: dict[str, Any], header: _Header) -> None:
        """Put ``content``, which a header leads to, into its place; raises ValueError where that is taken."""
        if not header.parts:
            self.root.update(content)
            return
        node = self.root
        for _ in range(header.parts - 1):
            ((name, content),) = content.items()
            node = self._inner(node, name)
        ((name, content),) = content.items()
        if header.is_array:
            self._append(node, name, content)
        else:
            self._place(node, name, content)

    def _inner(self, node: dict[str, Any], name: str) -> dict[str, Any]:
        found = node.setdefault(name, {})
        if isinstance(found, list) and id(found) in self._said:
            found = found[-1]
        if not isinstance(found, dict):
            raise ValueError(f"{name} is no table")
        return found

    def _append(self, node: dict[str, Any], name: str, content: Any) -> None:  # noqa: ANN401
        if name not in node:
            node[name] = []
            self._said.add(id(node[name]))
        if id(node[name]) not in self._said or not isinstance(node[name], list):
            raise ValueError(f"{name} is no array of tables")
        node[name].append(self._named(content[0]))

    def _place(self, node: dict[str, Any], name: str, content: dict[str, Any]) -> None:
        found = node.setdefault(self._name(name), {})
        if not isinstance(found, dict) or id(found) in self._said or not found.keys().isdisjoint(content):
            raise ValueError(f"{name} is there twice")
        found.update(self._named(content))
        self._said.add(id(found))

    def _named(self, table: dict[str, Any]) -> dict[str, Any]:
        """Tables of the same keys share them."""
        return {self._name(name): value for name, value in table.items()}

    def _name(self, name: str) -> str:
        return (
            self._names.setdefault(name, name)
            if len(self._names) < MOST_NAMES
            else self._names.get(name, name)
        )


class _Check:
    """One pass over the tokens of a text; where a string has no end it stops, as tomllib does there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = FREE_BYTES + MOST_TIMES * len(text)
        self._at = self._depth = self._parts = 0
        self._notes = self._dot_at = 0
        self._above = ""
        self._header_at, self._header_parts = -1, 1
        self._wants_value = False
        self._last = ""
        self._names: set[str] = set()

    def headers(self) -> Iterator[_Header]:
        """Yield each header; raise ValueError at the first token that is too much."""
        for match in _TOKEN.finditer(self._text):
            self._at, mark = match.start(), match["mark"]
            if mark is None:
                self._word(match[0], match["bare"] or "")
            elif mark in "\"'":
                return
            else:
                self._mark(mark)
                if self._header_at >= 0 and not self._depth:
                    self._give_back()
                    yield _Header(
                        self._header_at, self._header_parts, self._text.startswith("[[", self._header_at)
                    )
                    self._header_at = -1

    def _word(self, word: str, bare: str) -> None:
        self._wants_value = False
        self._last = word
        if len(bare) > MOST_CHARACTERS:
            raise self._fault(f"a number or key of more than {MOST_CHARACTERS} characters")

    def _mark(self, mark: str) -> None:
        if mark == "[" and not self._depth and not self._wants_value:
            self._header_at, self._header_parts, self._notes = self._at, 1, 0
            self._pay(_HEADER_BYTES)
        elif mark in "[{" and not self._depth:
            self._notes += _VALUE_NOTES_BYTES
        self._notes += _PART_NOTES_BYTES * (mark == ".")
        self._pay(_COSTS.get(mark, 0) + self._new_key_bytes(mark))
        self._parts = self._parts + 1 if mark == "." else 0
        self._header_parts += mark == "."
        self._dot_at = self._at if mark == "." else self._dot_at
        if self._parts >= MOST_PARTS:
            raise self._fault(f"a key of more than {MOST_PARTS} parts")
        self._wants_value = mark == "="
        if mark in "[{":
            self._depth += 1
            if self._depth > MOST_DEPTH:
                raise self._fault(f"more than {MOST_DEPTH} brackets, one in the other")
        elif mark in "]}":
            self._depth = max(0, self._depth - 1)

    def _new_key_bytes(self, mark: str) -> int:
        if mark != "=" or self._last in self._names:
            return 0
        if len(self._names) < MOST_NAMES:
            self._names.add(self._last)
        return _NEW_KEY_BYTES + len(self._last)

    def _give_back(self) -> None:
        """A header below the same tables as the one before makes no new ones above it."""
        above = self._text[self._header_at : self._dot_at] if self._header_parts > 1 else ""
        if above and above == self._above:
            self._left += _COSTS["."] * (self._header_parts - 1)
        self._above = above

    def _pay(self, cost: int) -> None:
        self._left -= cost
        if self._left < self._notes:
            raise self._fault("more tables and values than a file of this size holds")

    def _fault(self, what: str) -> ValueError:
        line = self._text.count("\n", 0, self._at) + 1
        return ValueError(f"{what} (at line {line})")

"""TOML that others wrote, in time and memory that follow its size: every reader of it goes through here.

``tomllib`` alone is quadratic in the parts of a key and in the digits of a number, and a table of a few bytes
costs it a kilobyte. What it would be dear at, and nothing of ours has, is refused before it sees the text.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Final

from zerotap.contents import Bounds, read_text

MOST_PARTS: Final = 16
"""Parts of a dotted key or a table's name."""
MOST_DEPTH: Final = 32
"""Arrays and inline tables, one in the other."""
MOST_CHARACTERS: Final = 300
"""Of a number, a date or a key without quotes; a recording's name is one, of at most 255."""
FREE_BYTES: Final = 1 << 20
MOST_TIMES: Final = 30
"""Memory that the values may take, beside FREE_BYTES, as a multiple of the text's characters."""

# Measured, rounded up: a table or a part of a dotted key, a value in brackets, a key, an element, in bytes.
_PART_BYTES: Final = 850
_KEY_BYTES: Final = 130
_ELEMENT_BYTES: Final = 72
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


def parse_toml(text: str) -> dict[str, Any]:
    """Parse TOML; raises ValueError, which names the line, where it is none or is dear."""
    _Check(text).run()
    try:
        return tomllib.loads(text)
    except RecursionError as error:  # pragma: no cover  (MOST_DEPTH comes first)
        raise ValueError("it is nested too deeply") from error


class _Check:
    """One pass over the tokens of a text; where a string has no end it stops, as tomllib does there."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = FREE_BYTES + MOST_TIMES * len(text)
        self._at = self._depth = self._parts = 0

    def run(self) -> None:
        """Raise ValueError at the first token that is too much."""
        for match in _TOKEN.finditer(self._text):
            self._at = match.start()
            mark = match["mark"]
            if mark is None:
                self._word(match["bare"] or "")
            elif mark in "\"'":
                return
            else:
                self._mark(mark)
            if self._left < 0:
                raise self._fault("more tables and values than a file of this size holds")

    def _word(self, bare: str) -> None:
        if len(bare) > MOST_CHARACTERS:
            raise self._fault(f"a number or key of more than {MOST_CHARACTERS} characters")

    def _mark(self, mark: str) -> None:
        self._parts = self._parts + 1 if mark == "." else 0
        if self._parts >= MOST_PARTS:
            raise self._fault(f"a key of more than {MOST_PARTS} parts")
        self._left -= self._cost(mark)
        if mark in "[{":
            self._depth += 1
            if self._depth > MOST_DEPTH:
                raise self._fault(f"more than {MOST_DEPTH} brackets, one in the other")
        elif mark in "]}":
            self._depth = max(0, self._depth - 1)

    def _cost(self, mark: str) -> int:
        if mark == "." or (mark in "[{" and self._depth == 0):
            return _PART_BYTES
        if mark == "=":
            return _KEY_BYTES
        return _ELEMENT_BYTES if mark in "[{," else 0

    def _fault(self, what: str) -> ValueError:
        line = self._text.count("\n", 0, self._at) + 1
        return ValueError(f"{what} (at line {line})")

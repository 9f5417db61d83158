"""Lines of text files that programs wrote: the first that says something, and each with its place."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import NamedTuple

MOST_LINE_BYTES = 1 << 18


class Line(NamedTuple):
    """Line ``number`` (from 1) begins at byte ``at``; ``text`` is without blanks around it."""

    number: int
    at: int
    text: bytes
    is_last: bool


def first_line(head: bytes) -> bytes:
    """Return the first line that is neither blank nor a comment; none is empty."""
    return next((line.text for line in lines(head)), b"")


def lines(content: bytes) -> Iterator[Line]:
    """Yield each line that is neither blank nor a comment. ``is_last``: the file ends within it."""
    at = 0
    for number, line in enumerate(io.BytesIO(content), 1):
        text = line.strip()
        if text and text[:1] != b"#":
            yield Line(number, at, text, not line.endswith(b"\n"))
        at += len(line)

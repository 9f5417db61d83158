"""Long lists in JSON, an element at a time: all at once they would take thirty times the file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from zerotap.errors import CaptureError

MOST_CHARACTERS: Final = 1 << 16
"""Of an element of a list."""
_SPACE = re.compile(r"[ \t\r\n]*")


class Number(str):
    """A number, as it is written."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_float=Number, parse_int=Number)


def json_text(content: bytes, path: Path) -> str:
    """Return the text of a file of JSON; raise CaptureError where it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise no_json(f"{path}", error) from error


def json_value(text: str, where: str) -> object:
    """Return one value, its numbers as their text; raise CaptureError, which says ``where``, for another."""
    try:
        return _DECODER.decode(text)
    except (ValueError, RecursionError) as error:
        raise no_json(where, error) from error


def no_json(where: str, error: Exception) -> CaptureError:
    """Say that something is no JSON, and why."""
    why = "nested too deep" if isinstance(error, RecursionError) else str(error)
    return CaptureError(f"{where} is no JSON ({why}): export it again")


def elements(text: str, start: int, path: Path) -> Iterator[tuple[object, int]]:
    """Yield the elements of the list behind whose bracket ``start`` is, each with where it ends.

    Raises CaptureError where the list does not end.
    """
    at = _past_space(text, start)
    window, begins = "", at
    while text[at : at + 1] != "]":
        found = _decoded(window, at - begins)
        if found is None:
            window, begins = text[at : at + MOST_CHARACTERS], at
            found = _whole(window, begins + len(window) == len(text), path)
        value, at = found[0], begins + found[1]
        yield value, at
        at = _past_space(text, at)
        if text[at : at + 1] == ",":
            at = _past_space(text, at + 1)
        elif text[at : at + 1] != "]":
            raise CaptureError(f"{path}: is no whole JSON: the list ends at character {at}: export it again")


def _decoded(window: str, at: int) -> tuple[object, int] | None:
    """Return a value and where it ends, None where it does not end within the window."""
    try:
        value, end = _DECODER.raw_decode(window, at)
    except (ValueError, RecursionError):
        return None
    return (value, end) if end < len(window) else None


def _whole(window: str, is_last: bool, path: Path) -> tuple[object, int]:
    """Return the value with which the window begins; raise CaptureError where it holds none."""
    try:
        value, end = _DECODER.raw_decode(window)
    except (ValueError, RecursionError) as error:
        if is_last or isinstance(error, RecursionError):
            raise no_json(f"{path}", error) from error
        end = len(window)
    if end == len(window) and not is_last:
        raise CaptureError(
            f"{path}: its list is no JSON, or an element has more than {MOST_CHARACTERS:,} characters: "
            "export it again"
        )
    return value, end


def end_of(text: str, start: int, path: Path) -> int:
    """Return where the list ends, behind its bracket."""
    at = start
    for _, at in elements(text, start, path):  # noqa: B007
        pass
    return text.index("]", at) + 1


def _past_space(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return space.end() if space else at

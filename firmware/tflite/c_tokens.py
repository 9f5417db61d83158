"""C source as what a compiler sees of its arrays: no comments, no preprocessor lines, no text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# Each pattern takes every character once: none of them gives back what it took.
_TOKENS: Final = re.compile(
    r"""/\*.*?(?:\*/|\Z)|//[^\n]*+"""
    r"""|"(?:[^"\\\n]++|\\.)*+"?"""
    r"""|(?:\b(?:u8|[uUL]))?'(?:[^'\\\n]|\\(?:x[0-9a-fA-F]{1,2}|[0-7]{1,3}|.))'""",
    re.DOTALL,
)
_DIRECTIVE: Final = re.compile(
    r"^[^\S\n]*+#[^\S\n]*+(?P<word>[a-z]*+)(?P<rest>(?:[^\\\n]++|\\\n?)*+)", re.MULTILINE
)
_ESCAPES: Final = {"n": 10, "t": 9, "r": 13, "a": 7, "b": 8, "f": 12, "v": 11}
_NUMBERS: Final = tuple(f" {number} " for number in range(256))
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


def decoded(source: bytes) -> str:
    """Source as text with newlines; UTF-16 too, as PowerShell writes what a program prints.

    A line that ends in a backslash goes on in the next one, as in a macro of several lines.
    """
    text = source.decode("utf-16" if source[:2] in _UTF16 else "utf-8", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return text.replace("\\\n", "") if "\\\n" in text else text


def plain_c(text: str) -> str:
    """Source without comments, preprocessor lines, what ``#if 0`` leaves out, and strings.

    Characters become their numbers. In time and memory that follow the text's length.
    """
    return " ".join(_live(_TOKENS.sub(_token, text)))


def _token(match: re.Match[str]) -> str:
    first = match[0][0]
    if first == "/":
        return " "
    if first == '"':
        return '""'
    number = _character(match[0].partition("'")[2][:-1])
    return _NUMBERS[number] if number < len(_NUMBERS) else f" {number} "


def _character(text: str) -> int:
    """The number of what stands between two apostrophes."""
    if text[0] != "\\":
        return ord(text)
    if text[1] == "x":
        return int(text[2:], 16) if text[2:] else ord("x")
    if text[1] in "01234567":
        return int(text[1:], 8)
    return _ESCAPES.get(text[1], ord(text[1]))


def _live(text: str) -> Iterator[str]:
    """The pieces between preprocessor lines that are compiled whatever is defined elsewhere."""
    levels: list[str] = []
    dead = end = 0
    for line in _DIRECTIVE.finditer(text):
        if not dead:
            yield text[end : line.start()]
        end = line.end()
        dead += _step(levels, line["word"], line["rest"].strip())
    if not dead:
        yield text[end:]


def _step(levels: list[str], word: str, condition: str) -> int:
    """Follow one preprocessor line; by how many more levels the text behind it is left out.

    A level is "out" (``#if 0``), "in" (``#if 1``), or "open": both of its branches are read.
    """
    before = levels[-1:] == ["out"]
    if word in ("if", "ifdef", "ifndef"):
        levels.append({"0": "out", "1": "in"}.get(condition, "open") if word == "if" else "open")
        return int(levels[-1] == "out")
    if word in ("else", "elif") and levels:
        levels[-1] = {"in": "out", "out": "open"}.get(levels[-1], "open")
        return int(levels[-1] == "out") - int(before)
    if word == "endif" and levels:
        levels.pop()
        return -int(before)
    return 0

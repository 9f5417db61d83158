"""What a line says: numbers alone, or numbers each with its name, as sketches print them.

1,-2.5,3e-2          numbers between commas, semicolons, bars, tabs or spaces; one may end the line
x:1,y:-2.5           the Arduino Serial Plotter's name:value
AcX = 1 | AcY = -2   the same with an equals sign; "Gyro X: 0.1 rad/s" has a unit behind the number
"""

from __future__ import annotations

import re
from functools import lru_cache

MOST_LINE_BYTES = 1 << 15
_SHORT_BYTES = 8

# Each takes what it can and gives nothing back: a line is passed over once.
_NUMBER = rb"[+-]?(?:\d++(?:\.\d*+)?|\.\d++)(?:[eE][+-]?\d++)?"
_SEPARATOR = rb"(?:[ \t]*+[,;|][ \t]*+|[ \t]++)"
_NAME = rb"[^\s\d,;|:=+.\-][^,;|:=\t]{0,63}+"
_UNIT = rb"(?:[ \t]?[A-Za-z%/\x80-\xff][^\s,;|:=]{0,15}+(?![ \t]*+[:=]))?"
_NAMED = rb"(?:" + _NAME + rb"[:=][ \t]*+" + _NUMBER + _UNIT + rb")"
_SAID = re.compile(rb"(" + _NAME + rb")[:=][ \t]*+(" + _NUMBER + rb")(" + _UNIT + rb")")
_NUMBERS = re.compile(_NUMBER + rb"(?:" + _SEPARATOR + _NUMBER + rb")*+")
_NAMED_NUMBERS = re.compile(_NAMED + rb"(?:" + _SEPARATOR + _NAMED + rb")*+")
_ONE_NUMBER = re.compile(_NUMBER)
_BETWEEN = re.compile(_SEPARATOR)
_BETWEEN_NAMES = re.compile(rb"[ \t]*+[,;|\t][ \t]*+")
_AT_THE_END = b" \t,;|"

Fields = tuple[tuple[float, ...], tuple[bytes, ...]]
"""Numbers; and, where they have names, a name and a unit for each: lines of one sender have the same."""
_NOTHING: Fields = (), ()


def fields_of(text: bytes) -> Fields:
    """Return the numbers of a sample, and their names and units where it has any; nothing if it is none.

    ``text`` has no space or newline at either end.
    """
    return _short_fields(text) if len(text) <= _SHORT_BYTES else _fields(text)


def said_in(text: bytes) -> list[tuple[str, str]]:
    """Return the names and the numbers, as they are written, of a line that names its numbers; else none."""
    text = text.rstrip(_AT_THE_END)
    if len(text) > MOST_LINE_BYTES or not _NAMED_NUMBERS.fullmatch(text):
        return []
    return [
        (name.strip().decode("utf-8", "replace"), number.decode()) for name, number, _ in _SAID.findall(text)
    ]


def numbers_in_line(text: bytes) -> list[str]:
    """Return the numbers, as they are written, of a line of nothing else; else none."""
    text = text.rstrip(_AT_THE_END)
    if len(text) > MOST_LINE_BYTES or not _NUMBERS.fullmatch(text):
        return []
    return [number.decode() for number in _BETWEEN.split(text)]


def _fields(text: bytes) -> Fields:
    text = text.rstrip(_AT_THE_END)
    if len(text) > MOST_LINE_BYTES:
        return _NOTHING
    if _NUMBERS.fullmatch(text):
        return tuple(map(float, _BETWEEN.split(text))), ()
    if not _NAMED_NUMBERS.fullmatch(text):
        return _NOTHING
    said = _SAID.findall(text)
    return tuple(float(number) for _, number, _ in said), tuple(
        part.strip() for name, _, unit in said for part in (name, unit)
    )


# Bytes that mean nothing make millions of short lines, mostly the same few.
_short_fields = lru_cache(maxsize=4096)(_fields)


def names_in(text: bytes) -> tuple[bytes, ...]:
    """Return the names of channels in a line that may be a header; none where one of them is a number."""
    text = text.lstrip(b"\xef\xbb\xbf#% \t").rstrip(_AT_THE_END)
    names = _BETWEEN_NAMES.split(text) if _BETWEEN_NAMES.search(text) else text.split()
    plain = tuple(name.strip(b"\"' ") for name in names)
    is_header = all(plain) and not any(map(_ONE_NUMBER.fullmatch, plain))
    return plain if is_header else ()

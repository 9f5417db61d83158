"""A .tflite inside of C source: the byte array that `xxd -i`, tinymlgen and their like write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import ModelError

IDENTIFIER: Final = b"TFL3"
"""Bytes 4 to 7 of every .tflite."""

_BOUNDS: Final = Bounds(ModelError, 1 << 26, "no model for this board is so large", text_fault)
# Each pattern takes every character once: none of them gives back what it took.
_COMMENTS: Final = re.compile(r"/\*.*?(?:\*/|\Z)|//[^\n]*+|^[^\S\n]*+#[^\n]*+", re.DOTALL | re.MULTILINE)
_BRACES: Final = re.compile(r"\{([^{}]*+)\}")
_ELEMENT: Final = re.compile(r"[^,]++")
_LENGTH: Final = re.compile(r"\b(\w++)\s*+=\s*+(\d++)\s*+;", re.ASCII)
_LENGTH_NAMES: Final = ("len", "length", "size")
_MOST_DIGITS: Final = 19
_BYTE_RANGE: Final = range(-128, 256)


class _Array(NamedTuple):
    """NAME [ size ] = { elements }."""

    name: str
    size: str
    elements: str

    def numbers(self) -> Iterator[str]:
        stripped = (match[0].strip() for match in _ELEMENT.finditer(self.elements))
        return (element for element in stripped if element)


def read_c_array(path: Path) -> bytes:
    """The one .tflite that a C file holds as an array of bytes, hexadecimal, octal or decimal.

    Raises:
        ModelError: the file cannot be read, holds no such array or several, or one that is damaged: a number
            that is no byte, or fewer bytes than the file says.
    """
    try:
        source = read_contents(path, _BOUNDS)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    return model_in_c(source, path)


def model_in_c(source: bytes, path: str | Path) -> bytes:
    """The one .tflite that C source holds; raises ModelError as ``read_c_array`` does, naming ``path``."""
    text = _COMMENTS.sub(" ", source.decode("utf-8", "replace"))
    found = {array.name: array for array in _arrays(text) if _is_model(array)}
    if not found:
        raise ModelError(
            f"{path}: no array in it holds a .tflite (bytes 4 to 7 'TFL3'); "
            "write one with `xxd -i model.tflite`."
        )
    if len(found) > 1:
        raise ModelError(
            f"{path}: holds several models ({', '.join(found)}); put one of them into a file of its own."
        )
    (array,) = found.values()
    content = bytes(_byte(path, array.name, place, number) for place, number in enumerate(array.numbers()))
    return _checked_length(path, array, content, text)


def _arrays(text: str) -> Iterator[_Array]:
    """Find every list in braces that NAME [ size ] and an equals sign precede."""
    end = 0
    for braces in _BRACES.finditer(text):
        name, size = _declared(text[end : braces.start()])
        end = braces.end()
        if name:
            yield _Array(name, size, braces[1])


def _declared(before: str) -> tuple[str, str]:
    """Name and size of the array that "NAME [ size ] attributes =" declares; "" where it is none."""
    declaration, equals, rest = before[before.rfind(";") + 1 :].rpartition("=")
    head, bracket, attributes = declaration.rpartition("]")
    name, opening, size = head.rpartition("[")
    if not (equals and bracket and opening) or rest.strip() or re.search(r"[=\[{}]", attributes):
        return "", ""
    size, word = size.strip(), re.split(r"\W", name.rstrip())[-1]
    return (word, size) if re.fullmatch(r"\w*+", size) else ("", "")


def _is_model(array: _Array) -> bool:
    head = [_number(number) for number in islice(array.numbers(), 4, 8)]
    return head == list(IDENTIFIER)


def _number(text: str) -> int | None:
    digits = text.rstrip("uUlL")
    octal = len(digits) > 1 and digits.isdecimal() and digits.startswith("0")
    try:
        return int(digits, 8 if octal else 0)
    except ValueError:
        return None


def _byte(path: str | Path, name: str, place: int, text: str) -> int:
    number = _number(text)
    if number is None or number not in _BYTE_RANGE:
        raise ModelError(f"{path}: element {place} of {name} is {text[:20]!r}, no byte; write it again.")
    return number & 0xFF


def _checked_length(path: str | Path, array: _Array, content: bytes, text: str) -> bytes:
    """Hold the content to the array's size and to NAME_len, where they are there; without a closing NUL."""
    stated = _number(array.size) if array.size else None
    for word, digits in _LENGTH.findall(text):
        name, _, kind = word.rpartition("_")
        if name == array.name and kind in _LENGTH_NAMES:
            stated = int(digits[:_MOST_DIGITS])
    if stated is not None and stated > len(content):
        raise ModelError(
            f"{path}: {array.name} has {len(content)} bytes of {stated}, the file is cut off; write it again."
        )
    return content[:stated]

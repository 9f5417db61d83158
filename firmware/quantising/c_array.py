"""A .tflite inside of C source: the byte array that `xxd -i`, tinymlgen and their like write."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from zerotap.errors import ModelError

IDENTIFIER: Final = b"TFL3"
"""Bytes 4 to 7 of every .tflite."""

_TEXT_BYTES_MAX: Final = 1 << 28
_COMMENTS: Final = re.compile(r"/\*.*?\*/|//[^\n]*|^\s*#[^\n]*", re.DOTALL | re.MULTILINE)
# NAME [ size ] attributes = { numbers }
_ARRAY: Final = re.compile(r"(\w+)\s*\[\s*(\w*)\s*\][^=;{}\[\]]*=\s*\{([^{}]*)\}")
_LENGTH: Final = re.compile(r"(\w+?)_(?:len|length|size)\s*=\s*(\d+)\s*;")
_BYTE_RANGE: Final = range(-128, 256)


def read_c_array(path: Path) -> bytes:
    """The one .tflite that a C file holds as an array of bytes, hexadecimal, octal or decimal.

    Raises:
        ModelError: the file cannot be read, holds no such array or several, or one that is damaged: a number
            that is no byte, or fewer bytes than the file says.
    """
    text = _COMMENTS.sub(" ", _read(path))
    found = {name: (size, numbers) for name, size, numbers in _arrays(text) if _is_model(numbers)}
    if not found:
        raise ModelError(
            f"{path}: no array in it holds a .tflite (bytes 4 to 7 'TFL3'); "
            "write one with `xxd -i model.tflite`."
        )
    if len(found) > 1:
        raise ModelError(
            f"{path}: holds several models ({', '.join(found)}); put one of them into a file of its own."
        )
    ((name, (size, numbers)),) = found.items()
    content = bytes(_byte(path, name, place, number) for place, number in enumerate(numbers))
    return _checked_length(path, name, size, content, text)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > _TEXT_BYTES_MAX:
            raise ModelError(f"{path}: larger than {_TEXT_BYTES_MAX >> 20} MiB, no model for this board.")
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the path.") from error


def _arrays(text: str) -> Iterator[tuple[str, str, list[str]]]:
    for match in _ARRAY.finditer(text):
        name, size, numbers = match.groups()
        yield name, size, [number for each in numbers.split(",") if (number := each.strip())]


def _is_model(numbers: list[str]) -> bool:
    head = [_number(number) for number in numbers[4:8]]
    return head == list(IDENTIFIER)


def _number(text: str) -> int | None:
    digits = text.rstrip("uUlL")
    octal = len(digits) > 1 and digits.isdecimal() and digits.startswith("0")
    try:
        return int(digits, 8 if octal else 0)
    except ValueError:
        return None


def _byte(path: Path, name: str, place: int, text: str) -> int:
    number = _number(text)
    if number is None or number not in _BYTE_RANGE:
        raise ModelError(f"{path}: element {place} of {name} is {text[:20]!r}, no byte; write it again.")
    return number & 0xFF


def _checked_length(path: Path, name: str, size: str, content: bytes, text: str) -> bytes:
    """Hold the content to the array's size and to NAME_len, where they are there; without a closing NUL."""
    declared = _number(size) if size else None
    lengths = dict(_LENGTH.findall(text))
    stated = int(lengths[name]) if name in lengths else declared
    if stated is not None and stated > len(content):
        raise ModelError(
            f"{path}: {name} has {len(content)} bytes of {stated}, the file is cut off; write it again."
        )
    return content[:stated]

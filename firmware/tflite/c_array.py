"""A .tflite inside of C source: the byte array that `xxd -i`, tinymlgen and Arduino's libraries hold."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import ModelError

from .c_tokens import decoded, plain_c

IDENTIFIER: Final = b"TFL3"
"""Bytes 4 to 7 of every .tflite."""
C_SUFFIXES: Final = (".h", ".hh", ".hpp", ".hxx", ".c", ".cc", ".cpp", ".cxx", ".inc", ".ino", ".pde")
C_BYTES_MAX: Final = 1 << 26
"""Of source: a model of 12 MB."""

C_BOUNDS: Final = Bounds(ModelError, C_BYTES_MAX, "no model for this board is so large", text_fault)
# Each pattern takes every character once: none of them gives back what it took.
_BRACES: Final = re.compile(r"\{([^{}]*+)\}")
_ELEMENT: Final = re.compile(r"[^,]++")
_NUMBER: Final = re.compile(
    r"(?P<opened>\(\s*+)?(?:\(\s*+[\w\s]{1,40}+\)\s*+)?(?P<sign>[-+]?)\s*+"
    r"(?P<digits>0[xX][0-9a-fA-F]{1,19}|0[bB][01]{1,64}|[0-9]{1,19})[uUlLzZ]{0,3}(?(opened)\s*+\))",
    re.ASCII,
)
_LENGTH: Final = re.compile(r"\b(\w++)\s*+=\s*+(\w++)\s*+;", re.ASCII)
_LENGTH_NAMES: Final = ("len", "length", "size")
_HUGE: Final = re.compile(r"[0-9]{20,}+[uUlL]{0,3}")
_BYTE_RANGE: Final = range(-128, 256)
_NAME_MAX: Final = 256
_PADDING_MAX: Final = 16
# What a file of C has in its first kilobytes, whatever it is called.
_LOOKS: Final = re.compile(r"\w\s{0,9}\[[^\[\]{};]{0,99}\][^\[\]{};=]{0,99}=\s{0,9}\{")


@dataclass(frozen=True, slots=True)
class CArray:
    """One of the models that the C source ``path`` holds: the array ``name``."""

    path: Path
    name: str

    def __str__(self) -> str:
        return f"{self.path}: array {self.name}"

    def __fspath__(self) -> str:
        return os.fspath(self.path)


class _Array(NamedTuple):
    """NAME [ size ] = { elements }."""

    name: str
    size: str
    elements: str

    def numbers(self) -> Iterator[str]:
        stripped = (match[0].strip() for match in _ELEMENT.finditer(self.elements))
        return (element for element in stripped if element)


def looks_like_c(path: str | Path, head: bytes) -> bool:
    """Whether a file is C source, by its suffix or by its first kilobytes."""
    if Path(path).suffix.lower() in C_SUFFIXES:
        return True
    return b"\0" not in head and bool(_LOOKS.search(decoded(head)))


def read_c_array(path: str | Path, name: str | None = None) -> bytes:
    """The .tflite that a C file holds as an array of bytes: the only one, or the array ``name``.

    Numbers may be hexadecimal, octal, decimal, binary, negative, or characters.

    Raises:
        ModelError: the file cannot be read, holds no such array or several, or one that is damaged: a number
            that is no byte, or fewer bytes than the file says.
    """
    try:
        source = read_contents(path, C_BOUNDS)
    except OSError as error:
        raise ModelError(f"{path}: cannot be read ({error.strerror}); check the path.") from error
    return model_in_c(source, path, name)


def model_in_c(source: bytes, path: str | Path, name: str | None = None) -> bytes:
    """The .tflite that C source holds; raises ModelError as ``read_c_array`` does, naming ``path``."""
    return array_in_c(source, path, name)[1]


def array_in_c(source: bytes, path: str | Path, name: str | None = None) -> tuple[str, bytes]:
    """The name of the array that holds a .tflite, and the .tflite; otherwise as ``model_in_c``."""
    text = plain_c(decoded(source))
    found = [array for array in _arrays(text) if _is_model(array)]
    if not found:
        target = f"{Path(path).stem or 'model'}.h"
        raise ModelError(
            f"{path}: no array in it holds a .tflite (bytes 4 to 7 'TFL3') up to its closing brace; get it "
            f"again if it was cut, or write one with `zerotap convert model.tflite {target}`."
        )
    chosen = _chosen(found, path, name)
    models = {_content(path, array, text) for array in chosen}
    if len(models) > 1:
        raise ModelError(
            f"{path}: holds {len(models)} different models called {chosen[0].name}, as for several boards; "
            "put the one for yours into a file of its own."
        )
    return chosen[0].name, models.pop()


def _chosen(found: list[_Array], path: str | Path, name: str | None) -> list[_Array]:
    """The arrays of the name that is asked for, or of the only one that there is."""
    names = list(dict.fromkeys(array.name for array in found))
    if name is not None and name not in names:
        raise ModelError(
            f"{path}: has no array {name} that holds a .tflite; it has {', '.join(names)}: give --array "
            f"{names[0]}."
        )
    if name is None and len(names) > 1:
        raise ModelError(
            f"{path}: holds several models ({', '.join(names)}); choose one with --array {names[0]} "
            "(CArray(path, name) in Python)."
        )
    return [array for array in found if array.name == (name or names[0])]


def _arrays(text: str) -> Iterator[_Array]:
    """Find every list in innermost braces that a declaration precedes."""
    end = 0
    for braces in _BRACES.finditer(text):
        name, size = _declared(text[end : braces.start()])
        end = braces.end()
        if name:
            yield _Array(name, size, braces[1])


def _declared(before: str) -> tuple[str, str]:
    """Name and size of what "NAME [ size ] attributes =" or "NAME =" declares; "" where it is none.

    The equals sign may be missing, and a brace may stand in front: std::array has two.
    """
    declaration = before[before.rfind(";") + 1 :].rstrip("{ \t\n")
    declaration = declaration[:-1] if declaration.endswith("=") else declaration
    head, bracket, attributes = declaration.rpartition("]")
    if not bracket or re.search(r"[=\[{}>]", attributes):
        return _last_word(declaration), ""
    name, opening, size = head.rpartition("[")
    return (_last_word(name), size.strip()) if opening else ("", "")


def _last_word(text: str) -> str:
    return re.split(r"\W", text.rstrip()[-_NAME_MAX:])[-1]


def _is_model(array: _Array) -> bool:
    head = [_number(number) for number in islice(array.numbers(), 4, 8)]
    return head == list(IDENTIFIER)


def _number(text: str) -> int | None:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    digits = match["digits"]
    is_octal = digits.isdecimal() and digits.startswith("0")
    try:
        number = int(digits, 8 if is_octal else 0)
    except ValueError:  # 09
        return None
    return -number if match["sign"] == "-" else number


def _content(path: str | Path, array: _Array, text: str) -> bytes:
    numbers = enumerate(array.numbers())
    content = bytes(_byte(path, array.name, place, number) for place, number in numbers)
    return _checked_length(path, array, content, text)


def _byte(path: str | Path, name: str, place: int, text: str) -> int:
    number = _number(text)
    if number is None or number not in _BYTE_RANGE:
        raise ModelError(f"{path}: element {place} of {name} is {text[:20]!r}, no byte; write it again.")
    return number & 0xFF


def _checked_length(path: str | Path, array: _Array, content: bytes, text: str) -> bytes:
    """Hold the content to the array's size and to NAME_len, where they are there; without what fills it."""
    stated = _number(array.size)
    for match in _LENGTH.finditer(text):
        name, _, kind = match[1].rpartition("_")
        if name == array.name and kind in _LENGTH_NAMES and (length := _length(match[2])) is not None:
            stated = length
    if stated is not None and stated > len(content):
        raise ModelError(
            f"{path}: {array.name} has {len(content)} bytes of {stated}, the file is cut off; write it again."
        )
    rest = content[stated:] if stated is not None else b""
    if rest and (stated == 0 or (len(rest) > _PADDING_MAX and any(rest))):
        raise ModelError(
            f"{path}: {array.name} has {len(content)} bytes, and the file says that they are {stated}; "
            "correct that length, or write the array again."
        )
    return content[:stated]


def _length(digits: str) -> int | None:
    """A stated length; one of very many digits is more than any file has."""
    return 1 << 63 if _HUGE.fullmatch(digits) else _number(digits)

"""A .tflite as C source, and out of it again: `zerotap convert model.tflite model.h` and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from zerotap.errors import ModelError
from zerotap.firmware.taken_names import KEYWORDS
from zerotap.firmware.tflite.c_array import C_SUFFIXES, array_in_c
from zerotap.firmware.tflite.model_bytes import is_tflite, source_bytes
from zerotap.writing import check_apart, new_file

from .c_source import comment_text

TFLITE_SUFFIX: Final = ".tflite"
MODEL_SUFFIXES: Final = (TFLITE_SUFFIX, *C_SUFFIXES)
"""What convert_model() writes."""
_HEADER_SUFFIXES: Final = (".h", ".hh", ".hpp", ".hxx", ".inc", ".ino", ".pde")
_ROW: Final = 12
_WORD: Final = re.compile(r"[A-Za-z_]\w{0,62}", re.ASCII)
# As TensorFlow Lite Micro wants it; an array of bytes may lie anywhere else.
_ATTRIBUTE: Final = (
    "#ifndef ZEROTAP_ALIGNED",
    "#if defined(__GNUC__)",
    "#define ZEROTAP_ALIGNED __attribute__((aligned(16)))",
    "#else",
    "#define ZEROTAP_ALIGNED",
    "#endif",
    "#endif",
)
_HEXADECIMAL: Final = tuple(f"0x{byte:02x}" for byte in range(256))


def convert_model(source: str | Path, target: str | Path, array: str | None = None) -> tuple[str, bytes]:
    """Write the .tflite that ``source`` is or holds as ``target``, a new file; its suffix says in which form.

    ``source``: a .tflite of any kind, or C source. ``target``: a .tflite, or C, which has ``const unsigned
    char NAME[]``, aligned to 16 bytes, and ``NAME_len``; a header has a guard. ``array``: which of several
    arrays; or, where ``source`` is a .tflite, what the array is to be called, otherwise as ``target`` is.

    Returns the array's name and the .tflite. Raises ModelError for a source without a model or with several,
    a suffix or a name that cannot be, and OutputError where ``target`` exists; nothing is then left behind.
    """
    source, target = Path(source), Path(target)
    if target.suffix.lower() not in MODEL_SUFFIXES:
        raise ModelError(f"{target}: a model is written as one of {', '.join(MODEL_SUFFIXES)}; choose one.")
    check_apart(target, {"source": source})
    name, content = _model(source, array)
    to_c = target.suffix.lower() != TFLITE_SUFFIX
    name = name or re.sub(r"\W", "_", target.stem, flags=re.ASCII)
    if to_c and (not _WORD.fullmatch(name) or name in KEYWORDS):
        raise ModelError(f"{name!r} cannot name an array in C; give another with --array NAME.")
    with new_file(target) as made:
        made.write_bytes(model_as_c(content, name, target.name).encode() if to_c else content)
    return name, content


def _model(source: Path, array: str | None) -> tuple[str | None, bytes]:
    """The array's name, as far as it is known, and the .tflite."""
    content = source_bytes(source)
    return (array, content) if is_tflite(content) else array_in_c(content, source, array)


def model_as_c(content: bytes, name: str, file: str) -> str:
    """C or C++ source of the array ``name`` and ``NAME_len``; in a header they are each file's own.

    ``file`` is what it will be called: its suffix tells a header.
    """
    about = f"/* {comment_text(file)}: a .tflite of {len(content)} bytes, written by zerotap. */"
    is_header = Path(file).suffix.lower() in _HEADER_SUFFIXES
    array = f"const unsigned char {name}[{len(content)}] ZEROTAP_ALIGNED = {{"
    length = f"const unsigned int {name}_len = {len(content)};"
    before, after = _guard(name) if is_header else (_declarations(name, len(content)), [])
    own = "static " if is_header else ""
    lines = [about, *before, *_ATTRIBUTE, f"{own}{array}", *_rows(content), "};", f"{own}{length}", *after]
    return "\n".join([*lines, ""])


def _guard(name: str) -> tuple[list[str], list[str]]:
    guard = f"ZEROTAP_MODEL_{name}_H"
    return [f"#ifndef {guard}", f"#define {guard}"], ["#endif"]


def _declarations(name: str, size: int) -> list[str]:
    """What other files see: a const of C++ is its own file's unless it was declared before."""
    return [
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        f"extern const unsigned char {name}[{size}];",
        f"extern const unsigned int {name}_len;",
        "#ifdef __cplusplus",
        "}",
        "#endif",
    ]


def _rows(content: bytes) -> Iterator[str]:
    for start in range(0, len(content), _ROW):
        numbers = ", ".join(_HEXADECIMAL[byte] for byte in content[start : start + _ROW])
        yield f"  {numbers},"

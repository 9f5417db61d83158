"""Pieces of C text: identifiers, comments, constants."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.taken_names import KEYWORDS, is_header

_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z")
_LINE_WIDTH: Final = 100
_LEAST: Final = -(1 << 31)
_VALUES_WIDTH: Final = _LINE_WIDTH - 4
_SPACED: Final = "\0-\0"


def check_identifier(name: str) -> None:
    """Refuse a name that C, C++ or the generated sources cannot use.

    Raises:
        ModelError: not a C identifier of at most 63 characters, a keyword, in zerotap's own name space, or
            the name of a header that NAME.h would hide, in letters of either case.
    """
    if not _IDENTIFIER.match(name) or name in KEYWORDS or name.lower().startswith("zerotap"):
        raise ModelError(
            f"{name!r} cannot name a model in C: use letters, digits and underscores, a letter first, at "
            "most 63 characters, no keyword, not beginning with 'zerotap'."
        )
    if is_header(name):
        raise ModelError(
            f"{name!r} cannot name a model in C: {name}.h would hide the header of that name; "
            f"choose another, as in {name}_model."
        )


def comment_text(text: str) -> str:
    """Text that may stand inside a C comment: printable ASCII that does not end the comment, no trigraph."""
    printable = re.sub(r"[^ -~]", "?", text)
    apart = re.sub(r"\?(?=\?)", "? ", printable)
    return apart.replace("*/", "* /").replace("/*", "/ *")


def string(text: str) -> str:
    """A string literal of the text's UTF-8 bytes; all but plain ASCII are octal, so no trigraph and no end.

    Raises ModelError for a text with a NUL, which ends it on the board, or that UTF-8 cannot write.
    """
    try:
        content = text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise ModelError(f"{text!r} has a character that UTF-8 cannot write: give it another name") from error
    if 0 in content:
        raise ModelError(f"{text!r} has a NUL, which ends a string of C: give it another name")
    return '"' + "".join(map(_character, content)) + '"'


def _character(byte: int) -> str:
    char = chr(byte)
    return char if " " <= char <= "~" and char not in '"\\?' else f"\\{byte:03o}"


def array(c_type: str, name: str, values: NDArray[Any] | Iterable[int]) -> str:
    """A const array for flash, aligned to a word, its values wrapped into lines."""
    flat = np.asarray(values).ravel().tolist()
    return f"ZEROTAP_ALIGNED static const {c_type} {name}[{len(flat)}] = {{\n{wrapped(flat)}\n}};\n"


def wrapped(values: list[int]) -> str:
    """Values for an initialiser, in lines."""
    # Arrays have thousands of values: all become text at once, and the least alone has spaces in it.
    items = map(_literal, values) if _LEAST in values else map(str, values)
    text = ", ".join(items).replace(" - ", _SPACED) + ("," if values else "")
    lines, begin = [], 0
    while len(text) - begin > _VALUES_WIDTH:
        end = text.rindex(" ", begin, begin + _VALUES_WIDTH + 1)
        lines.append(text[begin:end])
        begin = end + 1
    return "\n".join(f"    {line}" for line in [*lines, text[begin:]] if line).replace(_SPACED, " - ")


def anonymous_struct(name: str, fields: Iterable[str], values: str) -> str:
    """A const struct of a type of its own: the fields' declarations, and their initialisers in lines."""
    declared = "".join(f"    {field}\n" for field in fields)
    return f"static const struct {{\n{declared}}} {name} = {{\n{values}}};\n"


def braced(values: Iterable[int]) -> str:
    """Values as one initialiser, "{1, 2}", in lines where they are many."""
    items = list(values)
    one_line = "{" + ", ".join(map(_literal, items)) + "}"
    return one_line if len(one_line) <= _LINE_WIDTH else f"{{\n{wrapped(items)}\n    }}"


def _literal(value: int) -> str:
    # -2147483648 is no int literal in C: the minus applies to a constant that does not fit.
    return "(-2147483647 - 1)" if value == _LEAST else str(value)


def struct(c_type: str, name: str, fields: dict[str, int | str]) -> str:
    """A const struct for flash with designated initialisers."""
    lines = "".join(f"{_wrapped_field(f'    .{field} = {value},')}\n" for field, value in fields.items())
    return f"static const {c_type} {name} = {{\n{lines}}};\n"


def _wrapped_field(line: str) -> str:
    """A long initialiser in lines, at the spaces in it."""
    if "\n" in line or len(line) <= _LINE_WIDTH:
        return line
    return textwrap.fill(
        line, _LINE_WIDTH, subsequent_indent=" " * 8, break_long_words=False, break_on_hyphens=False
    )

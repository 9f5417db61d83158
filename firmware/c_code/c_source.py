"""Pieces of C text: identifiers, comments, constants."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError

_IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z")
_LINE_WIDTH: Final = 100

# C99 and C++11 (the header is included from sketches), and the headers that the sources include.
_RESERVED: Final = frozenset(
    re.findall(
        r"\w+",
        """
    alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t class compl
    const const_cast constexpr continue decltype default delete do double dynamic_cast else enum explicit
    export extern false float for friend goto if inline int long mutable namespace new noexcept not
    not_eq nullptr operator or or_eq private protected public register reinterpret_cast restrict return short
    signed sizeof static static_assert static_cast struct switch template this thread_local throw true try
    typedef typeid
    typename union unsigned using virtual void volatile wchar_t while xor xor_eq stdint stddef stdbool Arduino
    """,
    )
)


def check_identifier(name: str) -> None:
    """Refuse a name that C, C++ or the generated sources cannot use.

    Raises:
        ModelError: not a C identifier of at most 63 characters, a keyword, or in zerotap's own name space.
    """
    if not _IDENTIFIER.match(name) or name in _RESERVED or name.lower().startswith("zerotap"):
        raise ModelError(
            f"{name!r} cannot name a model in C: use letters, digits and underscores, a letter first, at "
            "most 63 characters, no keyword, not beginning with 'zerotap'."
        )


def comment_text(text: str) -> str:
    """Text that may stand inside a C comment: printable ASCII that does not end the comment."""
    printable = re.sub(r"[^ -~]", "?", text)
    return printable.replace("*/", "* /").replace("/*", "/ *").replace("??", "? ?")


def array(c_type: str, name: str, values: NDArray[Any] | Iterable[int]) -> str:
    """A const array for flash, aligned to a word, its values wrapped into lines."""
    flat = np.asarray(values).ravel().tolist()
    return f"ZEROTAP_ALIGNED static const {c_type} {name}[{len(flat)}] = {{\n{wrapped(flat)}\n}};\n"


def wrapped(values: list[int]) -> str:
    """Values for an initialiser, in lines."""
    lines, line = [], ""
    for value in values:
        item = _literal(value) + ","
        if len(line) + len(item) + 1 > _LINE_WIDTH:
            lines.append(line)
            line = ""
        line = f"{line} {item}" if line else f"    {item}"
    return "\n".join([*lines, line])


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
    return "(-2147483647 - 1)" if value == -(1 << 31) else str(value)


def struct(c_type: str, name: str, fields: dict[str, int | str]) -> str:
    """A const struct for flash with designated initialisers."""
    lines = "".join(f"    .{field} = {value},\n" for field, value in fields.items())
    return f"static const {c_type} {name} = {{\n{lines}}};\n"

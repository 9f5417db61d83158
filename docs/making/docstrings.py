"""Docstrings of this package are plain text with code in backticks; Sphinx reads reStructuredText."""

from __future__ import annotations

import re

_CODE = re.compile(r"(``[^`]+``|`[^`]+`)")


def as_restructured_text(lines: list[str]) -> list[str]:
    """Return a docstring's lines to be read literally: `code` as code, indented lines as a block."""
    made: list[str] = []
    in_block = False
    for line in lines:
        indented = line.startswith(" ")
        if indented and not in_block:
            made += ["", "::", ""]
        elif in_block and line.strip() and not indented:
            made.append("")
        in_block = indented or (in_block and not line.strip())
        made.append(line if indented else _escaped(line))
    return made


def _escaped(line: str) -> str:
    return "".join(_code(part) if part.startswith("`") else _text(part) for part in _CODE.split(line))


def _code(part: str) -> str:
    return f"``{part.strip('`')}``"


def _text(part: str) -> str:
    return re.sub(r"([*|]|_(?!\w))", r"\\\1", part)

"""Docstrings of this package are plain text with code in backticks; Sphinx reads reStructuredText."""

from __future__ import annotations

import re

_CODE = re.compile(r"(``[^`]+``|`[^`]+`)")


def as_restructured_text(lines: list[str]) -> list[str]:
    """Return a docstring's lines to be read literally: `code` as code, indented lines as a block.

    Lines that begin with "- " are a list, the indented ones after them go on with it.
    """
    made: list[str] = []
    place = "text"
    for line in lines:
        if line.startswith("- "):
            made += [""] * (place != "list")
            place = "list"
        elif line.startswith(" ") and place == "text":
            made += ["", "::", ""]
            place = "block"
        elif line.strip() and not line.startswith(" "):
            made += [""] * (place != "text")
            place = "text"
        made.append(line if place == "block" else _escaped(line))
    return made


def _escaped(line: str) -> str:
    return "".join(_code(part) if part.startswith("`") else _text(part) for part in _CODE.split(line))


def _code(part: str) -> str:
    return f"``{part.strip('`')}``"


def _text(part: str) -> str:
    return re.sub(r"([*|]|_(?!\w))", r"\\\1", part)

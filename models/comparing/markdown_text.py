"""Markdown of texts that come from anywhere: a class may be called "</td>|`@*x*`"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from zerotap.reporting import visible

_SPECIAL: Final = re.compile(
    r"""
    [\\`*\[\]#|~&$]
    | (?<![^\W_]) _ | _ (?![^\W_])       # inside a word it is none
    | < (?!\s)
    | ^ [-+=>] | ^ \d (?= \d* [.)] (?: \s|$ ))  # at the beginning of a line alone
    """,
    re.VERBOSE,
)


def escaped(text: str) -> str:
    """The text as Markdown that shows it: what would be a mark, a tag or a table's edge is an entity.

    Line feeds, and what else does not show, are their escapes; so it is one line of a paragraph or a cell.
    """
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", visible(text).replace("\t", " ").strip())


def table(header: Sequence[str], rows: Sequence[Sequence[str]], numbers: int) -> str:
    """A table of cells that are Markdown; all but the first ``len(header) - numbers`` columns are numbers."""
    sides = ["---"] * (len(header) - numbers) + ["---:"] * numbers
    return "\n".join(f"| {' | '.join(row)} |" for row in (header, sides, *rows))


def code_block(text: str) -> str:
    """A block that shows the text as it is, in one line."""
    longest = max(map(len, re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}console\n$ {visible(text)}\n{fence}"

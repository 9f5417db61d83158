"""Rings in C: rows that lie one behind the other, the newest last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from zerotap.firmware.planning.streaming.levels import Level

_WORD: Final = 4


def room(level: Level, ring: str) -> list[str]:
    """The statement that makes room for a row; what was the newest stays where it is, too."""
    if level.held == 1:
        return []
    function, amount = _slide(level)
    return [f"{function}({ring}, {level.row_bytes}, {amount});"]


def slide_function(level: Level) -> str:
    """What the statement calls."""
    return _slide(level)[0]


def _slide(level: Level) -> tuple[str, int]:
    size = (level.held - 1) * level.row_bytes
    if level.row_bytes % _WORD:
        return "zerotap_slide_bytes", size
    return "zerotap_slide", size // _WORD


def newest(level: Level, ring: str) -> str:
    """The C expression of the newest row."""
    offset = (level.held - 1) * level.row_bytes
    return f"{ring} + {offset}" if offset else ring


def lines(statements: Sequence[str]) -> str:
    """Statements as the lines of a function's body."""
    return "".join(f"    {statement}\n" for statement in statements)

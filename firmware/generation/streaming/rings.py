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
    amount = (level.held - 1) * level.row_bytes // (_WORD if level.is_of_words else 1)
    return [f"{level.slide}({ring}, {level.row_bytes}, {amount});"]


def newest(level: Level, ring: str) -> str:
    """The C expression of the newest row."""
    offset = (level.held - 1) * level.row_bytes
    return f"{ring} + {offset}" if offset else ring


def lines(statements: Sequence[str]) -> str:
    """Statements as the lines of a function's body."""
    return "".join(f"    {statement}\n" for statement in statements)

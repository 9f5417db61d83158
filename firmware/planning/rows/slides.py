"""What it costs that rows of a ring make room for a new one."""

from __future__ import annotations

from typing import Final

_CALL_CYCLES: Final = 10
_BLOCK: Final = 4
_BLOCK_CYCLES: Final = 13
_WORD_CYCLES: Final = 7
_ONCE_CYCLES: Final = 15
_NO_BLOCK_CYCLES: Final = 17
_NO_WORD_CYCLES: Final = 2


def slide_cycles(words: int) -> int:
    """Cycles of zerotap_slide, as counted there; its call left out."""
    blocks, left = divmod(words, _BLOCK)
    behind = _WORD_CYCLES * left if left else _NO_WORD_CYCLES
    return (_ONCE_CYCLES + _BLOCK_CYCLES * blocks if blocks else _NO_BLOCK_CYCLES) + behind


def room_cycles(words: int) -> int:
    """Cycles of making room, the call included; none where there is nothing to move."""
    return slide_cycles(words) + _CALL_CYCLES if words else 0

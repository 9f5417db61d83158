"""What each function of runtime/ that models call costs on the board: arm-none-eabi-gcc 12.2 -O2, measured.

tests/firmware/test_runtime_costs.py compiles them all and prints these tables anew where they differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """``code_bytes`` of flash; ``stack_bytes`` of a call, what it ``calls`` included."""

    code_bytes: int
    stack_bytes: int
    calls: tuple[str, ...] = ()


RUNTIME: Final[dict[str, Code]] = {}

# Flash of the compiler's own functions, with what they call.
HELPERS: Final[dict[str, int]] = {}

"""The veneers that linkers put between a BL and a function farther away than its 16 MB: from flash to RAM.

Each saves what it needs on the stack, gives it back, and jumps to the address in its literal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .program import Program

# The instructions of each, where the literal is, and the bytes of stack: GNU ld's, and lld's.
_KINDS: Final = (
    (bytes.fromhex("01b40248844601bc6047"), 12, 4),  # push {r0}; ldr r0; mov ip, r0; pop {r0}; bx ip
    (bytes.fromhex("03b40148019001bd"), 8, 8),  # push {r0, r1}; ldr r0; str r0, [sp, #4]; pop {r0, pc}
)


@dataclass(frozen=True, slots=True)
class Veneer:
    """Where it jumps to, and the bytes of stack that it takes before."""

    target: int
    stack_bytes: int


def veneer_at(program: Program, address: int) -> Veneer | None:
    """The veneer at an address, where there is one."""
    for code, literal, stack_bytes in _KINDS:
        if program.code(address, len(code)) == code:
            word = program.code(address + literal, 4) or b""
            return Veneer(int.from_bytes(word, "little") & ~1, stack_bytes)
    return None

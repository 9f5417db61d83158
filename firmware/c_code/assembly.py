"""ARMv6-M assembly as lines of text: what it costs, to the byte and the cycle, and a function of it.

An instruction is indented by four spaces, a label is not; numbers that no instruction holds are loaded by
``ldr rN, =VALUE`` and lie behind the function.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_CYCLES: Final = dict.fromkeys(("ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "str", "strb", "strh"), 2) | {
    **dict.fromkeys(("b", "bx"), 2),
    **dict.fromkeys(("bl", "blx"), 3),
}
"""Of instructions that take more than one (Cortex-M0+ TRM, table 3-1; zero wait states)."""
_WIDE: Final = "bl"
_LISTS: Final = frozenset({"push", "pop", "ldmia", "stmia"})
_RANGE: Final = re.compile(r"r(\d+)-r(\d+)")


@dataclass(frozen=True, slots=True)
class AssemblyFunction:
    """A function of a model's own: assembly on the board, C for all other processors.

    ``name`` begins with its layer's label; ``declaration`` is its prototype in C without the semicolon,
    ``portable`` the statements of its body. ``lines`` of assembly end in a return. ``about`` says what it
    computes, and the ranges that are proven, in the comment before it. ``stack_bytes``: what it takes.
    """

    name: str
    declaration: str
    lines: tuple[str, ...]
    portable: str
    about: str
    stack_bytes: int = 0

    @property
    def code_bytes(self) -> int:
        """Flash of it, its literals and the filling before it included."""
        return code_bytes(self.lines)

    def assembly(self, name: str) -> str:
        """The text for the assembler, under another ``name``."""
        return f"/* {self.about} */\n{function_text(name, self.lines)}"


DIALECT: Final = "    .syntax unified\n    .thumb\n"
"""Begins a file of functions."""


def function_text(name: str, lines: Iterable[str]) -> str:
    """A function for the assembler: a section of its own, so that a linker leaves out what nothing calls."""
    head = [f'    .section .text.{name}, "ax", %progbits', "    .balign 4", f"    .global {name}"]
    head += [f"    .type {name}, %function", "    .thumb_func", f"{name}:"]
    return "\n".join([*head, *lines, "    .pool", f"    .size {name}, . - {name}", ""])


def instructions(*lines: str) -> list[str]:
    """Instructions as lines."""
    return [f"    {line}" for line in lines]


def code_bytes(lines: Iterable[str]) -> int:
    """Flash of a function, whole words: its instructions, and each different literal once."""
    own = [line.strip() for line in lines if line.startswith(" ")]
    literals = {line.partition("=")[2] for line in own if "=" in line}
    halves = sum(2 if line.split()[0] == _WIDE else 1 for line in own)
    return -(-2 * halves // 4) * 4 + 4 * len(literals)


def cycles(lines: Iterable[str]) -> int:
    """Cycles of lines that run one after the other.

    A conditional branch counts as not taken: over one instruction of one cycle it takes as long either way.
    """
    return sum(_cycles_of(line.strip()) for line in lines if line.startswith(" "))


def _cycles_of(instruction: str) -> int:
    name, _, operands = instruction.partition(" ")
    if name not in _LISTS:
        return 2 if _jumps(name, operands) else _CYCLES.get(name, 1)
    listed = operands[operands.index("{") + 1 : operands.index("}")]
    return _registers(listed) + (3 if "pc" in listed else 1)


def _jumps(name: str, operands: str) -> bool:
    return name in ("mov", "add") and operands.startswith("pc,")


def _registers(listed: str) -> int:
    ranges = _RANGE.findall(listed)
    return sum(int(last) - int(first) for first, last in ranges) + len(listed.split(","))

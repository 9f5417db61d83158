"""ARMv6-M assembly as lines of text: its bytes, cycles and stack, exactly, and a function of it.

An instruction is indented by four spaces, a label is not; numbers that no instruction holds are loaded by
``ldr rN, =VALUE`` and lie behind the function.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

_CYCLES: Final = dict.fromkeys(("ldr", "ldrb", "ldrh", "ldrsb", "ldrsh", "str", "strb", "strh"), 2) | {
    **dict.fromkeys(("b", "bx"), 2),
    **dict.fromkeys(("bl", "blx"), 3),
}
"""Of instructions that take more than one (Cortex-M0+ TRM, table 3-1; zero wait states)."""
_WIDE: Final = "bl"
_LISTS: Final = frozenset({"push", "pop", "ldmia", "stmia"})
_RANGE: Final = re.compile(r"r(\d+)-r(\d+)")
_ROOM: Final = re.compile(r"(sub|add) sp, #(\d+)")

SAVED: Final = (
    *("push {r4-r7, lr}", "mov r4, r8", "mov r5, r9", "mov r6, r10", "mov r7, r11"),
    "push {r4-r7}",
)
"""Begins a function that uses every register."""
RESTORED: Final = (
    *("pop {r4-r7}", "mov r8, r4", "mov r9, r5", "mov r10, r6", "mov r11, r7"),
    "pop {r4-r7, pc}",
)
"""Ends it, with the stack as SAVED left it."""


@dataclass(frozen=True, slots=True)
class AssemblyFunction:
    """A function of a model's own: assembly on the board, C for all other processors.

    ``name`` begins with its layer's label; ``declaration`` is its prototype in C without the semicolon,
    ``portable`` the statements of its body. ``lines`` of assembly end in a return. ``about`` says what it
    computes, and the ranges that are proven, in the comment before it.
    """

    name: str
    declaration: str
    lines: tuple[str, ...]
    portable: str
    about: str

    @property
    def code_bytes(self) -> int:
        """Flash of it, its literals and the filling before it included."""
        return code_bytes(self.lines)

    @property
    def stack_bytes(self) -> int:
        """What a call takes of the stack."""
        return stack_bytes(self.lines)

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
    """Instructions, and labels to skip to, as lines."""
    return [line if line.endswith(":") else f"    {line}" for line in lines]


def code_bytes(lines: Iterable[str]) -> int:
    """Flash of a function, whole words: its instructions, and each different literal once."""
    own = _counted(lines)
    literals = {line.literal for line, _ in own if line.literal}
    return -(-2 * sum(line.halves * count for line, count in own) // 4) * 4 + 4 * len(literals)


def stack_bytes(lines: Iterable[str]) -> int:
    """The deepest stack of lines that run in their order: what is pushed, and the room that is made."""
    lines = tuple(lines)
    moving = {line: pushed for line in set(lines) if (pushed := _measured(line).pushed)}
    return max(accumulate((moving[line] for line in lines if line in moving), initial=0))


def cycles(lines: Iterable[str]) -> int:
    """Cycles of lines that run one after the other.

    A conditional branch counts as not taken: over one instruction of one cycle it takes as long either way.
    """
    return sum(line.cycles * count for line, count in _counted(lines))


def _counted(lines: Iterable[str]) -> list[tuple[_Line, int]]:
    """Each different instruction, and how often it is there: of the thousands in a layer few differ."""
    return [(_measured(line), count) for line, count in Counter(lines).items() if line.startswith(" ")]


class _Line(NamedTuple):
    """Of one line: ``halves`` of a word, the ``literal`` that it loads, bytes ``pushed``, ``cycles``."""

    halves: int
    literal: str
    pushed: int
    cycles: int


@lru_cache(maxsize=1 << 14)
def _measured(line: str) -> _Line:
    instruction = line.strip()
    halves = 2 if instruction.partition(" ")[0] == _WIDE else 1
    literal = instruction.partition("=")[2]
    return _Line(halves, literal, _pushed(instruction), _cycles_of(instruction))


def _pushed(instruction: str) -> int:
    """Bytes by which the stack grows, negative where it shrinks."""
    if room := _ROOM.fullmatch(instruction):
        return int(room[2]) * (1 if room[1] == "sub" else -1)
    name = instruction.partition(" ")[0]
    if name not in ("push", "pop"):
        return 0
    return 4 * _registers(_listed(instruction)) * (1 if name == "push" else -1)


def _cycles_of(instruction: str) -> int:
    name, _, operands = instruction.partition(" ")
    if name not in _LISTS:
        return 2 if _jumps(name, operands) else _CYCLES.get(name, 1)
    listed = _listed(instruction)
    return _registers(listed) + (3 if "pc" in listed else 1)


def _listed(instruction: str) -> str:
    return instruction[instruction.index("{") + 1 : instruction.index("}")]


def _jumps(name: str, operands: str) -> bool:
    return name in ("mov", "add") and operands.startswith("pc,")


def _registers(listed: str) -> int:
    ranges = _RANGE.findall(listed)
    return sum(int(last) - int(first) for first, last in ranges) + len(listed.split(","))

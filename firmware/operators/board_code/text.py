"""Assembly that is written and timed at once: lines, and the cycles of a call with its loops."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from zerotap.firmware.c_code.assembly import code_bytes, cycles, instructions

# What a conditional branch reaches, with a margin for the instructions around it.
_NEAR_BYTES: Final = 240


@dataclass(slots=True)
class Text:
    """Lines of a function so far, and the cycles of one call: lines of a loop count as often as they run."""

    lines: list[str] = field(default_factory=list)
    cycles: int = 0

    def add(self, code: Iterable[str], times: int = 1) -> None:
        """Instructions, and labels to skip to, that run so many times a call."""
        lines = instructions(*code)
        self.lines += lines
        self.cycles += times * cycles(lines)

    def label(self, name: str) -> None:
        """A place to jump to."""
        self.lines.append(f"{name}:")

    def include(self, other: Text, times: int = 1) -> None:
        """What another text has, which runs so many times."""
        self.lines += other.lines
        self.cycles += times * other.cycles

    def loop(self, label: str, once: Text, turns: int, compare: Sequence[str]) -> None:
        """``once`` for so many turns; ``compare`` leaves the flags "equal" after the last one."""
        self.label(label)
        self.include(once, turns)
        self.add(compare, turns)
        if code_bytes(once.lines) + 2 * len(compare) < _NEAR_BYTES:
            self.add([f"bne {label}b"], turns)
            self.cycles += turns - 1
        else:
            self.add(["beq 99f", f"b {label}b"], turns)
            self.cycles -= 1  # the last time: taken, 2 cycles for 3
            self.label("99")


def immediate(register: str, value: int) -> list[str]:
    """The fewest instructions that set a low register to a number, without a literal behind the function."""
    if value < 0:
        return [*immediate(register, -value), f"rsbs {register}, {register}, #0"]
    shift = (value & -value).bit_length() - 1 if value else 0
    if value < 256:
        return [f"movs {register}, #{value}"]
    if value >> shift < 256:
        return [f"movs {register}, #{value >> shift}", f"lsls {register}, {register}, #{shift}"]
    upper = [*immediate(register, value >> 8), f"lsls {register}, {register}, #8"]
    return [*upper, f"adds {register}, #{value & 255}"] if value & 255 else upper


def moved(register: str, by: int, scratch: str) -> list[str]:
    """A low register that becomes larger or smaller by a number; ``scratch`` is lost where that is large."""
    if by == 0:
        return []
    if abs(by) < 256:
        return [f"{'adds' if by > 0 else 'subs'} {register}, #{abs(by)}"]
    return [*immediate(scratch, abs(by)), f"{'adds' if by > 0 else 'subs'} {register}, {register}, {scratch}"]

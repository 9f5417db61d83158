"""Words of two inputs to those that filters want: each position's as they are, and less the next one's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.c_code.assembly import cycles, instructions
from zerotap.firmware.operators.straight.sums import WORD_BYTES, moved

# So many words at once, so that a branch reaches back over all.
_AT_ONCE: Final = 24


@dataclass(frozen=True, slots=True)
class Spreading:
    """``lines`` that read words from r0 on and write twice as many from r2 on; ``cycles`` of them.

    What is read may end one row behind what is written. r0 to r8 and r12 are lost.
    """

    lines: tuple[str, ...]
    cycles: int


def spreading(channels: int, rows: int) -> Spreading:
    """For ``rows`` of a word for each channel, and one more that is only subtracted."""
    row = WORD_BYTES * channels
    size = next(each for each in range(min(channels, _AT_ONCE), 0, -1) if channels % each == 0)
    begin = instructions("mov r1, r0", *moved("r1", row), "mov r3, r2", *moved("r3", row))
    begin += instructions(*number("r4", row * rows), "adds r4, r4, r0", "mov r8, r4")
    some = instructions(*_words(size))
    skip = instructions(*moved("r2", row), *moved("r3", row), "cmp r0, r8")
    if size == channels:
        lines = ["1:", *some, *skip, *instructions("bne 1b")]
        return Spreading((*begin, *lines), cycles(begin) + rows * (cycles(lines) + 1) - 1)
    times, ends = channels // size, instructions("mov r4, r0", *moved("r4", row), "mov r12, r4")
    loop = [*some, *instructions("cmp r0, r12", "bne 2b")]
    lines = ["1:", *ends, "2:", *loop, *skip, *instructions("bne 1b")]
    around = cycles(ends) + times * (cycles(loop) + 1) - 1 + cycles(skip) + 2
    return Spreading((*begin, *lines), cycles(begin) + rows * around - 1)


def _words(count: int) -> list[str]:
    lines: list[str] = []
    for _ in range(count // 2):
        lines += ["ldmia r0!, {r4, r5}", "ldmia r1!, {r6, r7}", "stmia r2!, {r4, r5}"]
        lines += ["subs r4, r4, r6", "subs r5, r5, r7", "stmia r3!, {r4, r5}"]
    if count % 2:
        lines += ["ldmia r0!, {r4}", "ldmia r1!, {r6}", "stmia r2!, {r4}"]
        lines += ["subs r4, r4, r6", "stmia r3!, {r4}"]
    return lines


def number(register: str, value: int) -> list[str]:
    """Instructions that load a number from 0 on, byte by byte."""
    upper, *others = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    lines = [f"movs {register}, #{upper}"]
    for each in others:
        lines += [f"lsls {register}, {register}, #8", f"adds {register}, #{each}"]
    return lines

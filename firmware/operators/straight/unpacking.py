"""A row of inputs to words of two, in assembly: as dots pairs them, by words where the row is aligned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from zerotap.firmware.c_code.assembly import cycles, instructions

_MASKS: Final = (0x00FF00FF, 0x80808080, 0x00800080)
# So many times four inputs are written out, more are a loop.
_WRITTEN_OUT: Final = 4
_FOUR: Final = (
    "ldmia r0!, {r7}",
    "eors r7, r5",
    "mov r3, r7",
    "ands r3, r4",
    "subs r3, r3, r6",
    "lsrs r7, r7, #8",
    "ands r7, r4",
    "subs r7, r7, r6",
    "stmia r1!, {r3, r7}",
)
_FOUR_BYTES: Final = (
    *("movs r7, #2", "ldrsb r3, [r0, r7]", "movs r7, #0", "ldrsb r5, [r0, r7]"),
    *("lsls r3, r3, #16", "adds r5, r5, r3"),
    *("movs r7, #3", "ldrsb r3, [r0, r7]", "movs r7, #1", "ldrsb r6, [r0, r7]"),
    *("lsls r3, r3, #16", "adds r6, r6, r3", "stmia r1!, {r5, r6}", "adds r0, #4", "subs r4, #1"),
)


@dataclass(frozen=True, slots=True)
class Packing:
    """``lines`` that write the words of r0's inputs to r1 on; they read ``words`` from r2 on.

    ``cycles``: of inputs that are aligned to 4 bytes, and of others, the same where none are. r3 to r7 and lr
    are lost.
    """

    lines: tuple[str, ...]
    words: tuple[int, ...]
    cycles: tuple[int, int]


def packing(inputs: int, is_aligned: bool) -> Packing:
    """For a row of so many inputs, at least one; ``is_aligned``: every row is, to 4 bytes."""
    fours, rest = inputs // 4, _rest(inputs % 4)
    if fours == 0:
        return Packing(tuple(rest), (), (cycles(rest), cycles(rest)))
    masks = instructions("ldmia r2!, {r4, r5, r6}")
    fast, fast_cycles = _by_words(fours)
    if is_aligned:
        taken = cycles(masks) + fast_cycles + cycles(rest)
        return Packing((*masks, *fast, *rest), _MASKS, (taken, taken))
    begin = [*masks, *instructions("lsls r7, r0, #30", "bne 1f")]
    slow = instructions(f"movs r4, #{fours}")
    slow_loop = ["2:", *instructions(*_FOUR_BYTES, "bne 2b")]
    lines = [*begin, *fast, *instructions("b 3f"), "1:", *slow, *slow_loop, "3:", *rest]
    around = cycles(begin) + cycles(rest)
    slow_cycles = cycles(slow) + fours * (cycles(slow_loop) + 1) - 1
    # A branch that is taken, and one over the other way.
    return Packing(tuple(lines), _MASKS, (around + fast_cycles + 2, around + 1 + slow_cycles))


def _by_words(fours: int) -> tuple[list[str], int]:
    """Four inputs at a time: the lines, and what they take."""
    if fours <= _WRITTEN_OUT:
        lines = instructions(*_FOUR * fours)
        return lines, cycles(lines)
    times = next(each for each in (4, 3, 2, 1) if fours % each == 0)
    shift = 2 if fours < 64 else 3
    end = [f"movs r7, #{fours * 4 >> shift}", f"lsls r7, r7, #{shift}", "adds r7, r7, r0", "mov lr, r7"]
    if fours * 4 >> shift << shift != fours * 4:
        end.insert(2, "adds r7, #4")
    loop = ["4:", *instructions(*_FOUR * times, "cmp r0, lr", "bne 4b")]
    return [*instructions(*end), *loop], cycles(instructions(*end)) + fours // times * (cycles(loop) + 1) - 1


def _rest(count: int) -> list[str]:
    """One to three inputs behind: the first two share a word, the last has its own."""
    lines = []
    if count > 1:
        lines += ["movs r7, #1", "ldrsb r3, [r0, r7]", "lsls r3, r3, #16", "movs r7, #0"]
        lines += ["ldrsb r4, [r0, r7]", "adds r3, r3, r4", "stmia r1!, {r3}"]
    if count % 2:
        lines += [f"movs r7, #{count - 1}", "ldrsb r3, [r0, r7]", "stmia r1!, {r3}"]
    return instructions(*lines)

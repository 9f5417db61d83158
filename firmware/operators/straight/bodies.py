"""The text for a few outputs: their sums at two positions, turn by turn along the packed words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import RESTORED, SAVED, code_bytes, cycles, instructions
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales

from .ends import LATE_BYTES, Ending, Places, Target, end_lines, kept_result
from .sums import PAIR, POINTER, TEMPORARY, TRIPLE, WORD_BYTES, Registers, moved, sums

# How far a branch reaches back, with some room: BNE, and B (of two bytes a line).
_NEAR_BYTES: Final = 240
_FAR_LINES: Final = 1000
_FIRST_HOP: Final = 11


@dataclass(frozen=True, slots=True)
class Body:
    """The part of a function that computes a few outputs: its ``lines``, and what they take.

    ``once_cycles``: beside its turns.
    """

    lines: tuple[str, ...]
    once_cycles: int
    turn_cycles: int

    def cycles(self, turns: int) -> int:
        """For so many turns."""
        return self.once_cycles + turns * self.turn_cycles


@dataclass(frozen=True, slots=True)
class Before:
    """What a function computed before some outputs: how many, the last of them together."""

    outputs: int = 0
    together: int = 0


ENTRY: Final = (*SAVED, "push {r0-r3}", "sub sp, #20")
"""Begins a function of bodies: called with r0 the packed words, r1 where their turns end, r2 the output, or
for means the sums, r3 the outputs' constants."""
LEAVE: Final = ("add sp, #36", *RESTORED)
# What it was called with, on the stack; below it lie an output, constants and three totals of a body.
_PACKED, _END, _OUTPUT, _SCALES = (f"[sp, #{at}]" for at in (20, 24, 28, 32))


def body(
    rows: NDArray[np.int64],
    words: int,
    form: Scales,
    late: LateScales | None,
    target: Target,
    before: Before,
) -> Body:
    """The text for weights (one to three outputs, inputs); each turn is ``words`` behind the one before.

    ``form``, and ``late`` if it is there: what the sums of these outputs become.
    """
    frame = _Frame.of(len(rows), target)
    made = sums(rows, frame.registers)
    loop = list(made.lines)
    loop += end_lines(made, frame.registers, form, late, target, frame.places)
    loop += instructions(*moved(POINTER, WORD_BYTES * (words - made.words)), *frame.compared)
    size_bytes = LATE_BYTES if late else form.size_bytes
    entry, leave = frame.entry(target, before, size_bytes), frame.stored_totals(target, form)
    way = turned(loop)
    once = cycles(entry) + cycles(leave) - way.last_cycles
    return Body((*entry, *way.lines, *leave), once, way.turn_cycles)


@dataclass(frozen=True, slots=True)
class Way:
    """A loop's lines, what a turn takes, and how much less the last one does."""

    lines: tuple[str, ...]
    turn_cycles: int
    last_cycles: int


def turned(loop: list[str]) -> Way:
    """The loop with its way back."""
    if code_bytes(loop) <= _NEAR_BYTES:
        lines = ["1:", *loop, *instructions("bne 1b")]
        return Way(tuple(lines), cycles(lines) + 1, 1)
    lines, hops = _with_hops(["1:", *loop])
    back = f"b {_FIRST_HOP + hops - 1 if hops else 1}b"
    lines += [*instructions("beq 9f", back), "9:"]
    return Way(tuple(lines), cycles(lines), 2 * hops + 1)


def _with_hops(lines: list[str]) -> tuple[list[str], int]:
    """Lines with places to jump to, from each of which a jump reaches the one before; and how many.

    Each is jumped over on the way, and jumped from on the way back.
    """
    found: list[str] = []
    hops, begin, end = 0, 0, _FAR_LINES
    while end <= len(lines):
        if _is_skipped_over(lines[end - 1], lines[end] if end < len(lines) else ""):
            end += 1
            continue
        before = _FIRST_HOP + hops - 1 if hops else 1
        hop = [f"{_FIRST_HOP + hops}:", *instructions(f"b {before}b")]
        found += [*lines[begin:end], *instructions("b 10f"), *hop, "10:"]
        hops, begin, end = hops + 1, end, end + _FAR_LINES
    return [*found, *lines[begin:]], hops


def _is_skipped_over(line: str, after: str) -> bool:
    """Whether a branch may go by what stands between both: nothing may be there that takes time."""
    return after.endswith(":") or line.endswith(":") or line.strip().startswith("b")


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a body keeps what it needs from turn to turn; ``compared`` tells whether the turns have ended."""

    registers: Registers
    places: Places
    compared: tuple[str, ...]

    @staticmethod
    def of(outputs: int, target: Target) -> _Frame:
        """In high registers where they are free, as with two outputs, or on the stack."""
        is_kept = target.ending.is_kept
        if outputs < len(TRIPLE.sums):
            totals = ("r11", "r12") if is_kept else ()
            at = ("[sp, #4]", "") if is_kept else ("r12", "r11")
            return _Frame(PAIR, Places(*at, ("r8", "r9"), totals), ("cmp r0, r10",))
        on_stack = ("[sp, #8]", "[sp, #12]", "[sp, #16]") if is_kept else ()
        places = Places("[sp, #4]", "[sp, #0]", ("r8", "r9", "r10", "r11", "r12"), on_stack)
        compared = (f"ldr {TEMPORARY}, {_END}", f"cmp {POINTER}, {TEMPORARY}")
        return _Frame(TRIPLE, places, compared)

    def entry(self, target: Target, before: Before, size_bytes: int) -> list[str]:
        """Put everything where the turns want it; ``size_bytes`` of an output's constants."""
        lines = [f"ldr r0, {_PACKED}", *self._scales(before, size_bytes)]
        if not target.ending.is_kept:
            lines += [f"ldr r4, {_OUTPUT}", *moved("r4", target.first), _stored("r4", self.places.output)]
        lines += self._totals(target)
        was_triple = before.together == len(TRIPLE.sums)
        if before.together and was_triple == (self.registers is TRIPLE):
            return instructions(*lines)
        if self.registers is not TRIPLE:
            lines += [f"ldr r4, {_END}", "mov r10, r4"]
        return instructions(*lines, "movs r4, #128", "lsls r4, r4, #8", f"mov {self.registers.half}, r4")

    def _scales(self, before: Before, size_bytes: int) -> list[str]:
        """Where these outputs' constants are: behind those of the outputs before."""
        place, was_triple = self.places.scales, before.together == len(TRIPLE.sums)
        if before.together and was_triple == (self.registers is TRIPLE):
            load = f"ldr r4, {place}" if place.startswith("[") else f"mov r4, {place}"
            return [load, *moved("r4", size_bytes * before.together), _stored("r4", place)]
        return [f"ldr r4, {_SCALES}", *moved("r4", size_bytes * before.outputs), _stored("r4", place)]

    def _totals(self, target: Target) -> list[str]:
        """What is kept of all turns begins with nothing."""
        if not self.places.totals:
            return []
        least = target.ending is Ending.LARGEST
        start = ["movs r4, #1", "lsls r4, r4, #31"] if least else ["movs r4, #0"]
        return [*start, *(_stored("r4", total) for total in self.places.totals)]

    def stored_totals(self, target: Target, form: Scales) -> list[str]:
        """Store what is kept of all turns."""
        if not self.places.totals:
            return []
        width = 1 if target.ending is Ending.LARGEST else WORD_BYTES
        lines = instructions(f"ldr r0, {_OUTPUT}", *moved("r0", width * target.first))
        for number, (channel, total) in enumerate(zip(target.channels, self.places.totals, strict=False)):
            if target.ending is Ending.LARGEST:
                lines += kept_result(form, total, self.places.scales, number)
                lines += instructions(f"strb r1, [r0, #{channel}]")
            else:
                load = "ldr r1, " if total.startswith("[") else "mov r1, "
                lines += instructions(load + total, f"str r1, [r0, #{WORD_BYTES * channel}]")
        return lines


def _stored(register: str, place: str) -> str:
    return f"str {register}, {place}" if place.startswith("[") else f"mov {place}, {register}"

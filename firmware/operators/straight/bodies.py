"""A function for a few outputs: their sums at two positions, turn by turn along the packed words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import RESTORED, SAVED, code_bytes, cycles, instructions, stack_bytes
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales

from .ends import Ending, Places, Target, end_lines, kept_result
from .sums import PAIR, PAIR_WITH_BIAS, POINTER, TEMPORARY, TRIPLE, WORD_BYTES, Registers, moved, sums

# How far a branch reaches back, with some room: BNE, and B.
_NEAR_BYTES: Final = 240
_FAR_BYTES: Final = 2000
_FIRST_HOP: Final = 11


@dataclass(frozen=True, slots=True)
class Body:
    """The function's ``lines``, what it takes from the call to the return, and its stack."""

    lines: tuple[str, ...]
    call_cycles: int
    turn_cycles: int
    stack_bytes: int

    def cycles(self, turns: int) -> int:
        """Of a call for so many turns."""
        return self.call_cycles + turns * self.turn_cycles


def body(rows: NDArray[np.int64], words: int, form: Scales, late: LateScales | None, target: Target) -> Body:
    """The function for weights (one to three outputs, inputs); each turn is ``words`` behind the one before.

    Called with r0 the packed words, r1 where its turns end, r2 the output, or for means the sums, r3 the
    outputs' constants. ``form``, and ``late`` if it is there: what the sums of these outputs become.
    """
    frame = _Frame.of(len(rows), target)
    made = sums(rows, frame.registers)
    loop = [*frame.before_sums, *made.lines]
    loop += end_lines(made, frame.registers, form, late, target, frame.places)
    loop += instructions(*moved(POINTER, WORD_BYTES * (words - made.words)), *frame.compared)
    entry, leave, way = frame.entry(target), frame.leave(target, form), _turned(loop)
    once = cycles(entry) + cycles(leave) - way.last_cycles
    lines = (*entry, *way.lines, *leave)
    return Body(lines, once, way.turn_cycles, stack_bytes(lines))


@dataclass(frozen=True, slots=True)
class _Way:
    """A loop's lines, what a turn takes, and how much less the last one does."""

    lines: tuple[str, ...]
    turn_cycles: int
    last_cycles: int


def _turned(loop: list[str]) -> _Way:
    """The loop with its way back."""
    if code_bytes(loop) <= _NEAR_BYTES:
        lines = ["1:", *loop, *instructions("bne 1b")]
        return _Way(tuple(lines), cycles(lines) + 1, 1)
    lines, hops = _with_hops(["1:", *loop])
    back = f"b {_FIRST_HOP + hops - 1 if hops else 1}b"
    lines += [*instructions("beq 9f", back), "9:"]
    return _Way(tuple(lines), cycles(lines), 2 * hops + 1)


def _with_hops(lines: list[str]) -> tuple[list[str], int]:
    """Lines with places to jump to, from each of which a jump reaches the one before; and how many.

    Each is jumped over on the way, and jumped from on the way back.
    """
    found: list[str] = []
    hops, behind = 0, 0
    for line in lines:
        found.append(line)
        behind += 2
        if behind >= _FAR_BYTES and line.startswith(" "):
            before = _FIRST_HOP + hops - 1 if hops else 1
            hop = [f"{_FIRST_HOP + hops}:", *instructions(f"b {before}b")]
            found += [*instructions("b 10f"), *hop, "10:"]
            hops, behind = hops + 1, 0
    return found, hops


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a function keeps what it was called with; ``compared`` tells whether the turns have ended."""

    registers: Registers
    places: Places
    compared: tuple[str, ...]
    before_sums: tuple[str, ...]

    @staticmethod
    def of(outputs: int, target: Target) -> _Frame:
        """In high registers where they are free, as with two outputs, or on the stack."""
        is_kept = target.ending.is_kept
        if outputs < len(TRIPLE.sums):
            totals = ("r11", "r12") if is_kept else ()
            places = Places("lr" if is_kept else "r12", "[sp]" if is_kept else "r11", ("r8", "r9"), totals)
            return _Frame(PAIR if is_kept else PAIR_WITH_BIAS, places, ("cmp r0, r10",), ())
        on_stack = ("[sp, #12]", "[sp, #16]", "[sp, #20]") if is_kept else ()
        places = Places("[sp, #8]", "[sp, #4]", ("r8", "r9", "r10", "r11", "r12"), on_stack)
        compared = (f"ldr {TEMPORARY}, [sp]", f"cmp {POINTER}, {TEMPORARY}")
        half = tuple(instructions(f"movs {TRIPLE.half}, #128", f"lsls {TRIPLE.half}, {TRIPLE.half}, #8"))
        return _Frame(TRIPLE, places, compared, half)

    @property
    def _on_stack(self) -> bool:
        return self.registers is TRIPLE

    def entry(self, target: Target) -> list[str]:
        """Save registers and put away what it was called with."""
        lines = list(SAVED)
        totals, least = self.places.totals, target.ending is Ending.LARGEST
        start = ["movs r4, #1", "lsls r4, r4, #31"] if least else ["movs r4, #0"]
        if self._on_stack:
            begun = [*start, "mov r5, r4", "mov r6, r4", "push {r4-r6}"] if totals else []
            return instructions(*lines, *begun, "push {r1-r3}")
        lines.append("mov r10, r1")
        if totals:
            begun = [*start, *(f"mov {total}, r4" for total in totals)]
            return instructions(*lines, "push {r2}", *begun, f"mov {self.places.scales}, r3")
        lines += [f"mov {self.places.output}, r2", f"mov {self.places.scales}, r3"]
        return instructions(*lines, "movs r4, #128", "lsls r4, r4, #8", f"mov {self.registers.bias}, r4")

    def leave(self, target: Target, form: Scales) -> list[str]:
        """Store what is kept of all turns, and give all registers back."""
        lines = self._stored_totals(target, form) if self.places.totals else []
        if self._on_stack:
            lines += instructions(f"add sp, #{24 if self.places.totals else 12}")
        return [*lines, *instructions(*RESTORED)]

    def _stored_totals(self, target: Target, form: Scales) -> list[str]:
        lines = instructions(f"ldr r0, {self.places.output}" if self._on_stack else "pop {r0}")
        for number, (channel, total) in enumerate(zip(target.channels, self.places.totals, strict=False)):
            if target.ending is Ending.LARGEST:
                lines += kept_result(form, total, self.places.scales, number)
                lines += instructions(f"strb r1, [r0, #{channel}]")
            else:
                load = "ldr r1, " if total.startswith("[") else "mov r1, "
                lines += instructions(load + total, f"str r1, [r0, #{WORD_BYTES * channel}]")
        return lines

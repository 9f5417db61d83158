"""The text for two outputs: what two neighbouring positions share, then the rest of each, turn by turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import RESTORED, SAVED, cycles, instructions
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales
from zerotap.firmware.operators.straight.bodies import Body, turned
from zerotap.firmware.operators.straight.ends import (
    LATE_BYTES,
    Ending,
    Places,
    Target,
    end_lines,
    kept_result,
    kept_sums,
)
from zerotap.firmware.operators.straight.sums import PAIR, POINTER, WORD_BYTES, Stretch, moved, sums

from .filters import Filters
from .spreading import number, spreading

# On the stack: {whole, whole, high, high} of what is shared, the first position's four sums, and where
# constants are; above it what the function was called with.
_SUMS: Final = 16
_SCALES: Final = "[sp, #32]"
_ROOM: Final = 36
_WORDS, _, _OUTPUT, _CONSTANTS = (f"[sp, #{_ROOM + WORD_BYTES * at}]" for at in range(4))
LEAVE: Final = (f"add sp, #{_ROOM + 16}", *RESTORED)
_ALL: Final = "{r2, r3, r4, r5}"


@dataclass(frozen=True, slots=True)
class Words:
    """A function's words: ``rows`` of as many as there are ``channels``, of which each becomes two.

    ``step``: words from a turn to the next one's, of those that they become.
    """

    channels: int
    rows: int
    step: int

    @property
    def before(self) -> int:
        """Words that are free before those it is called with: the ones they become begin there."""
        return self.channels * self.rows


def entry(words: Words, turns: int) -> tuple[list[str], int]:
    """Begins a function: r0 has packed words, r2 the output, or for means the sums, r3 the constants.

    The lines, and their cycles.
    """
    begin = [*SAVED, "push {r0-r3}", f"sub sp, #{_ROOM}", *number("r4", WORD_BYTES * words.before)]
    begin += ["subs r2, r0, r4", f"str r2, {_WORDS}", *number("r4", WORD_BYTES * words.step * turns)]
    begin += ["adds r4, r4, r2", "mov r10, r4"]
    spread = spreading(words.channels, words.rows)
    half = instructions("movs r4, #128", "lsls r4, r4, #8", f"mov {PAIR.half}, r4")
    lines = [*instructions(*begin), *spread.lines, *half]
    return lines, cycles(instructions(*begin)) + spread.cycles + cycles(half)


def body(
    weights: Filters, words: Words, form: Scales, late: LateScales | None, target: Target, before: int
) -> Body:
    """The text for one or two outputs, ``before`` so many; ``form``, and ``late`` if it is there, are theirs.

    A target's step is from a position's results to the next one's; its ending MAXIMUM is that of both
    positions.
    """
    places = _places(target)
    size_bytes = LATE_BYTES if late else form.size_bytes
    loop = _turn(weights, words, form, late, target, places)
    begin, leave = _begin(target, places, size_bytes * before), _leave(target, places, form)
    way = turned([*loop, *instructions("cmp r0, r10")])
    return Body(
        (*begin, *way.lines, *leave), cycles(begin) + cycles(leave) - way.last_cycles, way.turn_cycles
    )


def _places(target: Target) -> Places:
    if target.ending.is_kept:
        return Places(_SCALES, "", ("r8", "r9"), ("r11", "r12"))
    return Places("r12", "r11", ("r8", "r9"))


def _turn(
    weights: Filters, words: Words, form: Scales, late: LateScales | None, target: Target, places: Places
) -> list[str]:
    reaches = weights.reaches
    shared = sums(weights.shared, PAIR, Stretch(ends=True, reaches=reaches))
    first = sums(weights.first, PAIR, Stretch(shared.words, continues=True, reaches=reaches))
    second = sums(weights.second, PAIR, Stretch(first.words, continues=True, reaches=reaches))
    kept = instructions("mov r2, r8", "mov r3, r9", "mov r1, sp", f"stmia r1!, {_ALL}")
    again = instructions("mov r1, sp", f"ldmia r1!, {_ALL}", "mov r8, r2", "mov r9, r3")
    if target.ending is Ending.MAXIMUM:
        others = [tuple(f"[sp, #{_SUMS + 4 * at}]" for at in (output, output + 2)) for output in (0, 1)]
        stored = Target(Ending.STORE, target.first, target.channels, target.apart, target.step)
        ends = [*kept_sums(first, PAIR), *instructions("mov r1, sp", f"adds r1, #{_SUMS}")]
        ends += instructions(f"stmia r1!, {_ALL}")
        last = end_lines(second, PAIR, form, late, stored, places, others)
    else:
        ends, last = (end_lines(each, PAIR, form, late, target, places) for each in (first, second))
    back = instructions(*moved(POINTER, WORD_BYTES * (words.step - second.words)))
    return [*shared.lines, *kept, *first.lines, *ends, *again, *second.lines, *last, *back]


def _begin(target: Target, places: Places, constants: int) -> list[str]:
    lines = [f"ldr r0, {_WORDS}", f"ldr r4, {_CONSTANTS}", *moved("r4", constants)]
    if target.ending.is_kept:
        lines.append(f"str r4, {places.scales}")
        least = target.ending is Ending.LARGEST
        lines += ["movs r4, #1", "lsls r4, r4, #31"] if least else ["movs r4, #0"]
        lines += [f"mov {total}, r4" for total in places.totals]
    else:
        lines += [f"mov {places.scales}, r4", f"ldr r4, {_OUTPUT}", *moved("r4", target.first)]
        lines.append(f"mov {places.output}, r4")
    return instructions(*lines)


def _leave(target: Target, places: Places, form: Scales) -> list[str]:
    """Store what is kept of all turns."""
    if not target.ending.is_kept:
        return []
    width = 1 if target.ending is Ending.LARGEST else WORD_BYTES
    lines = instructions(f"ldr r0, {_OUTPUT}", *moved("r0", width * target.first))
    for at, (channel, total) in enumerate(zip(target.channels, places.totals, strict=False)):
        if target.ending is Ending.LARGEST:
            lines += kept_result(form, total, places.scales, at)
            lines += instructions(f"strb r1, [r0, #{channel}]")
        else:
            lines += instructions(f"mov r1, {total}", f"str r1, [r0, #{WORD_BYTES * channel}]")
    return lines


def taken(weights: Filters, outputs: tuple[int, ...]) -> Filters:
    """Those of some outputs."""

    def rows(part: NDArray[np.int64]) -> NDArray[np.int64]:
        return part[list(outputs)]

    return Filters(rows(weights.shared), rows(weights.first), rows(weights.second), weights.reaches)

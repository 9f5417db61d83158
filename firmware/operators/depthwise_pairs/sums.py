"""A pair's two sums: the products of its words with the weights, and the lanes taken apart.

r0 the pair's first word, r7 kept. Few taps: a register each, r2 to r6, multiplied where they are. More: two
at a time in r2 and r3, the run in r4, all runs in r5, their upper lanes in r6. Weights are in the code, or
signed on the stack.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.operators.board_code.text import moved

from .runs import Runs, fewest_runs, runs_in_order

FEW: Final = 5
_MOST_RUNS: Final = 3
_REGISTERS: Final = ("r2", "r3", "r4", "r5", "r6")


@dataclass(frozen=True, slots=True)
class Taps:
    """``places`` in words of the plane, ``weights`` (channels, taps), ``runs`` by their numbers.

    Of one channel the weights are in the code; of several they are words on the stack, from ``stack`` on.
    """

    places: tuple[int, ...]
    weights: NDArray[np.int64]
    runs: Runs
    stack: int | None = None

    @property
    def are_few(self) -> bool:
        """Whether each has a register."""
        return len(self.places) <= FEW


def taps_of_one(places: Sequence[int], weights: NDArray[np.int64]) -> Taps | None:
    """The taps of one channel (taps,) that are not zero; None where registers do not suffice."""
    used = np.flatnonzero(weights).tolist()
    return _taps(tuple(places[tap] for tap in used), weights[None, used], None)


def taps_of_all(places: Sequence[int], weights: NDArray[np.int64], stack: int) -> Taps | None:
    """The same taps for all channels (channels, taps)."""
    return _taps(tuple(places), weights, stack)


def _taps(places: tuple[int, ...], weights: NDArray[np.int64], stack: int | None) -> Taps | None:
    if not places:
        return Taps(places, weights, (), stack)
    are_few = len(places) <= FEW
    runs = fewest_runs(weights) if are_few else runs_in_order(weights)
    return None if are_few and len(runs) > _MOST_RUNS else Taps(places, weights, runs, stack)


def sum_lines(taps: Taps, step: int) -> tuple[list[str], tuple[str, str]]:
    """Instructions that leave the two sums in the registers named; r0 moves on by ``step`` words."""
    if not taps.places:
        return [*moved("r0", 4 * step, "r1"), "movs r2, #0", "movs r3, #0"], ("r2", "r3")
    return _few(taps, step) if taps.are_few else _many(taps, step)


def _few(taps: Taps, step: int) -> tuple[list[str], tuple[str, str]]:
    lines, place = [], 0
    registers = dict(enumerate(_REGISTERS[: len(taps.places)]))
    for group in _neighbours(taps.places):
        more, place = _load([registers[tap] for tap in group], taps.places[group[0]], place)
        lines += more
    lines += moved("r0", 4 * (step - place), "r1")
    lines += _products(taps, registers)
    tops = []
    for run in taps.runs:
        top, more = _added(taps, run, registers)
        tops.append(top)
        lines += more
    return _apart(lines, tops)


def _neighbours(places: Sequence[int], most: int = FEW) -> list[list[int]]:
    """Taps whose words lie side by side, together."""
    groups: list[list[int]] = []
    for tap, place in enumerate(places):
        if groups and len(groups[-1]) < most and places[groups[-1][-1]] + 1 == place:
            groups[-1].append(tap)
        else:
            groups.append([tap])
    return groups


def _load(registers: list[str], target: int, place: int) -> tuple[list[str], int]:
    """Words from ``target`` on, with r0 at ``place``: the instructions, and where r0 then is."""
    if len(registers) == 1 and 0 <= target - place < 32:
        return [f"ldr {registers[0]}, [r0, #{4 * (target - place)}]"], place
    loads = f"ldmia r0!, {{{', '.join(registers)}}}"
    return [*moved("r0", 4 * (target - place), registers[-1]), loads], target + len(registers)


def _products(taps: Taps, registers: dict[int, str]) -> list[str]:
    """Words become products; where weights are in the code, without their signs."""
    if taps.stack is not None:
        pairs = (
            (f"ldr r1, [sp, #{taps.stack + 4 * tap}]", f"muls {register}, r1, {register}")
            for tap, register in registers.items()
        )
        return list(itertools.chain.from_iterable(pairs))
    lines, held = [], 0
    by_size = sorted(registers, key=lambda tap: abs(int(taps.weights[0, tap])))
    for tap in by_size:
        size = abs(int(taps.weights[0, tap]))
        if size & (size - 1) == 0:
            lines += (
                [f"lsls {registers[tap]}, {registers[tap]}, #{size.bit_length() - 1}"] if size > 1 else []
            )
            continue
        lines += [f"movs r1, #{size}"] if size != held else []
        lines.append(f"muls {registers[tap]}, r1, {registers[tap]}")
        held = size
    return lines


def _added(taps: Taps, run: tuple[int, ...], registers: dict[int, str]) -> tuple[str, list[str]]:
    """A run's sum in one of its registers."""
    if taps.stack is not None:
        negative: set[int] = set()
    else:
        negative = {tap for tap in run if taps.weights[0, tap] < 0}
    first = next((tap for tap in run if tap not in negative), run[0])
    top = registers[first]
    lines = [f"rsbs {top}, {top}, #0"] if first in negative else []
    for tap in run:
        if tap != first:
            lines.append(f"{'subs' if tap in negative else 'adds'} {top}, {top}, {registers[tap]}")
    return top, lines


def _apart(lines: list[str], tops: list[str]) -> tuple[list[str], tuple[str, str]]:
    """The lower and the upper lane of runs: the sign of a lower lane is what the shift leaves in carry."""
    upper, other = [each for each in ("r1", *_REGISTERS) if each not in tops][:2]
    total = tops[0]
    if len(tops) == 1:
        split = [f"sxth {upper}, {total}", f"subs {total}, {total}, {upper}", f"asrs {total}, {total}, #16"]
        return [*lines, *split], (upper, total)
    lines = [*lines, f"asrs {upper}, {total}, #16", f"movs {other}, #0", f"adcs {upper}, {other}"]
    for top in tops[1:]:
        lines += [f"asrs {other}, {top}, #16", f"adcs {upper}, {other}", f"adds {total}, {total}, {top}"]
    return [*lines, f"lsls {other}, {upper}, #16", f"subs {total}, {total}, {other}"], (total, upper)


def _many(taps: Taps, step: int) -> tuple[list[str], tuple[str, str]]:
    lines, place = [], 0
    first_of = {run[0]: number for number, run in enumerate(taps.runs)}
    for group in _neighbours(taps.places, most=2):
        registers = ["r2", "r3"][: len(group)]
        more, place = _load(registers, taps.places[group[0]], place)
        lines += more
        for tap, register in zip(group, registers, strict=True):
            if first_of.get(tap, 0):
                lines += _closed(first_of[tap] - 1)
            lines += _times(taps, tap, register)
            lines += _joined(taps, tap, register, tap in first_of)
    lines += [*moved("r0", 4 * (step - place), "r1"), *_closed(len(taps.runs) - 1)]
    return [*lines, "lsls r1, r6, #16", "subs r5, r5, r1"], ("r5", "r6")


def _times(taps: Taps, tap: int, register: str) -> list[str]:
    if taps.stack is not None:
        return [f"ldr r1, [sp, #{taps.stack + 4 * tap}]", f"muls {register}, r1, {register}"]
    size = abs(int(taps.weights[0, tap]))
    if size & (size - 1) == 0:
        return [f"lsls {register}, {register}, #{size.bit_length() - 1}"] if size > 1 else []
    return [f"movs r1, #{size}", f"muls {register}, r1, {register}"]


def _joined(taps: Taps, tap: int, register: str, is_first: bool) -> list[str]:
    """A product becomes the run, or part of it."""
    is_negative = taps.stack is None and taps.weights[0, tap] < 0
    if is_first:
        return [f"rsbs r4, {register}, #0" if is_negative else f"mov r4, {register}"]
    return [f"{'subs' if is_negative else 'adds'} r4, r4, {register}"]


def _closed(number: int) -> list[str]:
    """A run is over: its sum to all others, its upper lane, corrected, to theirs."""
    if number == 0:
        return ["mov r5, r4", "movs r1, #0", "asrs r6, r4, #16", "adcs r6, r1"]
    return ["adds r5, r5, r4", "asrs r4, r4, #16", "adcs r6, r4"]

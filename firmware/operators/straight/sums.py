"""The sums of a few outputs at two positions at once, as assembly without a loop.

A word P = q[t] + (q[t'] << 16) holds one input at two positions, so that weight * P adds to the sums of
both: ``movs t, #|weight|; muls t, P; adds sum, t``. A run of products whose magnitudes add up to RUN_MAX at
most cannot leave its half of the word (:mod:`.orders`); then it is closed: ``whole`` takes the word as it is,
``high`` the sum of the second position, to which a borrow of the first is given back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import instructions

from .orders import Step, row_order

LOW_REGISTERS: Final = tuple(f"r{number}" for number in range(8))
POINTER: Final = "r0"
TEMPORARY: Final = "r1"
WORD_BYTES: Final = 4


@dataclass(frozen=True, slots=True)
class Registers:
    """Where the sums of a body's outputs are: ``sums`` of the open runs, ``words`` of P.

    ``half``, above r7, holds 0x8000: what closes a run into a register above r7, and the first run of any.
    """

    sums: tuple[str, ...]
    words: tuple[str, ...]
    whole: tuple[str, ...]
    high: tuple[str, ...]
    half: str

    def close_cycles(self, output: int) -> int:
        """What closing a run takes."""
        return 3 if is_low(self.high[output]) else 4


def is_low(register: str) -> bool:
    """Whether every instruction takes it."""
    return register in LOW_REGISTERS


PAIR: Final = Registers(("r2", "r3"), ("r6", "r7"), ("r8", "r9"), ("r4", "r5"), "lr")
TRIPLE: Final = Registers(("r2", "r3", "r4"), ("r5", "r6"), ("r8", "r10", "r12"), ("r7", "r9", "r11"), "lr")


@dataclass(frozen=True, slots=True)
class Output:
    """How far one output's sum is: whether a run is open, held negative, and whether one was closed."""

    is_open: bool = False
    is_negative: bool = False
    has_closed: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """``lines`` that leave every output's last run open; ``words`` by which they moved the pointer."""

    lines: tuple[str, ...]
    outputs: tuple[Output, ...]
    words: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is not the whole of a sum: the pointer is ``at`` so many words already, and words go on from what
    ``continues`` closed before; it ``ends`` with every run closed.

    ``reaches``: the largest magnitude of each input, all of int8 where there are none.
    """

    at: int = 0
    continues: bool = False
    ends: bool = False
    reaches: tuple[int, ...] = ()


_WHOLE: Final = Stretch()


def sums(rows: NDArray[np.int64], registers: Registers, stretch: Stretch = _WHOLE) -> Sums:
    """The text for weights (outputs, inputs), at most as many as ``sums``.

    No product leaves half a word: weights reach 128, or 255 with inputs of int8 alone.
    """
    return _sums(tuple(map(tuple, rows.tolist())), registers, stretch)


# What is behind a layer may be part of it or not: the sums are the same.
@lru_cache(maxsize=2048)
def _sums(rows: tuple[tuple[int, ...], ...], registers: Registers, stretch: Stretch) -> Sums:
    return _Writer(rows, registers, stretch).written()


def columns(rows: Sequence[Sequence[int]], size: int) -> list[tuple[int, ...]]:
    """The inputs that any output needs, in groups of ``size`` neighbours at most."""
    found: list[tuple[int, ...]] = []
    for index in range(len(rows[0])):
        if not any(row[index] for row in rows):
            continue
        if found and len(found[-1]) < size and found[-1][-1] == index - 1:
            found[-1] = (*found[-1], index)
        else:
            found.append((index,))
    return found


@dataclass(slots=True)
class _Writer:
    rows: Sequence[Sequence[int]]
    registers: Registers
    stretch: Stretch
    lines: list[str] = field(default_factory=list)
    # (input, magnitude) of the product in TEMPORARY
    product: tuple[int, int] | None = None
    outputs: list[Output] = field(default_factory=list)

    def written(self) -> Sums:
        self.outputs = [Output(has_closed=self.stretch.continues) for _ in self.rows]
        groups = columns(self.rows, len(self.registers.words))
        orders = [
            row_order(row, groups, self.registers.close_cycles(output), self.stretch.reaches)
            for output, row in enumerate(self.rows)
        ]
        at = self.stretch.at
        for group, steps in zip(groups, zip(*orders, strict=True), strict=True):
            at = self._load(group, at)
            self._products(group, steps)
        for output, row in enumerate(self.rows):
            if not any(row):
                self._write(f"movs {self.registers.sums[output]}, #0")
                self.outputs[output] = replace(self.outputs[output], is_open=True)
            if self.stretch.ends:
                self._close(output)
        return Sums(tuple(self.lines), tuple(self.outputs), at)

    def _write(self, *text: str) -> None:
        self.lines += instructions(*text)

    def _load(self, group: tuple[int, ...], at: int) -> int:
        """Load the words of a group, and say where the pointer is then."""
        self._write(*moved(POINTER, WORD_BYTES * (group[0] - at)))
        self._write(f"ldmia {POINTER}!, {{{', '.join(self.registers.words[: len(group)])}}}")
        self.product = None
        return group[-1] + 1

    def _products(self, group: tuple[int, ...], steps: Sequence[tuple[Step, ...]]) -> None:
        words = dict(zip(group, self.registers.words, strict=False))
        for output, step in merged(self.rows, steps):
            if step.closes:
                self._close(output)
            self._add(output, step.input, words[step.input])

    def _close(self, output: int) -> None:
        state, taken = self.outputs[output], self.registers
        total, whole, high = taken.sums[output], taken.whole[output], taken.high[output]
        if state.is_negative:
            self._write(f"rsbs {total}, {total}, #0")
        first = not state.has_closed
        self._write(f"{'mov' if first else 'add'} {whole}, {total}")
        if not is_low(high):
            self._write(f"add {total}, {taken.half}", f"asrs {total}, {total}, #16")
            self._write(f"{'mov' if first else 'add'} {high}, {total}")
        elif first:
            self._write(f"add {total}, {taken.half}", f"asrs {high}, {total}, #16")
        else:
            self._write(f"asrs {total}, {total}, #16", f"adcs {high}, {total}")
        self.outputs[output] = Output(has_closed=True)

    def _add(self, output: int, index: int, word: str) -> None:
        state, total = self.outputs[output], self.registers.sums[output]
        weight = self.rows[output][index]
        if not state.is_open:
            self._start(total, index, abs(weight), word)
            self.outputs[output] = replace(state, is_open=True, is_negative=weight < 0)
            return
        source = word if abs(weight) == 1 else self._multiplied(index, abs(weight), word)
        if (weight < 0) == state.is_negative:
            self._write(f"adds {total}, {total}, {source}")
        elif state.is_negative:
            self._write(f"subs {total}, {source}, {total}")
            self.outputs[output] = replace(state, is_negative=False)
        else:
            self._write(f"subs {total}, {total}, {source}")

    def _start(self, total: str, index: int, magnitude: int, word: str) -> None:
        if self.product == (index, magnitude):
            self._write(f"mov {total}, {TEMPORARY}")
        else:
            self._write(*_product(total, magnitude, word))

    def _multiplied(self, index: int, magnitude: int, word: str) -> str:
        """The register of word * magnitude, made of the last such product where that is shorter."""
        if self.product != (index, magnitude):
            last = self.product[1] if self.product and self.product[0] == index else 0
            self._write(*(_from_last(last, magnitude, word) or _product(TEMPORARY, magnitude, word)))
            self.product = index, magnitude
        return TEMPORARY


def _product(target: str, magnitude: int, word: str) -> Iterable[str]:
    if magnitude & (magnitude - 1) == 0:
        shift = magnitude.bit_length() - 1
        return [f"lsls {target}, {word}, #{shift}"] if shift else [f"mov {target}, {word}"]
    return f"movs {target}, #{magnitude}", f"muls {target}, {word}, {target}"


def _from_last(last: int, magnitude: int, word: str) -> list[str]:
    """One instruction that makes the product of the last one's, none where there is none."""
    if last and abs(last - magnitude) == 1:
        return [f"{'adds' if magnitude > last else 'subs'} {TEMPORARY}, {TEMPORARY}, {word}"]
    times = magnitude // last if last and magnitude % last == 0 else 0
    if times and times & (times - 1) == 0:
        return [f"lsls {TEMPORARY}, {TEMPORARY}, #{times.bit_length() - 1}"]
    return []


def moved(register: str, offset: int) -> Iterator[str]:
    """Instructions that add an offset to a low register."""
    while offset:
        step = min(abs(offset), 255)
        yield f"{'adds' if offset > 0 else 'subs'} {register}, #{step}"
        offset += -step if offset > 0 else step


def merged(rows: Sequence[Sequence[int]], steps: Sequence[tuple[Step, ...]]) -> list[tuple[int, Step]]:
    """(output, step) of a group in the order that shares most products; each output's stay in their order."""
    one_by_one = [(output, step) for output, own in enumerate(steps) for step in own]
    if not _can_share(rows, one_by_one):
        return one_by_one
    ways: dict[tuple[tuple[int, ...], tuple[int, int]], tuple[int, list[tuple[int, Step]]]] = {
        ((0,) * len(steps), (-1, 0)): (0, [])
    }
    for _ in one_by_one:
        ways = _next_ways(rows, steps, ways)
    return min(ways.values(), key=lambda way: way[0])[1]


def _can_share(rows: Sequence[Sequence[int]], listed: Iterable[tuple[int, Step]]) -> bool:
    by_input: dict[int, list[int]] = {}
    for output, step in listed:
        by_input.setdefault(step.input, []).append(abs(rows[output][step.input]))
    return any(
        _shared_cycles(one, other) < 2
        for same in by_input.values()
        for at, one in enumerate(same)
        for other in same[at + 1 :]
    )


def _shared_cycles(one: int, other: int) -> int:
    """Cycles of one of two products after the other, at least."""
    if one == other:
        return 0
    low, high = sorted((one, other))
    doubles = high % low == 0 and (high // low) & (high // low - 1) == 0
    return 1 if high - low == 1 or doubles else 2


_Ways = dict[tuple[tuple[int, ...], tuple[int, int]], tuple[int, list[tuple[int, Step]]]]


def _next_ways(rows: Sequence[Sequence[int]], steps: Sequence[tuple[Step, ...]], ways: _Ways) -> _Ways:
    found: _Ways = {}
    for (heads, last), (cycles, path) in ways.items():
        for output, own in enumerate(steps):
            if heads[output] == len(own):
                continue
            step = own[heads[output]]
            more, after = _step_cycles(step, abs(rows[output][step.input]), last)
            key = (*heads[:output], heads[output] + 1, *heads[output + 1 :]), after
            if key not in found or found[key][0] > cycles + more:
                found[key] = cycles + more, [*path, (output, step)]
    return found


def _step_cycles(step: Step, magnitude: int, last: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    """Cycles of making a step's product, and which one TEMPORARY holds then."""
    if magnitude == 1:
        return 0, last
    if last == (step.input, magnitude):
        return 0, last
    if step.closes:
        return 1 if magnitude & (magnitude - 1) == 0 else 2, last
    if last[0] == step.input and magnitude > last[1] // 2 and _from_last(last[1], magnitude, ""):
        return 1, (step.input, magnitude)
    return 1 if magnitude & (magnitude - 1) == 0 else 2, (step.input, magnitude)

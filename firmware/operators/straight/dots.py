"""A dense layer in straight line: one word holds two inputs, another their weights, swapped.

(xi + xj * 2^16) * (wj + wi * 2^16) = xi * wj + (xi * wi + xj * wj) * 2^16, mod 2^32: the upper half is what
both inputs add to the sum, the lower one a product whose sign is given back. ``muls t, P; adds run, t`` as
long as the magnitudes of a run's weights add up to RUN_MAX at most, so that neither half can leave int16;
then ``asrs run, #16; adcs sum, run``. Two outputs at a time; what they need is read word after word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import gt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.scaling import Scale
from zerotap.firmware.c_code.assembly import instructions
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales

from . import results
from .orders import RUN_MAX

Pair = tuple[int, int | None]
WORDS: Final = "r0"
_INPUTS: Final = "r1"
_PRODUCTS: Final = ("r2", "r3")
_RUNS: Final = ("r4", "r5")
_SUMS: Final = ("r6", "r7")
_NO_SCALES: Final = Scales((), 0, False, False)


def input_pairs(inputs: int) -> list[Pair]:
    """Which inputs share a word: of four in turn the first and the third, the second and the last."""
    whole = inputs // 4 * 4
    pairs: list[Pair] = [(at + step, at + step + 2) for at in range(0, whole, 4) for step in (0, 1)]
    rest = list(range(whole, inputs))
    if len(rest) > 1:
        pairs.append((rest[0], rest[1]))
    return [*pairs, *([(rest[-1], None)] if len(rest) % 2 else [])]


def is_legal(weights: NDArray[np.int8], pairs: Sequence[Pair]) -> bool:
    """Whether no word of weights (outputs, inputs) alone is too large: two of -128."""
    return all(magnitude(row, pair) <= RUN_MAX for row in weights.tolist() for pair in pairs)


def magnitude(row: Sequence[int], pair: Pair) -> int:
    """What a pair of inputs takes of a run's RUN_MAX."""
    first, second = pair
    return abs(row[first]) + (abs(row[second]) if second is not None else 0)


def _word(row: Sequence[int], pair: Pair) -> int:
    first, second = pair
    return (row[first] << 16) + (row[second] if second is not None else 0)


@dataclass(slots=True)
class Dots:
    """The text of layers, one or two outputs at a time, and the ``words`` that it reads."""

    lines: list[str] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    _form: Scales = _NO_SCALES
    _late: LateScales | None = None
    _pairs: Sequence[Pair] = ()
    _first: int = 0

    def begin(self, form: Scales, late: LateScales | None, pairs: Sequence[Pair], first: int) -> None:
        """A layer whose words of input pairs lie on the stack from the word ``first`` on.

        Its results are clamped last where there are scales for that.
        """
        self._form, self._late, self._pairs, self._first = form, late, pairs, first

    def write(self, *text: str) -> None:
        """Instructions at the end."""
        self.lines += instructions(*text)

    def outputs(self, rows: Sequence[Sequence[int]], scales: Sequence[int]) -> None:
        """The results of ``rows`` of weights, int8 in r6 and r7.

        ``scales`` are their numbers in the layer's form.
        """
        count = len(rows)
        self.write(f"ldmia {WORDS}!, {{{', '.join(_SUMS[:count])}}}")
        each = self._late.each if self._late else self._form.each
        self.words += [-each[number].low for number in scales]
        used = [0] * count
        for at in run_order(rows, self._pairs):
            used = self._products(rows, at, used)
        for output, number in enumerate(scales):
            if used[output]:
                self._close(output)
            else:
                self.write(f"cmp {_SUMS[output]}, #0")
            self._result(_SUMS[output], number)

    def _products(self, rows: Sequence[Sequence[int]], at: int, used: list[int]) -> list[int]:
        """The products of a pair of inputs, in the runs that have room, or in new ones."""
        sizes = [magnitude(row, self._pairs[at]) for row in rows]
        needed = [output for output, size in enumerate(sizes) if size]
        if not needed:
            return used
        for output in needed:
            if used[output] + sizes[output] > RUN_MAX:
                self._close(output)
                used[output] = 0
        self._multiply(rows, at, {output: used[output] == 0 for output in needed})
        return [before + size for before, size in zip(used, sizes, strict=True)]

    def _multiply(self, rows: Sequence[Sequence[int]], at: int, begins: dict[int, bool]) -> None:
        """Where a run begins the product is the run itself."""
        targets = sorted((_RUNS if begin else _PRODUCTS)[output] for output, begin in begins.items())
        of = {(_RUNS if begin else _PRODUCTS)[output]: output for output, begin in begins.items()}
        self.write(f"ldr {_INPUTS}, [sp, #{4 * (self._first + at)}]")
        self.write(f"ldmia {WORDS}!, {{{', '.join(targets)}}}")
        self.words += [_word(rows[of[target]], self._pairs[at]) for target in targets]
        self.write(*(f"muls {target}, {_INPUTS}, {target}" for target in targets))
        for target in targets:
            if target in _PRODUCTS:
                run = _RUNS[of[target]]
                self.write(f"adds {run}, {run}, {target}")

    def _close(self, output: int) -> None:
        run, total = _RUNS[output], _SUMS[output]
        self.write(f"asrs {run}, {run}, #16", f"adcs {total}, {run}")

    def _result(self, value: str, number: int) -> None:
        """The sum, which began at -low and left its sign in the flags, to int8."""
        self.lines += results.at_least_zero(value)
        if self._late is None:
            self._clamped_first(value, self._form.each[number])
        else:
            self._clamped_last(value, self._late, number)

    def _clamped_last(self, value: str, late: LateScales, number: int) -> None:
        each, (fraction, factor, offset) = late.each[number], ("r2", "r3", "r4")
        self.write(f"ldmia {WORDS}!, {{{fraction}, {factor}, {offset}}}")
        self.words += [each.fraction, each.factor, each.offset]
        self.lines += results.late_scaled(late.form, value, fraction, factor)
        self.lines += results.late_result(late.form, value, offset, late.clamps(number))

    def _clamped_first(self, value: str, each: Scale) -> None:
        span, fraction, factor, offset = constants = ("r1", "r2", "r3", "r4")
        self.write(f"ldmia {WORDS}!, {{{', '.join(constants)}}}")
        self.words += [each.span, each.fraction, each.factor, each.offset]
        self.lines += results.at_most(value, span)
        self.lines += results.scaled(self._form, value, fraction, factor, offset, [offset])
        if self._form.is_signed:
            self.write(f"ldmia {WORDS}!, {{{fraction}}}")
            self.words.append(each.step)
            self.lines += results.less_step(self._form, [value], fraction, factor)
        self.write(f"asrs {value}, {value}, #24")


def run_order(rows: Sequence[Sequence[int]], pairs: Sequence[Pair]) -> list[int]:
    """The pairs in an order with few runs: always the largest that closes the fewest."""
    return ordered([[magnitude(row, pair) for row in rows] for pair in pairs])[0]


def ordered(sizes: Sequence[Sequence[int]]) -> tuple[list[int], int]:
    """As run_order(), of what each pair takes of each row's run; and how many runs end early."""
    left = sorted(range(len(sizes)), key=lambda at: (-sum(sizes[at]), at))
    room, order, ended = [RUN_MAX] * (len(sizes[0]) if sizes else 0), [], 0
    while left:
        place, closed = _fewest(left, sizes, room)
        order.append(left.pop(place))
        ended += closed
        taken = zip(sizes[order[-1]], room, strict=True)
        room = [(free if size <= free else RUN_MAX) - size for size, free in taken]
    return order, ended


def _fewest(left: Sequence[int], sizes: Sequence[Sequence[int]], room: Sequence[int]) -> tuple[int, int]:
    """Which pair ends the fewest runs, by its place in ``left``, the first of equals; and how many."""
    found, fewest = 0, len(room) + 1
    for place, at in enumerate(left):
        closed = sum(map(gt, sizes[at], room))
        if closed < fewest:
            found, fewest = place, closed
            if closed == 0:
                break
    return found, fewest

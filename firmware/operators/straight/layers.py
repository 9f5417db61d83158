"""A convolution along a line as one function that computes a few outputs at a time."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import cycles, instructions
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales

from .bodies import ENTRY, LEAVE, Before, Body, body
from .ends import LATE_BYTES, Ending, Target
from .grouping import groups
from .packing import Pairing

# A call with its four arguments: gcc 12 -O2.
_CALL_CYCLES: Final = 7
_WINDOW_CYCLES: Final = 8
SIZES: Final = (2, 3)


@dataclass(frozen=True, slots=True)
class Bodies:
    """The function of a layer: what it has for ``each`` of ``groups`` of outputs, one after the other."""

    groups: tuple[tuple[int, ...], ...]
    each: tuple[Body, ...]

    @property
    def order(self) -> list[int]:
        """The outputs in the order in which they are computed."""
        return [output for group in self.groups for output in group]

    @property
    def lines(self) -> list[str]:
        """Its text."""
        lines = instructions(*ENTRY)
        for group, made in zip(self.groups, self.each, strict=True):
            lines += [f"/* Outputs {', '.join(map(str, group))}. */", *made.lines]
        return [*lines, *instructions(*LEAVE)]

    def cycles(self, turns: int) -> int:
        """Of a call."""
        around = cycles(instructions(*ENTRY, *LEAVE)) + _CALL_CYCLES
        return around + sum(made.cycles(turns) for made in self.each)


@dataclass(frozen=True, slots=True)
class StraightLayer:
    """All that the function of a layer depends on.

    ``weights``: the bytes of a matrix of int8, ``inputs`` a row; ``apart`` bytes of the output lie between
    the results of a turn's two positions, ``step`` between those of two turns. ``tail``: the last of an odd
    number of positions that are averaged, twice. ``windows``: so many, each with all its turns, whose words
    begin ``window_words`` apart. ``groups``: the outputs that it computes; all of them without.
    Results are clamped last where there is ``late``.
    """

    pairs: Pairing
    weights: bytes
    inputs: int
    form: Scales
    ending: Ending
    apart: int
    step: int
    tail: Pairing | None = None
    windows: int = 1
    window_words: int = 0
    groups: tuple[tuple[int, ...], ...] = ()
    late: LateScales | None = None

    @property
    def kind(self) -> str:
        """What its kernels' names begin with."""
        return "straight line"

    @property
    def matrix(self) -> NDArray[np.int64]:
        """The weights (outputs, words of a position), zeros between taps that lie apart."""
        line = self.pairs.line
        spread = np.zeros((len(self.form.each), line.reach, line.channels), np.int64)
        spread[:, :: line.dilation] = self.rows.reshape(len(spread), line.kernel, line.channels)
        return spread.reshape(len(spread), -1)

    @property
    def rows(self) -> NDArray[np.int8]:
        """The weights (outputs, inputs)."""
        return np.frombuffer(self.weights, np.int8).reshape(-1, self.inputs)

    @property
    def bodies(self) -> Bodies:
        """The function, with two or with three outputs at a time, whichever is the faster."""
        return _made(self)

    @property
    def cycles(self) -> int:
        """Of all calls: those that make words, and those of the function."""
        pairs = [self.pairs, *([self.tail] if self.tail else [])]
        loop = _WINDOW_CYCLES if self.windows > 1 else 0
        return sum(each.cycles + self.windows * (self.bodies.cycles(each.count) + loop) for each in pairs)

    @property
    def scratch_bytes(self) -> int:
        """RAM of all words."""
        return self.pairs.scratch_bytes + (self.tail.scratch_bytes if self.tail else 0)

    @property
    def fill_bytes(self) -> int:
        """Flash of what stands for the input outside of it."""
        return max(self.pairs.fill_bytes, self.tail.fill_bytes if self.tail else 0)

    @property
    def scales(self) -> Scales | LateScales:
        """The constants in the order of the outputs in the function."""
        return (self.late or self.form).taken(self.bodies.order)

    @property
    def scale_bytes(self) -> int:
        """Flash of an output's constants."""
        return LATE_BYTES if self.late else self.form.size_bytes


# A model is planned and written more than once.
@lru_cache(maxsize=64)
def _made(layer: StraightLayer) -> Bodies:
    ways = [layer.groups] if layer.groups else [tuple(groups(layer.matrix, size)) for size in SIZES]
    return min((_in_groups(layer, way) for way in ways), key=lambda made: made.cycles(layer.pairs.count))


def _in_groups(layer: StraightLayer, found: tuple[tuple[int, ...], ...]) -> Bodies:
    made, before = [], Before()
    for group in found:
        made.append(_body(layer, layer.matrix, group, before))
        before = Before(before.outputs + len(group), len(group))
    return Bodies(found, tuple(made))


def _body(layer: StraightLayer, matrix: NDArray[np.int64], group: tuple[int, ...], before: Before) -> Body:
    channels = tuple(output - group[0] for output in group)
    target = Target(layer.ending, group[0], channels, layer.apart, layer.step)
    late = layer.late.taken(group) if layer.late else None
    return body(matrix[list(group)], layer.pairs.step, layer.form.taken(group), late, target, before)

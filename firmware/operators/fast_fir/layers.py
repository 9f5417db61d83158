"""A convolution along a line as one function that computes two outputs at a time, each at four positions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from zerotap.firmware.c_code.assembly import cycles, instructions
from zerotap.firmware.operators.straight.ends import Target
from zerotap.firmware.operators.straight.grouping import groups
from zerotap.firmware.operators.straight.layers import Bodies, StraightLayer
from zerotap.firmware.operators.straight.sums import WORD_BYTES

from .bodies import LEAVE, Words, body, entry, taken
from .filters import Filters, filters

# A call with its four arguments: gcc 12 -O2.
_CALL_CYCLES: Final = 7
_TOGETHER: Final = 2


@dataclass(frozen=True, slots=True)
class FastBodies(Bodies):
    """The function of a layer, which begins with ``entry``, of so many cycles."""

    entry: tuple[str, ...]
    entry_cycles: int

    @property
    def lines(self) -> list[str]:
        """Its text."""
        lines = list(self.entry)
        for group, made in zip(self.groups, self.each, strict=True):
            lines += [f"/* Outputs {', '.join(map(str, group))}. */", *made.lines]
        return [*lines, *instructions(*LEAVE)]

    def cycles(self, turns: int) -> int:
        """Of a call."""
        around = self.entry_cycles + cycles(instructions(*LEAVE)) + _CALL_CYCLES
        return around + sum(made.cycles(turns) for made in self.each)


@dataclass(frozen=True, slots=True)
class FastLayer(StraightLayer):
    """The same, two positions t and t + 1 a turn beside those ``pairs.apart`` further on.

    Results of t + 1 lie behind those of t, or with a maximum the larger one goes on.
    """

    @property
    def kind(self) -> str:
        """What its kernels' names begin with."""
        return "straight line, fast FIR"

    @property
    def filters(self) -> Filters | None:
        """Its weights, if there are such."""
        shape = len(self.form.each), self.pairs.line.kernel, self.pairs.line.channels
        return filters(self.matrix.reshape(shape))

    @property
    def words(self) -> Words:
        """What its function reads."""
        channels = self.pairs.line.channels
        return Words(channels, self.pairs.words // channels - 1, 2 * self.pairs.step)

    @property
    def bodies(self) -> FastBodies:
        """The function."""
        return _made(self)

    @property
    def cycles(self) -> int:
        """Of the calls that make words, and of the function's."""
        return self.pairs.cycles + self.bodies.cycles(self.pairs.count)

    @property
    def scratch_bytes(self) -> int:
        """RAM of all words: what becomes of them begins before them, and ends where they do."""
        return self.pairs.scratch_bytes + WORD_BYTES * self.words.before


# A model is planned and written more than once.
@lru_cache(maxsize=64)
def _made(layer: FastLayer) -> FastBodies:
    weights, form, late = layer.filters, layer.form, layer.late
    assert weights
    found, made, before = _pairs(layer), [], 0
    for group in found:
        channels = tuple(output - group[0] for output in group)
        target = Target(layer.ending, group[0], channels, layer.apart, len(form.each))
        scales = form.taken(group), late.taken(group) if late else None
        made.append(body(taken(weights, group), layer.words, *scales, target, before))
        before += len(group)
    begin, begin_cycles = entry(layer.words, layer.pairs.count)
    return FastBodies(found, tuple(made), tuple(begin), begin_cycles)


def _pairs(layer: FastLayer) -> tuple[tuple[int, ...], ...]:
    found = groups(layer.matrix, _TOGETHER)
    return tuple(group[at:][:_TOGETHER] for group in found for at in range(0, len(group), _TOGETHER))

"""A convolution along a line, cut into functions for a few outputs each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import code_bytes
from zerotap.firmware.operators.parts.requantisation import LateScales, Scales

from .bodies import Body, body
from .ends import LATE_BYTES, Ending, Target
from .grouping import groups
from .packing import Pairing

# A call of a body with its four arguments: gcc 12 -O2.
_CALL_CYCLES: Final = 7
_WINDOW_CYCLES: Final = 8
_SIZES: Final = (2, 3)


@dataclass(frozen=True, slots=True)
class Bodies:
    """The functions of a layer, one for each of ``groups`` of outputs."""

    groups: tuple[tuple[int, ...], ...]
    each: tuple[Body, ...]

    @property
    def order(self) -> list[int]:
        """The outputs in the order of their functions."""
        return [output for group in self.groups for output in group]

    def cycles(self, turns: int) -> int:
        """Of a call of each."""
        return sum(made.cycles(turns) + _CALL_CYCLES for made in self.each)

    @property
    def code_bytes(self) -> int:
        """Flash of them."""
        return sum(code_bytes(made.lines) for made in self.each)

    @property
    def stack_bytes(self) -> int:
        """The deepest stack of one."""
        return max(made.stack_bytes for made in self.each)


@dataclass(frozen=True, slots=True)
class StraightLayer:
    """All that the functions of a layer depend on.

    ``weights``: the bytes of a matrix of int8, ``inputs`` a row; ``apart`` bytes of the output lie between
    the results of a turn's two positions, ``step`` between those of two turns. ``tail``: the last of an odd
    number of positions that are averaged, twice. ``windows``: so many, each with all its turns, whose words
    begin ``window_words`` apart. ``groups``: the outputs that there are functions for; all of them without.
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
    def matrix(self) -> NDArray[np.int64]:
        """The weights (outputs, inputs)."""
        return np.frombuffer(self.weights, np.int8).reshape(-1, self.inputs).astype(np.int64)

    @property
    def bodies(self) -> Bodies:
        """The functions, of two or of three outputs each, whichever are the faster."""
        return _made(self)

    @property
    def cycles(self) -> int:
        """Of all calls: those that make words, and those of the functions."""
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
        """The constants in the order of the functions."""
        return (self.late or self.form).taken(self.bodies.order)

    @property
    def scale_bytes(self) -> int:
        """Flash of an output's constants."""
        return LATE_BYTES if self.late else self.form.size_bytes


# A model is planned and written more than once.
@lru_cache(maxsize=64)
def _made(layer: StraightLayer) -> Bodies:
    ways = [layer.groups] if layer.groups else [tuple(groups(layer.matrix, size)) for size in _SIZES]
    return min((_in_groups(layer, way) for way in ways), key=lambda made: made.cycles(layer.pairs.count))


def _in_groups(layer: StraightLayer, found: tuple[tuple[int, ...], ...]) -> Bodies:
    return Bodies(found, tuple(_body(layer, layer.matrix, group) for group in found))


def _body(layer: StraightLayer, matrix: NDArray[np.int64], group: tuple[int, ...]) -> Body:
    channels = tuple(output - group[0] for output in group)
    target = Target(layer.ending, channels, layer.apart, layer.step)
    late = layer.late.taken(group) if layer.late else None
    return body(matrix[list(group)], layer.pairs.step, layer.form.taken(group), late, target)

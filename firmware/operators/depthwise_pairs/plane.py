"""Which two positions of the output share a multiply, and the plane of packed inputs that they read.

The output is cut in two halves, one above the other or side by side; of an odd number of lines the middle one
is in both. A word of the plane holds the inputs of two positions that lie as far apart as the halves,
first + (second << 16). Both lanes then walk over the plane with the same weights.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from zerotap.firmware.operators.parts.window import Window

Lanes = tuple[bool, bool]
"""Whether the first and the second input of a word lie inside of the input."""


@dataclass(frozen=True, slots=True)
class Plane:
    """The plane of one channel of a window's geometry, ``turns`` (rows, columns) of pairs.

    ``apart``: positions (rows, columns) between the two outputs of a pair.
    """

    window: Window
    turns: tuple[int, int]
    apart: tuple[int, int]

    @property
    def extent(self) -> tuple[int, int]:
        """Rows and columns of words."""
        rows, columns = (self._extent(axis) for axis in (0, 1))
        return rows, columns

    @property
    def words(self) -> int:
        """The plane's size."""
        return self.extent[0] * self.extent[1]

    @property
    def pairs(self) -> int:
        """How often the weights are multiplied."""
        return self.turns[0] * self.turns[1]

    @property
    def lane_bytes(self) -> int:
        """From the first input of a word to the second, in bytes."""
        _, width, channels = self.window.source
        rows, columns = (step * far for step, far in zip(self.window.stride, self.apart, strict=True))
        return (rows * width + columns) * channels

    def lane_outputs(self, channels: int) -> int:
        """From the first output of a pair to the second, in bytes."""
        return (self.apart[0] * self.window.target[1] + self.apart[1]) * channels

    @property
    def taps(self) -> list[int]:
        """Where the words of a pair lie, in words from its first, in the order of the weights."""
        down, right = self.window.dilation
        lines, columns = self.window.kernel
        return [y * down * self.extent[1] + x * right for y in range(lines) for x in range(columns)]

    def bands(self) -> Iterator[tuple[int, list[tuple[Lanes, int]]]]:
        """The plane from above: (rows that are alike, their runs of words that are alike)."""
        rows = [self._inside(0, row) for row in range(self.extent[0])]
        for lanes, group in itertools.groupby(rows):
            columns = (self._inside(1, column) for column in range(self.extent[1]))
            both = ((lanes[0] and first, lanes[1] and second) for first, second in columns)
            yield len(list(group)), [(kind, len(list(run))) for kind, run in itertools.groupby(both)]

    def _extent(self, axis: int) -> int:
        window = self.window
        reach = (window.kernel[axis] - 1) * window.dilation[axis] + 1
        return (self.turns[axis] - 1) * window.stride[axis] + reach

    def _inside(self, axis: int, index: int) -> Lanes:
        window = self.window
        first = index - window.padding[axis]
        second = first + window.stride[axis] * self.apart[axis]
        return 0 <= first < window.source[axis], 0 <= second < window.source[axis]


def plane(window: Window) -> Plane:
    """The better way to cut a geometry's output in two: the one with fewer words and multiplies."""
    window = _lying(window)
    halves = [-(-extent // 2) for extent in window.target]
    above = Plane(window, (halves[0], window.target[1]), (window.target[0] - halves[0], 0))
    beside = Plane(window, (window.target[0], halves[1]), (0, window.target[1] - halves[1]))
    return min(beside, above, key=lambda each: 8 * each.pairs + each.words)


def _lying(window: Window) -> Window:
    """A column of positions as a line: its bytes are the same."""
    if window.source[1] == window.target[1] == window.kernel[1] == 1:
        swapped = {
            name: (getattr(window, name)[1], getattr(window, name)[0], *getattr(window, name)[2:])
            for name in ("source", "target", "kernel", "stride", "dilation", "padding")
        }
        return replace(window, **swapped)
    return window

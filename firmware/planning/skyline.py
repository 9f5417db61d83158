"""The search for a smaller arena: buffers are put down from the bottom up, and what cannot win is cut off.

A buffer occupies some bytes during some moments: a rectangle whose place in time is fixed and whose height
is to be found. Over the moments, what was put down has a skyline. On its lowest stretch either a buffer comes
to lie that lives within the stretch, or nothing does, and the stretch rises to the lower of its walls. The
buffers of an optimum, let down as far as they go, are one sequence of such steps: trying all steps finds it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

# A fraction of a second; hardly any network needs more than a few hundred.
_MOST_STEPS: Final = 20_000
_CLOSED: Final = sys.maxsize


@dataclass(frozen=True, slots=True)
class Found:
    """``offsets`` below the limit, if there are any; ``is_optimum``: no others are lower, or none exist."""

    offsets: list[int] | None
    is_optimum: bool


def lower(sizes: Sequence[int], lives: Sequence[tuple[int, int]], limit: int, bound: int) -> Found:
    """Offsets whose highest end is as far below ``limit`` as possible.

    ``sizes`` in bytes, all above 0; ``lives``: first and last moment of each. ``bound``: what no layout can
    go below, where the search ends.
    """
    search = _Search(sizes, lives, limit)
    steps = search.run(bound)
    return Found(search.offsets, steps < _MOST_STEPS)


@dataclass(frozen=True, slots=True)
class _Skyline:
    """By moment: heights, closed where nothing is left to place, and bytes that wait; what is placed."""

    heights: list[int]
    waiting: list[int]
    offsets: dict[int, int]
    top: int


class _Search:
    def __init__(self, sizes: Sequence[int], lives: Sequence[tuple[int, int]], limit: int) -> None:
        moments = sorted({moment for life in lives for moment in life})
        place = {moment: at for at, moment in enumerate(moments)}
        self._sizes = sizes
        self._lives = [(place[first], place[last] + 1) for first, last in lives]
        self._in_time = sorted(range(len(sizes)), key=lambda i: (self._lives[i][0], -sizes[i]))
        self._moments = len(moments)
        self._limit = limit
        self.offsets: list[int] | None = None

    def run(self, bound: int) -> int:
        """Depth first, until all steps were tried, ``bound`` is met or enough were tried: how many."""
        stack, steps = [self._empty()], 0
        while stack and self._limit > bound and steps < _MOST_STEPS:
            steps += 1
            skyline = stack.pop()
            if not self._can_win(skyline):
                continue
            if len(skyline.offsets) == len(self._sizes):
                self._limit = skyline.top
                self.offsets = [skyline.offsets[index] for index in range(len(self._sizes))]
            stack += reversed(list(self._steps(skyline)))
        return steps

    def _empty(self) -> _Skyline:
        waiting = [0] * self._moments
        for size, (first, end) in zip(self._sizes, self._lives, strict=True):
            for moment in range(first, end):
                waiting[moment] += size
        return _Skyline([0] * self._moments, waiting, {}, 0)

    def _can_win(self, skyline: _Skyline) -> bool:
        if skyline.top >= self._limit:
            return False
        both = zip(skyline.heights, skyline.waiting, strict=True)
        return all(not waiting or height + waiting < self._limit for height, waiting in both)

    def _steps(self, skyline: _Skyline) -> Iterator[_Skyline]:
        """What may come to lie on the lowest stretch, the earliest first, then nothing."""
        heights = skyline.heights
        low = min(heights)
        if low == _CLOSED:
            return
        left = heights.index(low)
        right = next((at for at in range(left, self._moments) if heights[at] != low), self._moments)
        for index in self._in_time:
            first, end = self._lives[index]
            if index not in skyline.offsets and left <= first and end <= right:
                yield self._placed(skyline, index, left)
        walls = [heights[at] for at in (left - 1, right) if 0 <= at < self._moments]
        if min(walls, default=_CLOSED) < _CLOSED:
            raised = [*heights[:left], *[min(walls)] * (right - left), *heights[right:]]
            yield _Skyline(raised, skyline.waiting, skyline.offsets, skyline.top)

    def _placed(self, skyline: _Skyline, index: int, left: int) -> _Skyline:
        """One more on the stretch from ``left``; before it nothing comes to lie any more, so that rises."""
        (first, end), size = self._lives[index], self._sizes[index]
        heights, waiting = list(skyline.heights), list(skyline.waiting)
        low = heights[first]
        wall = heights[left - 1] if left else _CLOSED
        heights[left:first] = [min(wall, low + size)] * (first - left)
        for moment in range(first, end):
            waiting[moment] -= size
            heights[moment] = low + size if waiting[moment] else _CLOSED
        return _Skyline(heights, waiting, {**skyline.offsets, index: low}, max(skyline.top, low + size))

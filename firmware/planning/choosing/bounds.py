"""What the layers that are still to be decided cost at least: a bound that cuts the search off.

Each layer is relaxed to the lower convex hull of its options over (bytes, cycles), as if parts of two could
be mixed, and pays of every shared part only its share among all layers that might name it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """The options of one layer: bytes of their own, cycles, and the parts that they need (options, parts)."""

    own_bytes: NDArray[np.int64]
    cycles: NDArray[np.int64]
    parts: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """Of the layers from one on: the fewest ``cycles`` by ``flash`` bytes, ascending.

    ``credit``: what these layers pay for each part at most, and need not where it is there already.
    """

    flash: Reals
    cycles: Reals
    credit: Reals

    def cycles_at_least(self, room: NDArray[np.int64], opened: NDArray[np.bool_]) -> Reals:
        """The cycles that are to come where ``room`` bytes are left; infinite where nothing fits."""
        return np.interp(room + self._spared(opened), self.flash, self.cycles, left=np.inf)

    def flash_at_least(self, opened: NDArray[np.bool_]) -> Reals:
        """The bytes that are to come."""
        least: Reals = self.flash[0] - self._spared(opened)
        return least

    def _spared(self, opened: NDArray[np.bool_]) -> Reals:
        # As floats, of which NumPy has fast products.
        spared: Reals = opened.astype(np.float64) @ self.credit
        return spared


def bounds(columns: Sequence[Column], part_bytes: NDArray[np.int64]) -> list[Bound]:
    """A bound for the layers from each on, and for none at the end."""
    named = np.array([column.parts.any(axis=0) for column in columns])
    share = part_bytes / np.maximum(named.sum(axis=0), 1)
    hulls = [_hull(column.own_bytes + column.parts @ share, column.cycles) for column in columns]
    found = [_bound(hulls[first:], named[first:].sum(axis=0) * share) for first in range(len(columns))]
    return [*found, Bound(np.zeros(1), np.zeros(1), np.zeros(len(part_bytes)))]


def _hull(flash: Reals, cycles: NDArray[np.int64]) -> Reals:
    """The corners (n, 2) from the least flash to the fewest cycles; each byte buys less than the last."""
    corners: list[tuple[float, float]] = []
    for place in np.lexsort((cycles, flash)):
        point = float(flash[place]), float(cycles[place])
        if corners and point[1] >= corners[-1][1]:
            continue
        while len(corners) > 1 and not _is_bent(corners[-2], corners[-1], point):
            corners.pop()
        corners.append(point)
    return np.array(corners)


def _is_bent(one: tuple[float, float], two: tuple[float, float], three: tuple[float, float]) -> bool:
    """Whether the middle point lies below the line between its neighbours."""
    return (two[1] - one[1]) * (three[0] - one[0]) < (three[1] - one[1]) * (two[0] - one[0])


def _bound(hulls: Sequence[Reals], credit: Reals) -> Bound:
    """The hulls' sum: every layer's smallest corner, then the steps that buy most for a byte first."""
    start = np.sum([hull[0] for hull in hulls], axis=0)
    steps = np.concatenate([np.diff(hull, axis=0) for hull in hulls])
    steps = steps[np.argsort(steps[:, 1] / np.maximum(steps[:, 0], 1e-9), kind="stable")]
    corners = start + np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    return Bound(corners[:, 0], corners[:, 1], credit)

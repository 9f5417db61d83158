"""The fastest combination within so much flash, or the smallest, where kernels share code that counts once.

Layers are decided one after the other. Of what was decided up to a layer only this matters for the rest:
flash, cycles, and which shared parts are there. A way that another beats in all three is dropped; so is one
that cannot become better than a combination that is known. That is exact. Where too many ways are left, those
go on that promise most, and the result is near the optimum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .bounds import Bound, Column, bounds
from .prices import Price, paid, part_bytes, shared_parts

# Ways that go on from a layer: at first few, for a good combination to measure others by.
WIDTHS: Final = (40, 600)
FEW: Final = (40, 150)
# Sets of shared parts that are compared two by two.
_MOST_SETS: Final = 16
_RESET: Final = 1 << 44

Picks = tuple[int, ...]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Ways:
    """Partial combinations: flash, cycles, shared parts (ways, parts); and the way and option of each."""

    flash: Integers
    cycles: Integers
    opened: NDArray[np.bool_]
    parent: Integers
    pick: Integers

    def __len__(self) -> int:
        return len(self.flash)

    def taken(self, places: Integers | NDArray[np.bool_]) -> _Ways:
        """Some of them."""
        sums = self.flash[places], self.cycles[places], self.opened[places]
        return _Ways(*sums, self.parent[places], self.pick[places])


@dataclass(frozen=True, slots=True)
class Found:
    """A combination, ``picks`` an index into each layer's options; ``is_best`` where none is better."""

    picks: Picks
    is_best: bool


def fastest(
    layers: Sequence[Sequence[Price]],
    flash_bytes: int,
    most_cycles: int | None = None,
    widths: tuple[int, ...] = WIDTHS,
) -> Found | None:
    """The fewest cycles, then the least flash, within ``flash_bytes`` and ``most_cycles``.

    None where none was found to fit. ``widths``: how many ways go on from a layer.
    """
    return _Search(layers, flash_bytes, is_for_speed=True, most=most_cycles).run(widths)


def smallest(layers: Sequence[Sequence[Price]]) -> Found:
    """The least flash, then the fewest cycles."""
    found = _Search(layers, _RESET, is_for_speed=False).run(WIDTHS)
    assert found is not None
    return found


class _Search:
    def __init__(
        self,
        layers: Sequence[Sequence[Price]],
        flash_bytes: int,
        is_for_speed: bool,
        most: int | None = None,
    ) -> None:
        shared = sorted(shared_parts(layers))
        self._order = _by_parts(layers, frozenset(shared))
        self._columns = [_column(layers[index], shared) for index in self._order]
        self._part_bytes = np.array([part_bytes(part) for part in shared], np.int64)
        self._bounds = bounds(self._columns, self._part_bytes)
        self._later = _needed_later(self._columns)
        self._flash_bytes = flash_bytes
        self._is_for_speed = is_for_speed
        self._most = most

    def run(self, widths: tuple[int, ...]) -> Found | None:
        """Narrow first, then wider, until nothing had to be left out."""
        found = None
        for width in widths:
            picks, is_complete = self._pass(width)
            found = Found(picks, is_complete) if picks else found
            if is_complete:
                return Found(found.picks, True) if found else None
        return found

    def _pass(self, width: int) -> tuple[Picks | None, bool]:
        """The best combination better than the best before, and whether none was left out."""
        ways, stages, is_complete = self._start(), [], True
        for column, bound, later in zip(self._columns, self._bounds[1:], self._later, strict=True):
            ways = self._reduced(self._extended(ways, column, bound, later), bound)
            if len(ways) > width:
                ways, is_complete = self._promising(ways, bound, width), False
            stages.append(ways)
        if not len(ways):
            return None, is_complete
        best = int(np.lexsort(self._wanted(ways)[::-1])[0])
        first, _ = self._wanted(ways)
        self._most = int(first[best])
        return self._picks(stages, best), is_complete

    def _start(self) -> _Ways:
        none = np.zeros(1, np.int64)
        return _Ways(none, none, np.zeros((1, len(self._part_bytes)), bool), none, none)

    def _extended(self, ways: _Ways, column: Column, bound: Bound, later: NDArray[np.bool_]) -> _Ways:
        """Every way with every option that can still lead to something better."""
        parts_bytes = (column.parts * self._part_bytes).astype(np.float64)
        already = (ways.opened.astype(np.float64) @ parts_bytes.T).astype(np.int64)
        added = column.own_bytes + column.parts @ self._part_bytes - already
        flash, cycles = ways.flash[:, None] + added, ways.cycles[:, None] + column.cycles
        parent, pick = np.nonzero(flash <= self._flash_bytes)
        opened = ways.opened[parent] | column.parts[pick]
        made = _Ways(flash[parent, pick], cycles[parent, pick], opened, parent, pick)
        kept = made.taken(self._can_win(made, bound))
        kept.opened[:] &= later
        return kept

    def _can_win(self, ways: _Ways, bound: Bound) -> NDArray[np.bool_]:
        promise = self._promise(ways, bound)
        most = np.inf if self._most is None else self._most + 1e-6
        return np.isfinite(promise) & (promise <= most)

    def _promise(self, ways: _Ways, bound: Bound) -> NDArray[np.float64]:
        """What the whole cannot go below: cycles, or flash."""
        if self._is_for_speed:
            room = self._flash_bytes - ways.flash
            return ways.cycles + bound.cycles_at_least(room, ways.opened)
        return ways.flash + bound.flash_at_least(ways.opened)

    def _wanted(self, ways: _Ways) -> tuple[Integers, Integers]:
        return (ways.cycles, ways.flash) if self._is_for_speed else (ways.flash, ways.cycles)

    def _reduced(self, ways: _Ways, bound: Bound) -> _Ways:
        """Without those that another way beats, with the same shared parts or others."""
        sets, which = _sets(ways.opened)
        order = np.lexsort((ways.cycles, ways.flash, which))
        ways, which = ways.taken(order), which[order]
        if self._is_for_speed:
            kept = _descends(ways.cycles, which)
        else:
            kept = np.concatenate([[True], which[1:] != which[:-1]]) if len(which) else np.zeros(0, bool)
        ways, which = ways.taken(kept), which[kept]
        if not 1 < len(sets) <= _MOST_SETS:
            return ways
        return ways.taken(self._unbeaten(ways, which, sets))

    def _unbeaten(self, ways: _Ways, which: Integers, sets: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Compare two sets of parts: a way that pays for what the other has may go on as the other does."""
        kept = np.ones(len(ways), bool)
        members = [np.flatnonzero(which == number) for number in range(len(sets))]
        for one, two in _pairs(len(sets)):
            winners, losers = members[one][kept[members[one]]], members[two][kept[members[two]]]
            if not len(winners) or not len(losers):
                continue
            more = int(((sets[two] & ~sets[one]) * self._part_bytes).sum())
            place = np.searchsorted(ways.flash[winners], ways.flash[losers] - more, side="right") - 1
            cycles = ways.cycles[winners[np.maximum(place, 0)]]
            kept[losers[(place >= 0) & (cycles <= ways.cycles[losers])]] = False
        return kept

    def _promising(self, ways: _Ways, bound: Bound, width: int) -> _Ways:
        """So many: the one with the least flash, and those with the best promise."""
        promise = self._promise(ways, bound)
        promise[np.argmin(ways.flash + bound.flash_at_least(ways.opened))] = -1
        return ways.taken(np.sort(np.argsort(promise, kind="stable")[:width]))

    def _picks(self, stages: Sequence[_Ways], last: int) -> Picks:
        """Back from the last layer to the first, and into the order of the layers."""
        picks, at = [0] * len(stages), last
        for place in reversed(range(len(stages))):
            picks[self._order[place]] = int(stages[place].pick[at])
            at = int(stages[place].parent[at])
        return tuple(picks)


def _by_parts(layers: Sequence[Sequence[Price]], shared: frozenset[str]) -> list[int]:
    """Layers that share most beside each other, so that what is opened is soon of no more use."""
    named = [sorted(frozenset().union(*(each.parts for each in layer)) & shared) for layer in layers]
    return sorted(range(len(layers)), key=lambda index: (named[index], index))


def _column(options: Sequence[Price], shared: Sequence[str]) -> Column:
    known = frozenset(shared)
    return Column(
        np.array([paid(each, known) for each in options], np.int64),
        np.array([each.cycles for each in options], np.int64),
        np.array([[part in each.parts for part in shared] for each in options], bool).reshape(
            len(options), len(shared)
        ),
    )


def _needed_later(columns: Sequence[Column]) -> list[NDArray[np.bool_]]:
    """Of each layer the parts that any after it may name."""
    named = np.array([column.parts.any(axis=0) for column in columns])
    return [np.asarray(named[place + 1 :].any(axis=0)) for place in range(len(columns))]


def _sets(opened: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], Integers]:
    """The different rows, and which of them each row is."""
    if not opened.shape[1]:
        return np.zeros((1, 0), bool), np.zeros(len(opened), np.int64)
    packed = np.packbits(opened, axis=1)
    rows = np.ascontiguousarray(packed).view(np.dtype((np.void, packed.shape[1]))).ravel()
    _, first, which = np.unique(rows, return_index=True, return_inverse=True)
    return opened[first], which.astype(np.int64)


def _descends(cycles: Integers, which: Integers) -> NDArray[np.bool_]:
    """Of ways in order of their set, then flash: those that are faster than all before them in their set."""
    # One set's numbers lie below all of those of the set before, so that the least so far begins anew.
    apart = cycles - which * _RESET
    before = (
        np.concatenate([[np.iinfo(np.int64).max], np.minimum.accumulate(apart)[:-1]]) if len(apart) else apart
    )
    return apart < before


def _pairs(count: int) -> Iterator[tuple[int, int]]:
    return ((one, two) for one in range(count) for two in range(count) if one != two)

"""Which inputs of a layer share a word where that is free: those that let runs be long."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from .dots import Pair, magnitude, ordered
from .orders import RUN_MAX

# Products that are looked at in all, so that a large layer takes no longer than a small one.
_LOOKS: Final = 400_000
_TRIES: Final = 300


def pairing(rows: Sequence[Sequence[int]], together: Sequence[Pair]) -> list[Pair]:
    """Pairs of the inputs of ``rows`` (outputs, inputs); ``together``: the outputs that are computed at once.

    Two inputs are exchanged as long as that saves runs; with the same rows the result is the same.
    """
    order, groups = list(range(len(rows[0]))), [_taken(rows, pair) for pair in together]
    best, drawn = _runs(groups, _pairs(order)), random.Random(len(order))
    for _ in range(_tries(rows)):
        one, other = drawn.randrange(len(order)), drawn.randrange(len(order))
        order[one], order[other] = order[other], order[one]
        runs = _runs(groups, _pairs(order))
        if runs > best:
            order[one], order[other] = order[other], order[one]
        best = min(best, runs)
    return _pairs(order)


def _tries(rows: Sequence[Sequence[int]]) -> int:
    pairs = -(-len(rows[0]) // 2)
    return min(_TRIES, _LOOKS // (pairs * pairs * len(rows)))


def _taken(rows: Sequence[Sequence[int]], pair: Pair) -> list[Sequence[int]]:
    return [rows[number] for number in pair if number is not None]


def _pairs(order: Sequence[int]) -> list[Pair]:
    found: list[Pair] = [(order[at], order[at + 1]) for at in range(0, len(order) - 1, 2)]
    return [*found, *([(order[-1], None)] if len(order) % 2 else [])]


def _runs(groups: Sequence[Sequence[Sequence[int]]], pairs: Sequence[Pair]) -> int:
    """How many runs end before the last ones, of all groups; one that is illegal counts as many."""
    total = 0
    for group in groups:
        sizes = [[magnitude(row, pair) for row in group] for pair in pairs]
        total += ordered(sizes)[1] + sum(size > RUN_MAX for each in sizes for size in each) * 1000
    return total

"""Which outputs are computed together: those that share most products."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

# A neighbour is stored by an offset in the instruction.
REACH: Final = 31


def groups(weights: NDArray[np.int64], size: int) -> list[tuple[int, ...]]:
    """The outputs of weights (outputs, inputs) in groups of ``size``, and of two or three for the rest.

    The outputs of a group are in order, at most REACH apart.
    """
    saved = _saved(np.abs(weights))
    left, found = list(range(len(weights))), []
    while left:
        group = [left.pop(0)]
        for _ in range(_first_size(len(left) + 1, size) - 1):
            near = [each for each in left if each - group[0] <= REACH]
            if near:
                best = max(near, key=lambda each: sum(_between(saved, each, other) for other in group))
                left.remove(best)
                group.append(best)
        found.append(tuple(sorted(group)))
    return found


def _first_size(outputs: int, size: int) -> int:
    """How many the next group takes of so many: so that none is left alone."""
    if size == 3:
        return 2 if outputs in (2, 4) else min(outputs, 3)
    return 3 if outputs == 3 else min(outputs, size)


def _between(saved: NDArray[np.int64], one: int, other: int) -> int:
    return int(saved[abs(one - other), min(one, other)])


def _saved(magnitudes: NDArray[np.int64]) -> NDArray[np.int64]:
    """(distance, output): about the cycles that an output saves beside the one so many further on."""
    count = len(magnitudes)
    total = np.zeros((REACH + 1, count), np.int64)
    for distance in range(1, min(REACH + 1, count)):
        one, other = magnitudes[:-distance], magnitudes[distance:]
        apart = np.abs(one - other)
        shared = (one > 2) & (other > 2)
        total[distance, : count - distance] = ((2 * (apart == 0) + (apart == 1)) * shared).sum(axis=1)
    return total

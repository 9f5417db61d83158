"""Which taps may be summed before the two lanes of a sum are taken apart.

A lane of a run is a sum of weight * q with q in [-128, 127]; while both lanes stay in int16 the lower one's
sign is in its highest bit, and one more in the upper lane makes up for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.arithmetic.fixed_point import INT8_MAX, INT8_MIN

_INT16_MAX: Final = (1 << 15) - 1
Runs = tuple[tuple[int, ...], ...]
"""Taps by their places, a run each."""


def is_legal(weights: NDArray[np.int64]) -> bool:
    """Whether no lane of a run of weights (channels, taps) can leave int16, in any channel."""
    positive = np.maximum(weights, 0).sum(axis=1)
    negative = -np.minimum(weights, 0).sum(axis=1)
    most = INT8_MAX * positive - INT8_MIN * negative
    least = INT8_MIN * positive - INT8_MAX * negative
    return int(np.max(most)) <= _INT16_MAX and int(np.min(least)) >= -_INT16_MAX - 1


def fewest_runs(weights: NDArray[np.int64]) -> Runs:
    """The fewest runs of a few taps that are legal in all channels (channels, taps).

    Among as many, those of which most have a weight that is not negative: such a run needs not be negated.
    """
    found = (runs for runs in _partitions(tuple(range(weights.shape[1]))) if _all_legal(weights, runs))
    return min(found, key=lambda runs: (len(runs), _negative(weights, runs), runs))


def runs_in_order(weights: NDArray[np.int64]) -> Runs:
    """Runs of neighbouring taps, each as long as is legal in all channels (channels, taps)."""
    runs: list[tuple[int, ...]] = []
    for tap in range(weights.shape[1]):
        if runs and is_legal(weights[:, [*runs[-1], tap]]):
            runs[-1] = (*runs[-1], tap)
        else:
            runs.append((tap,))
    return tuple(runs)


def _all_legal(weights: NDArray[np.int64], runs: Runs) -> bool:
    return all(is_legal(weights[:, list(run)]) for run in runs)


def _negative(weights: NDArray[np.int64], runs: Runs) -> int:
    return sum(bool(np.all(weights[:, list(run)] < 0)) for run in runs)


def _partitions(taps: Sequence[int]) -> Iterator[Runs]:
    """All ways to share taps out among runs."""
    if not taps:
        yield ()
        return
    for rest in _partitions(taps[1:]):
        yield ((taps[0],), *rest)
        for place, run in enumerate(rest):
            yield (*rest[:place], (taps[0], *run), *rest[place + 1 :])

"""The bootstrap: what scores would have been on other recordings of the same kind.

Recordings are drawn, never windows: windows of one recording are alike. They are drawn anew within each
class, as the split takes them from each class, so that every resample has as many recordings of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .tallies import Tally

RESAMPLES: Final = 2000
COVERED: Final = 0.95
_SEED: Final = 0


class Interval(NamedTuple):
    """What a share lies in, in ``COVERED`` of the resamples."""

    low: float
    high: float


class Difference(NamedTuple):
    """One model's share less the other's on the same recordings, and its interval."""

    difference: float
    interval: Interval


def resampled_counts(rows: NDArray[np.int64], classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum resamples of the recordings: counts (RESAMPLES, cells), always the same for the same ones.

    ``rows`` (recordings, cells) of a tally, and the class of each recording (recordings,).
    """
    generator = np.random.default_rng(_SEED)
    counts = np.zeros((RESAMPLES, rows.shape[1]), np.int64)
    for one in np.unique(classes):
        kinds, times = np.unique(rows[classes == one], axis=0, return_counts=True)
        drawn = generator.multinomial(times.sum(), times / times.sum(), RESAMPLES)
        counts += drawn @ kinds
    return counts


def interval(shares: NDArray[np.float64]) -> Interval:
    """The middle ``COVERED`` of the shares of resamples (RESAMPLES,)."""
    beyond = 100 * (1 - COVERED) / 2
    low, high = np.percentile(shares, (beyond, 100 - beyond))
    return Interval(float(low), float(high))


def macro_f1_difference(
    tally: Tally,
    rows: NDArray[np.int64],
    other_rows: NDArray[np.int64],
    classes: NDArray[np.int64],
) -> Difference:
    """The macro-F1 of ``rows`` less that of ``other_rows``, both (recordings, cells) of the same recordings.

    Each resample draws the same recordings for both (a paired bootstrap): what is hard for both cancels.
    """
    both = np.hstack([rows, other_rows])
    drawn = resampled_counts(both, classes)
    differences = _macro_f1(tally, drawn[:, : tally.cells]) - _macro_f1(tally, drawn[:, tally.cells :])
    whole = _macro_f1(tally, rows.sum(axis=0)) - _macro_f1(tally, other_rows.sum(axis=0))
    return Difference(float(whole), interval(differences))


def _macro_f1(tally: Tally, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return tally.shares(counts).macro_f1

"""Tallies: what is counted of verdicts, and the shares that follow from counts.

Counts of recordings add up, so a resample of recordings is a weighted sum of their rows: every share is
computed of a whole stack of such sums at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LABEL_CELLS = 4  # neither, said wrongly, missed, both


class Shares(NamedTuple):
    """Shares, 0 to 1, of a stack of counts (..., cells).

    ``accuracy`` and ``macro_f1`` (...); ``precision``, ``recall``, ``f1`` float64 and ``support`` int64,
    how often it is true, (..., classes). A share of nothing is 0.
    """

    accuracy: NDArray[np.float64]
    macro_f1: NDArray[np.float64]
    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]
    support: NDArray[np.int64]


class Tally(Protocol):
    """Counts of verdicts in ``cells`` cells."""

    @property
    def cells(self) -> int:
        """How many."""

    def rows(self, truth: NDArray[np.int64], verdicts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The cells (n, cells) that each of n verdicts adds to."""

    def shares(self, counts: NDArray[np.int64]) -> Shares:
        """The shares of counts (..., cells)."""

    def grid(self, counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
        """Counts (cells,) as a confusion grid."""


@dataclass(frozen=True, slots=True)
class ClassTally:
    """One class each: a cell for every true class and verdict; truth and verdicts are class indices (n,)."""

    classes: int

    @property
    def cells(self) -> int:
        """How many."""
        return self.classes**2

    def rows(self, truth: NDArray[np.int64], verdicts: NDArray[np.int64]) -> NDArray[np.int64]:
        """A one in each row (n, cells)."""
        rows = np.zeros((len(truth), self.cells), np.int64)
        rows[np.arange(len(truth)), truth * self.classes + verdicts] = 1
        return rows

    def shares(self, counts: NDArray[np.int64]) -> Shares:
        """The shares of counts (..., cells)."""
        grid = counts.reshape(*counts.shape[:-1], self.classes, self.classes)
        right = np.diagonal(grid, axis1=-2, axis2=-1)
        accuracy = _share(right.sum(axis=-1), grid.sum(axis=(-2, -1)))
        return _shares(accuracy, right, grid.sum(axis=-2), grid.sum(axis=-1))

    def grid(self, counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
        """A row a true class, a column a verdict."""
        return _as_grid(counts.reshape(self.classes, self.classes))


@dataclass(frozen=True, slots=True)
class LabelTally:
    """Several labels each: four cells a label, and one for verdicts that are right in every label.

    Truth and verdicts are 0 or 1, int64 (n, labels). Accuracy is the share of those right in every label.
    """

    labels: int

    @property
    def cells(self) -> int:
        """How many; the last two count what is right in every label, and what is not."""
        return _LABEL_CELLS * self.labels + 2

    def rows(self, truth: NDArray[np.int64], verdicts: NDArray[np.int64]) -> NDArray[np.int64]:
        """A one for each label and one at the end, in each row (n, cells)."""
        rows = np.zeros((len(truth), self.cells), np.int64)
        places = np.arange(self.labels) * _LABEL_CELLS + 2 * truth + verdicts
        np.put_along_axis(rows, places, 1, axis=1)
        wrong = (truth != verdicts).any(axis=1)
        rows[np.arange(len(truth)), self.cells - 2 + wrong] = 1
        return rows

    def shares(self, counts: NDArray[np.int64]) -> Shares:
        """The shares of counts (..., cells)."""
        cells = counts[..., :-2].reshape(*counts.shape[:-1], self.labels, _LABEL_CELLS)
        accuracy = _share(counts[..., -2], counts[..., -2:].sum(axis=-1))
        both = cells[..., 3]
        return _shares(accuracy, both, both + cells[..., 1], both + cells[..., 2])

    def grid(self, counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
        """A row a label: how often it is neither true nor said, said wrongly, missed, true and said."""
        return _as_grid(counts[:-2].reshape(self.labels, _LABEL_CELLS))


def _shares(
    accuracy: NDArray[np.float64],
    right: NDArray[np.int64],
    said: NDArray[np.int64],
    true: NDArray[np.int64],
) -> Shares:
    f1 = _share(2 * right, said + true)
    return Shares(accuracy, f1.mean(axis=-1), _share(right, said), _share(right, true), f1, true)


def _share(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = part / np.maximum(whole, 1)
    return shares


def _as_grid(counts: NDArray[np.int64]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(int(count) for count in row) for row in counts)

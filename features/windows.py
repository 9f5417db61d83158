"""Windows: the arrays that models train on, and how a stream of rows is cut into them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Model inputs with their labels.

    ``x`` uint8, int8, int16 or int32, shape (n, time, channels) for raw packets and (n, ids) for text;
    ``y`` int64 (n,), indices into the dataset's classes; ``groups`` int64 (n,), the recording each window
    is from.
    """

    x: NDArray[Any]
    y: NDArray[np.int64]
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.x)


def count_windows(rows: NDArray[Any], length: int, hop: int, minimum_fill: float = 0.5) -> NDArray[Any]:
    """Cut ``rows`` (n, ...) into windows of ``length`` rows that start every ``hop`` rows.

    Windows go on until every row has been seen. The last may be short: it is padded with zeros, and left
    out if less than ``minimum_fill`` (0 to 1) of it is real; the only window of a short stream always
    stays. No rows, no windows. Returns (windows, length, ...), a view of ``rows`` where nothing had to be
    padded. Raises FeatureError for impossible parameters.
    """
    check_windows(length, hop, minimum_fill)
    if len(rows) == 0:
        return np.empty((0, length, *rows.shape[1:]), rows.dtype)
    full = _full_windows(rows, length, hop)
    tail = rows[len(full) * hop :]
    unseen = len(rows) - ((len(full) - 1) * hop + length if len(full) else 0)
    if unseen <= 0 or (len(full) and len(tail) < minimum_fill * length):
        return full
    padded = np.zeros((1, length, *rows.shape[1:]), rows.dtype)
    padded[0, : len(tail)] = tail
    return np.concatenate([full, padded])


def _full_windows(rows: NDArray[Any], length: int, hop: int) -> NDArray[Any]:
    if len(rows) < length:
        return np.empty((0, length, *rows.shape[1:]), rows.dtype)
    view = np.lib.stride_tricks.sliding_window_view(rows, length, axis=0)[::hop]
    return np.moveaxis(view, -1, 1)


def check_windows(length: int, hop: int, minimum_fill: float) -> None:
    """Raise FeatureError unless 1 <= hop <= length and 0 <= minimum_fill <= 1."""
    if length < 1 or not 1 <= hop <= length:
        raise FeatureError(
            f"windows of {length} rows cannot start every {hop} rows: choose 1 <= hop <= window"
        )
    if not 0 <= minimum_fill <= 1:
        raise FeatureError(
            f"a minimum fill of {minimum_fill} is no share of a window: choose one between 0 and 1"
        )

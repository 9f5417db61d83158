"""How a stream of rows is cut into windows."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import FeatureError

if TYPE_CHECKING:
    from numpy.typing import NDArray


MOST_ROWS: Final = 1 << 15
PADDINGS: Final = ("zero", "edge", "drop")


def count_windows(
    rows: NDArray[Any], length: int, hop: int, minimum_fill: float = 0.5, padding: str = "zero"
) -> NDArray[Any]:
    """Cut ``rows`` (n, ...) into windows of ``length`` rows that start every ``hop`` rows.

    Windows go on until every row has been seen. The last may be short: it is filled up with zeros
    (``padding`` "zero") or with its last row ("edge"), and left out if less than ``minimum_fill`` (0 to 1) of
    it is real; the only window of a short stream always stays. With "drop" no window is ever filled up. No
    rows, no windows. Returns (windows, length, ...), a view of ``rows`` where nothing had to be filled up.
    Raises FeatureError for impossible parameters.
    """
    parts = window_parts(rows, length, hop, minimum_fill, padding)
    return parts[0] if len(parts[1]) == 0 else np.concatenate(parts)


def window_parts(
    rows: NDArray[Any], length: int, hop: int, minimum_fill: float = 0.5, padding: str = "zero"
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Cut as ``count_windows`` does; gives full windows, a view of ``rows``, and the filled one, if any."""
    check_windows(length, hop, minimum_fill, padding)
    full = _full_windows(rows, length, hop)
    tail = rows[len(full) * hop :]
    unseen = len(rows) - ((len(full) - 1) * hop + length if len(full) else 0)
    too_short = len(full) and len(tail) < minimum_rows(length, minimum_fill)
    filled = np.zeros(
        (int(unseen > 0 and not too_short and padding != "drop"), length, *rows.shape[1:]), rows.dtype
    )
    if len(filled):
        filled[0, : len(tail)] = tail
        filled[0, len(tail) :] = tail[-1] if padding == "edge" else 0
    return full, filled


def minimum_rows(length: int, minimum_fill: float) -> int:
    """The fewest rows that make a window that is filled up."""
    return math.ceil(minimum_fill * length)


def _full_windows(rows: NDArray[Any], length: int, hop: int) -> NDArray[Any]:
    if len(rows) < length:
        return np.empty((0, length, *rows.shape[1:]), rows.dtype)
    view = np.lib.stride_tricks.sliding_window_view(rows, length, axis=0)[::hop]
    return np.moveaxis(view, -1, 1)


def check_windows(length: int, hop: int, minimum_fill: float, padding: str = "zero") -> None:
    """Raise FeatureError unless 1 <= hop <= length, 0 <= minimum_fill <= 1 and ``padding`` is known."""
    if length < 1 or not 1 <= hop <= length:
        raise FeatureError(
            f"windows of {length} rows cannot start every {hop} rows: choose 1 <= hop <= window"
        )
    if not 0 <= minimum_fill <= 1:
        raise FeatureError(
            f"a minimum fill of {minimum_fill} is no share of a window: choose one between 0 and 1"
        )
    if padding not in PADDINGS:
        raise FeatureError(f"padding {padding!r} is unknown: choose one of {', '.join(PADDINGS)}")

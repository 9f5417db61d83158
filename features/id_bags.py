"""Bags: the ids of each recording as one row, which is what a table of weights adds up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.errors import FeatureError

from .windows import Windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_ID: Final = 0


def bags(windows: Windows) -> Windows:
    """Gather single ids, x int32 (ids,), into a row a recording: x int32 (recordings, longest).

    Recordings are in the order of their first id, their ids in their own order, 0 behind them; 0 is no id,
    and what has none (a text without a word) has a row of them. Raises FeatureError for other than ids.
    """
    if windows.x.dtype != np.int32 or windows.x.ndim != 1:
        what = f"{windows.x.dtype} of shape {windows.x.shape[1:]}"
        raise FeatureError(f"a bag holds ids, int32 of shape (), and no {what}: end the pipeline with ids")
    groups, first, member = np.unique(windows.groups, return_index=True, return_inverse=True)
    order = np.argsort(first)
    row_of = np.empty(len(groups), np.int64)
    row_of[order] = np.arange(len(groups))
    return Windows(_rows(windows.x, row_of[member], len(groups)), windows.y[first[order]], groups[order])


def _rows(ids: NDArray[np.int32], row_of: NDArray[np.int64], count: int) -> NDArray[np.int32]:
    """Ids (n,) in ``count`` rows, ``row_of`` (n,) the row of each."""
    ids, row_of = ids[ids != NO_ID], row_of[ids != NO_ID]
    order = np.argsort(row_of, kind="stable")
    lengths = np.bincount(row_of, minlength=count)
    begins = np.cumsum(lengths) - lengths
    bags_of = np.full((count, lengths.max(initial=0)), NO_ID, np.int32)
    bags_of[row_of[order], np.arange(len(ids)) - begins[row_of[order]]] = ids[order]
    return bags_of

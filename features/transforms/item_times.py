"""Timed items: milliseconds in front of a report or sample, as the board's clock gives them.

The first four bytes of a timed item are its time in milliseconds, little-endian, modulo 2^32: four elements
of uint8 or int8, two of int16, one of int32. The rest is the report or the sample.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import FeatureError

from .interface import Signal

if TYPE_CHECKING:
    from numpy.typing import NDArray

TIME_BYTES = 4


def untimed(source: Signal) -> Signal:
    """The items without their time; raises FeatureError where ``source`` cannot be timed ones."""
    itemsize = np.dtype(source.dtype).itemsize
    if source.dtype not in ("uint8", "int8", "int16", "int32") or len(source.shape) != 1:
        raise FeatureError(
            f"timed items are rows of integers, not {source.dtype} {source.shape}: use timed()"
        )
    if source.size * itemsize <= TIME_BYTES:
        raise FeatureError(f"a timed item of {source.size} {source.dtype} has only its time: use timed()")
    return Signal((source.size - TIME_BYTES // itemsize,), source.dtype)


def timed(timestamps_ns: NDArray[np.int64], rows: NDArray[Any], first_ns: int | None = None) -> NDArray[Any]:
    """Put times in front of ``rows`` (n, channels) of an integer dtype.

    They count from the first one's, or from ``first_ns`` where earlier rows went before.
    """
    if len(timestamps_ns) != len(rows):
        raise FeatureError(f"{len(timestamps_ns)} times for {len(rows)} rows: give one for each")
    since_ns = timestamps_ns - (timestamps_ns[:1] if first_ns is None else first_ns)
    clock = (since_ns // 1_000_000 & 0xFFFFFFFF).astype("<u4")
    return np.concatenate([clock[:, None].view(rows.dtype), rows], axis=1)


def times_ms(items: NDArray[Any]) -> NDArray[np.uint32]:
    """The times of timed items (n, size), uint32 (n,)."""
    places = TIME_BYTES // items.itemsize
    return np.ascontiguousarray(items[:, :places]).view("<u4")[:, 0].astype(np.uint32)


def rows_of(items: NDArray[Any]) -> NDArray[Any]:
    """A view of timed items (n, size) without their times."""
    return items[:, TIME_BYTES // items.itemsize :]


def elapsed_ms(items: NDArray[Any]) -> NDArray[np.int64]:
    """Milliseconds from the item before, int64 (n,) below 2^31; 0 for the first and where time runs back."""
    times = times_ms(items)
    return forward(np.diff(times, prepend=times[:1]))


def forward(difference: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Differences of times modulo 2^32 as int64: from 2^31 on they are steps back, which count as 0."""
    return np.where(difference < 1 << 31, difference, 0).astype(np.int64)

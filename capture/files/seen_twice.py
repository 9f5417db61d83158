"""Repeats: what two interfaces of one capture both saw, as Linux's usbmon0 (every bus) and usbmon1 do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .link_types import USBMON_LINK_TYPES
from .usbmon_header import USBMON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .link_frames import Frames
    from .link_types import Transfers

SAME_NS = 100_000
"""Each interface stamps a transfer itself, microseconds apart; no URB completes twice in less than this."""


def without_repeats(
    buffer: NDArray[np.uint8], frames: Sequence[Frames], transfers: Sequence[Transfers]
) -> list[Transfers]:
    """Return the transfers of each part of a file, less those that another interface saw just before."""
    usbmon = [n for n, part in enumerate(frames) if part.link_type in USBMON_LINK_TYPES and len(part.offsets)]
    seen_by = [frames[number].interfaces for number in usbmon]
    if not usbmon or max(map(np.max, seen_by)) == min(map(np.min, seen_by)):
        return list(transfers)
    found = [transfers[number] for number in usbmon]
    columns = (
        np.concatenate([part.timestamps_ns for part in found]),
        np.concatenate([part.completed for part in found]),
        np.concatenate([_urbs(buffer, frames[number]) for number in usbmon]),
        np.concatenate([part.keys for part in found]),
    )
    interfaces = np.concatenate(seen_by)
    is_new = iter(np.split(~_is_repeat(columns, interfaces), np.cumsum([len(part) for part in found])[:-1]))
    chosen = set(usbmon)
    return [part.where(next(is_new)) if n in chosen else part for n, part in enumerate(transfers)]


def _is_repeat(columns: Sequence[NDArray[np.generic]], interfaces: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Tell which rows follow their like from another interface. ``columns``: times, then what is equal."""
    order = np.lexsort(columns)
    times_ns, *equal = (column[order] for column in columns)
    follows = (np.diff(interfaces[order]) != 0) & (np.diff(times_ns) <= SAME_NS)
    for column in equal:
        follows &= column[1:] == column[:-1]
    repeats = np.zeros(len(order), np.bool_)
    repeats[order[1:]] = follows
    return repeats


def _urbs(buffer: NDArray[np.uint8], frames: Frames) -> NDArray[np.uint64]:
    """Return the URB that each frame of usbmon is about: the first field of its header."""
    urb = USBMON["id"].newbyteorder(frames.byte_order)
    rows = np.lib.stride_tricks.sliding_window_view(buffer, urb.itemsize)[frames.offsets]
    urbs: NDArray[np.uint64] = rows.view(urb)[:, 0].astype(np.uint64)
    return urbs

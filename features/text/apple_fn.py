"""Apple's keyboards: the last byte of a report is no place for a key, but bits for Fn and Eject.

With Fn the cursor keys and backspace are others (Linux, drivers/hid/hid-apple.c, apple_fn_keys).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture import BACKSPACE, DELETE, DOWN, END, HOME, LEFT, RIGHT, UP

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_FN = 0x03
"""Bits 0 and 1; as keys these would be error codes, which never stand alone."""
FN_USAGES = (0x00FF_0003, 0xFF00_0003)
"""What report descriptors call Fn: page in the upper 16 bits, usage in the lower."""
PAGE_UP, PAGE_DOWN = 0x4B, 0x4E
WITH_FN: Mapping[int, int] = {
    BACKSPACE: DELETE,
    LEFT: HOME,
    RIGHT: END,
    UP: PAGE_UP,
    DOWN: PAGE_DOWN,
}


def has_fn_byte(rows: NDArray[np.uint8]) -> bool:
    """Whether the last byte of reports (n, width) is such bits, and one is set at some time.

    A report of nothing but error codes sets them too.
    """
    last = rows[:, -1]
    alone = (last > 0) & (rows[:, 2:-1] != last[:, None]).any(axis=1)
    return bool((last <= MOST_FN).all() and alone.any())


def without_fn_byte(reports: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Take the byte off boot reports (n, 3 + places), and put the keys in that were struck with Fn.

    A key stays what it was when it went down, although Fn may go up before it.
    """
    keys = reports[:, :-1].copy()
    changed: set[int] = set()
    held: set[int] = set()
    touched = reports[:, -1] > 0
    touched |= np.isin(keys[:, 2:], list(WITH_FN)).any(axis=1)
    for row in np.flatnonzero(touched).tolist():
        held = _held_before(reports, row)
        down = set(keys[row, 2:].tolist()) & set(WITH_FN)
        changed = {key for key in down if (key in changed if key in held else bool(reports[row, -1]))}
        for key in changed:
            keys[row, 2:][keys[row, 2:] == key] = WITH_FN[key]
    return keys


def _held_before(reports: NDArray[np.uint8], row: int) -> set[int]:
    return set(reports[row - 1, 2:-1].tolist()) if row else set()

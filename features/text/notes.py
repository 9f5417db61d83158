"""What the text of a keyboard rests on besides its reports: said once, with the way out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture import CAPS_LOCK, KEYPAD_CURSOR, press_events, releases_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUM_LOCK = 0x53


def notes_on(reports: NDArray[np.uint8], num_lock: bool) -> Iterator[str]:
    """Yield the assumptions that the text of boot reports (n, 2 + places) makes."""
    pressed = press_events(reports).usages
    if len(pressed) > 1 and not releases_all(reports):
        yield "releases are missing, no report has every key up: a key struck twice in a row may stand once"
    repeats = _repeats(reports)
    if repeats:
        yield f"{repeats} reports repeat the one before: read as held keys; a lost release hides a letter"
    if np.isin(pressed, list(KEYPAD_CURSOR)).any():
        yield _num_lock_note(num_lock, bool((pressed == NUM_LOCK).any()))
    if (pressed == CAPS_LOCK).any():
        yield "caps lock taken as off before its first press: no report tells"


def _repeats(reports: NDArray[np.uint8]) -> int:
    """How many reports repeat keys that are down; 0 of a keyboard that repeats reports of no key as well."""
    is_same = (reports[1:] == reports[:-1]).all(axis=1)
    is_down = (reports[1:, 2:] > 0).any(axis=1)
    return 0 if (is_same & ~is_down).any() else int(np.count_nonzero(is_same & is_down))


def _num_lock_note(num_lock: bool, is_pressed: bool) -> str:
    taken, other = ("on", "off") if num_lock else ("off", "on")
    during = ", although its key is pressed" if is_pressed else ""
    return f"num lock taken as {taken} throughout{during}: no report tells; for the other, --num-lock {other}"

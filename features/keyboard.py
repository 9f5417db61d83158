"""Boot keyboard reports -> key presses -> text.

A boot report (HID 1.11, appendix B.1) is 8 bytes: modifiers, a reserved 0, and up to six keys that are down.
Functions here take the reports of one keyboard in order, uint8 (n, 8); no key is down before the first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.layouts import (
    BACKSPACE,
    CAPS_LOCK,
    ERROR_UNDEFINED,
    FIRST_MODIFIER,
    KEY_NAMES,
    SHIFT,
    US,
    Layout,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLLOVER_ERROR = 0x01


@dataclass(frozen=True, slots=True, eq=False)
class PressEvents:
    """Keys as they went down: the report's index int64 (n,), its modifiers and the usage uint8 (n,)."""

    reports: NDArray[np.int64]
    modifiers: NDArray[np.uint8]
    usages: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.usages)


def press_events(reports: NDArray[np.uint8]) -> PressEvents:
    """Find the keys that are in a report and were not in the one before, in order.

    Reports of rollover errors (every key 0x01) are passed over: the keyboard can't say what is down.
    """
    valid = np.flatnonzero((reports[:, 2:] != ROLLOVER_ERROR).any(axis=1))
    keys = reports[valid, 2:]
    before = np.vstack([np.zeros((1, 6), np.uint8), keys[:-1]]) if len(keys) else keys
    held = (keys[:, :, None] == before[:, None, :]).any(axis=2)
    row, slot = np.nonzero(~held & (keys > ERROR_UNDEFINED))
    return PressEvents(valid[row], reports[valid[row], 0], keys[row, slot])


def _strokes(reports: NDArray[np.uint8], layout: Layout) -> Iterator[tuple[int, int, str]]:
    """Yield each key pressed: usage, modifiers (0 if only shift), character or "". Caps lock is applied."""
    events = press_events(reports)
    caps_lock = False
    for usage, modifiers in zip(events.usages.tolist(), events.modifiers.tolist(), strict=True):
        if usage == CAPS_LOCK:
            caps_lock = not caps_lock
        elif modifiers & ~SHIFT:
            yield usage, modifiers, layout.character(usage)
        else:
            yield usage, 0, layout.character(usage, bool(modifiers & SHIFT), caps_lock)


def decode_text(reports: NDArray[np.uint8], layout: Layout = US) -> str:
    r"""Spell what the keys write, for the text models.

    Return is "\n", tab "\t"; backspace takes back the last character of the current word (never a blank);
    keys without a character, and keys struck with control, alt or GUI, write nothing.
    """
    text: list[str] = []
    for usage, modifiers, character in _strokes(reports, layout):
        if modifiers:
            continue
        if usage == BACKSPACE and text and not text[-1].isspace():
            text.pop()
        elif character:
            text.append(character)
    return "".join(text)


def raw_text(reports: NDArray[np.uint8], layout: Layout = US) -> str:
    """Spell every key and edit nothing: `<BS>` and the like by name, others in hex (`<4e>`).

    With a modifier besides shift it is `<M01:c>`: all the modifiers in hex, the key as it is without shift.
    """
    return "".join(_notation(*stroke) for stroke in _strokes(reports, layout))


def _notation(usage: int, modifiers: int, character: str) -> str:
    name = KEY_NAMES.get(usage, f"{usage:02x}")
    if modifiers:
        return f"<M{modifiers:02x}:{character or name}>"
    return character or f"<{name}>"


def is_keyboard(reports: NDArray[np.uint8]) -> bool:
    """Tell whether 8-byte packets are boot reports in which a key is pressed.

    In every one the second byte is 0, keys are usages below the modifiers' 0xE0, none stands twice, and an
    error code (1 to 3) fills all six places. A mouse breaks this as soon as it moves: its bytes are signed
    distances.
    """
    keys = np.sort(reports[:, 2:], axis=1)
    is_error = (keys == keys[:, :1]).all(axis=1) & (keys[:, 0] > 0) & (keys[:, 0] <= ERROR_UNDEFINED)
    twice = ((keys[:, 1:] == keys[:, :-1]) & (keys[:, 1:] > 0)).any(axis=1)
    has_error_code = ((keys > 0) & (keys <= ERROR_UNDEFINED)).any(axis=1)
    plausible = is_error | ~(twice | has_error_code | (keys[:, -1] >= FIRST_MODIFIER))
    return bool((reports[:, 1] == 0).all() and plausible.all() and len(press_events(reports)))

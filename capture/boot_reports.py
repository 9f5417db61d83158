"""Boot keyboard reports: which key went down or up, and whether packets are such reports at all.

A boot report (HID 1.11, appendix B.1) is 8 bytes: modifiers, a reserved 0, and up to six keys that are down.
Functions here take the reports of one keyboard in order, uint8 (n, 8); no key is down before the first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from .layouts import ERROR_UNDEFINED, FIRST_MODIFIER

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOOT_REPORT_BYTES: Final = 8
ROLLOVER_ERROR: Final = 0x01
MOST_COMPARED: Final = 1 << 24
"""Pairs of keys that are held at a time, a byte each."""
LAST_USUAL_KEY: Final = 0x94
"""The last of the keys for languages; those from here to the modifiers are on next to no keyboard."""
LEAST_USUAL_SHARE: Final = 0.9
MOST_KEYS_WITHOUT_RELEASE: Final = 3


@dataclass(frozen=True, slots=True, eq=False)
class KeyEvents:
    """Keys as they went down or up: the report's index int64 (n,), its modifiers and the usage uint8 (n,).

    ``pressed`` bool (n,): down, else up. Modifiers are keys too, usages 0xE0 to 0xE7.
    """

    reports: NDArray[np.int64]
    modifiers: NDArray[np.uint8]
    usages: NDArray[np.uint8]
    pressed: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.usages)

    def where(self, mask: NDArray[np.bool_]) -> KeyEvents:
        """Return the events where ``mask`` holds."""
        return KeyEvents(self.reports[mask], self.modifiers[mask], self.usages[mask], self.pressed[mask])

    def presses(self) -> KeyEvents:
        """Return the events of keys besides modifiers that go down."""
        return self.where(self.pressed & (self.usages < FIRST_MODIFIER))


def key_events(reports: NDArray[np.uint8]) -> KeyEvents:
    """Find what each report changes against the one before; one that repeats it changes nothing.

    Within a report: keys up, modifiers up, modifiers down, keys down, each in the report's order. Reports of
    rollover errors (every key 0x01) are passed over: the keyboard can't say what is down.
    """
    valid = np.flatnonzero((reports[:, 2:] != ROLLOVER_ERROR).any(axis=1))
    down = np.hstack([_modifier_keys(reports[valid, 0]), reports[valid, 2:]])
    # Reports of 64 bytes are no keyboard's as a rule: what no row has and what does not change costs nothing.
    down = down[:, down.any(axis=0)]
    before = np.vstack([np.zeros((1, down.shape[1]), np.uint8), down])[:-1]
    changes = (down != before).any(axis=1)
    valid, down, before = valid[changes], down[changes], before[changes]
    up_rows, up_places = _missing(before, down)
    rows, places = _missing(down, before)
    usages = np.concatenate([before[up_rows, up_places], down[rows, places]])
    pressed = np.repeat([False, True], [len(up_rows), len(rows)])
    all_rows = np.concatenate([up_rows, rows])
    is_modifier = usages >= FIRST_MODIFIER
    order = np.lexsort((np.concatenate([up_places, places]), pressed != is_modifier, pressed, all_rows))
    changed = valid[all_rows[order]]
    return KeyEvents(changed, reports[changed, 0], usages[order], pressed[order])


def press_events(reports: NDArray[np.uint8]) -> KeyEvents:
    """Find the keys besides modifiers that go down, in order: the presses of ``key_events``."""
    valid = np.flatnonzero((reports[:, 2:] != ROLLOVER_ERROR).any(axis=1))
    down = reports[valid, 2:]
    before = np.zeros_like(down)
    before[1:] = down[:-1]
    rows, places = _missing(down, before)
    changed = valid[rows]
    found = KeyEvents(changed, reports[changed, 0], down[rows, places], np.ones(len(rows), np.bool_))
    return found.where(found.usages < FIRST_MODIFIER)


def _missing(keys: NDArray[np.uint8], others: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and places of the keys that the same row of ``others`` does not have."""
    step = max(1, MOST_COMPARED // max(1, keys.shape[1] ** 2))
    found = [np.empty((0, keys.shape[1]), np.bool_)]
    for start in range(0, len(keys), step):
        part = slice(start, start + step)
        has = (keys[part, :, None] == others[part, None, :]).any(axis=2)
        found.append((keys[part] > ERROR_UNDEFINED) & ~has)
    rows, places = np.nonzero(np.vstack(found))
    return rows, places


def _modifier_keys(modifiers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The usages of the modifiers that are down, uint8 (n, 8), 0 where one is up."""
    bits = np.unpackbits(modifiers[:, None], axis=1, bitorder="little")
    return np.where(bits, np.arange(FIRST_MODIFIER, FIRST_MODIFIER + 8), 0).astype(np.uint8)


@dataclass(slots=True)
class KeyEventStream:
    """``key_events`` of one report after another, as a board decodes them."""

    last: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((1, BOOT_REPORT_BYTES), np.uint8))

    def push(self, report: NDArray[np.uint8]) -> KeyEvents:
        """Events of a report uint8 (8,) against the one before it; one of rollover errors has none."""
        events = key_events(np.concatenate([self.last, report[None]]))
        if (report[2:] != ROLLOVER_ERROR).any():
            self.last = report[None].copy()
        return events.where(events.reports == 1)


def is_keyboard(reports: NDArray[np.uint8]) -> bool:
    """Tell whether packets are what ``keyboard_presses`` finds keys in."""
    return keyboard_presses(reports) is not None


def keyboard_presses(reports: NDArray[np.uint8]) -> KeyEvents | None:
    """Find the keys that go down, where packets are a keyboard's; None where they are not.

    A keyboard's are packets uint8 (n, 8), or with other places for keys, that are boot reports of a hand:
    in every one the second byte is 0, keys are usages below the modifiers' 0xE0, none stands twice, and an
    error code (1 to 3) fills all six places. A mouse breaks this as soon as it moves: its bytes are signed
    distances. Over all of them a key goes down, those that do are usual ones, and at some time all are up
    again; where a capture lacks that, keys go down one by one and three are held at most.
    """
    if reports[:, 1].any() or not reports[:, 2:].any():
        return None
    keys = np.sort(reports[:, 2:], axis=1)
    is_error = (keys == keys[:, :1]).all(axis=1) & (keys[:, 0] > 0) & (keys[:, 0] <= ERROR_UNDEFINED)
    twice = ((keys[:, 1:] == keys[:, :-1]) & (keys[:, 1:] > 0)).any(axis=1)
    has_error_code = ((keys > 0) & (keys <= ERROR_UNDEFINED)).any(axis=1)
    plausible = is_error | ~(twice | has_error_code | (keys[:, -1] >= FIRST_MODIFIER))
    if not plausible.all():
        return None
    presses = press_events(reports)
    return presses if len(presses) and _is_typed(reports, presses) else None


def _is_typed(reports: NDArray[np.uint8], presses: KeyEvents) -> bool:
    usual_share = np.count_nonzero(presses.usages <= LAST_USUAL_KEY) / len(presses)
    if releases_all(reports):
        return bool(usual_share >= LEAST_USUAL_SHARE)
    down = np.count_nonzero(reports[:, 2:] > ERROR_UNDEFINED, axis=1)
    is_one_by_one = bool((np.diff(presses.reports) > 0).all())
    return bool(usual_share == 1 and np.max(down) <= MOST_KEYS_WITHOUT_RELEASE) and is_one_by_one


def releases_all(reports: NDArray[np.uint8]) -> bool:
    """Tell whether every key is up at some time after one was down."""
    is_down = np.count_nonzero(reports[:, 2:], axis=1) > 0
    return bool((is_down[:-1] & ~is_down[1:]).any())

r"""Boot keyboard reports -> key events -> text.

A boot report (HID 1.11, appendix B.1) is 8 bytes: modifiers, a reserved 0, and up to six keys that are down.
Functions here take the reports of one keyboard in order, uint8 (n, 8); no key is down before the first.

Shift, caps lock and, where the layout has such levels, AltGr (the right alt) choose the character. Return is
"\n", tab "\t". A dead key joins the next character (``capture.layouts.compose``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from zerotap.capture import (
    BACKSPACE,
    CAPS_LOCK,
    EDITING_KEYS,
    ERROR_UNDEFINED,
    FIRST_MODIFIER,
    KEY_NAMES,
    MODIFIER_NAMES,
    RIGHT_ALT,
    SHIFT,
    US,
    Layout,
    compose,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROLLOVER_ERROR = 0x01


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


class KeyStroke(NamedTuple):
    """A key pressed with all of the ``modifiers``; ``character`` is what it writes, "" if nothing.

    A dead key and its successor are one stroke, whose ``character`` may be two.
    """

    usage: int
    modifiers: int
    character: str


def key_events(reports: NDArray[np.uint8]) -> KeyEvents:
    """Find what each report changes against the one before; one that repeats it changes nothing.

    Within a report: keys up, modifiers up, modifiers down, keys down, each in the report's order. Reports of
    rollover errors (every key 0x01) are passed over: the keyboard can't say what is down.
    """
    valid = np.flatnonzero((reports[:, 2:] != ROLLOVER_ERROR).any(axis=1))
    down = np.hstack([_modifier_keys(reports[valid, 0]), reports[valid, 2:]])
    before = np.vstack([np.zeros((1, down.shape[1]), np.uint8), down])[:-1]
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
    """Find the keys besides modifiers that go down, in order."""
    events = key_events(reports)
    return events.where(events.pressed & (events.usages < FIRST_MODIFIER))


def _missing(keys: NDArray[np.uint8], others: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and places of the keys that the same row of ``others`` does not have."""
    rows, places = np.nonzero(
        (keys > ERROR_UNDEFINED) & ~(keys[:, :, None] == others[:, None, :]).any(axis=2)
    )
    return rows, places


def _modifier_keys(modifiers: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The usages of the modifiers that are down, uint8 (n, 8), 0 where one is up."""
    bits = np.unpackbits(modifiers[:, None], axis=1, bitorder="little")
    return np.where(bits, np.arange(FIRST_MODIFIER, FIRST_MODIFIER + 8), 0).astype(np.uint8)


def key_strokes(reports: NDArray[np.uint8], layout: Layout = US) -> Iterator[KeyStroke]:
    """Yield each key pressed but caps lock, which is applied to those that follow. No dead key waits here."""
    altgr_bit = RIGHT_ALT if layout.has_altgr else 0
    events = press_events(reports)
    caps_lock = False
    for usage, modifiers in zip(events.usages.tolist(), events.modifiers.tolist(), strict=True):
        if usage == CAPS_LOCK:
            caps_lock = not caps_lock
            continue
        writes = not modifiers & ~(SHIFT | altgr_bit)
        shift, altgr = bool(modifiers & SHIFT), bool(modifiers & altgr_bit)
        character = layout.character(usage, shift, altgr, caps_lock) if writes else ""
        yield KeyStroke(usage, modifiers, character)


def composed(strokes: Iterable[KeyStroke], layout: Layout) -> Iterator[KeyStroke]:
    """Join each dead key with the character after it; before a key that writes nothing it stands alone."""
    waiting: KeyStroke | None = None
    for stroke in strokes:
        if waiting and stroke.character:
            yield stroke._replace(character=compose(waiting.character, stroke.character))
            waiting = None
            continue
        if waiting:
            yield waiting
        waiting = stroke if stroke.character and stroke.character in layout.dead_keys else None
        if not waiting:
            yield stroke
    if waiting:
        yield waiting


def _is_no_blank(character: str) -> bool:
    return not character.isspace()


def decode_text(
    reports: NDArray[np.uint8], layout: Layout = US, in_word: Callable[[str], bool] = _is_no_blank
) -> str:
    """Spell what the keys write, for the text models.

    The current word is the last run of characters of which ``in_word`` holds. Backspace takes back its last
    character, and nothing where it has none. Any other key that writes nothing (a cursor key, one struck with
    control, alt or GUI) ends it: what is typed next is another word, after a space.
    """
    text: list[str] = []
    ended = False
    for usage, modifiers, character in composed(key_strokes(reports, layout), layout):
        after_word = bool(text) and in_word(text[-1])
        if character:
            text.extend([" "] if ended and after_word and in_word(character[0]) else [])
            text.extend(character)
            ended = False
        elif not is_backspace(usage, modifiers):
            ended = True
        elif after_word and not ended:
            text.pop()
    return "".join(text)


def is_backspace(usage: int, modifiers: int) -> bool:
    """Whether a key takes one character back; with control, say, it takes more."""
    return usage == BACKSPACE and not modifiers & ~SHIFT


def typed_text(reports: NDArray[np.uint8], layout: Layout = US) -> str:
    """Spell every key for a reader and edit nothing: `<BS>`, `<F5>`, `<Ctrl+c>`, `<Shift+LEFT>`.

    A key that no table names is its usage in hex (`<87>`). Caps lock is applied, not spelled.
    """
    return "".join(spell(stroke, layout) for stroke in composed(key_strokes(reports, layout), layout))


def spell(stroke: KeyStroke, layout: Layout) -> str:
    """The character of a stroke, or the key in angle brackets after its modifiers."""
    if stroke.character:
        return stroke.character
    key = KEY_NAMES.get(stroke.usage) or layout.character(stroke.usage) or f"{stroke.usage:02x}"
    return f"<{'+'.join([*_modifier_names(stroke.modifiers, layout), key])}>"


def _modifier_names(modifiers: int, layout: Layout) -> list[str]:
    if modifiers & RIGHT_ALT and not layout.has_altgr:
        modifiers = modifiers & ~RIGHT_ALT | MODIFIER_NAMES["Alt"]
    return [name for name, bits in MODIFIER_NAMES.items() if modifiers & bits]


def raw_text(reports: NDArray[np.uint8], layout: Layout = US) -> str:
    """Spell every key and edit nothing: `<BS>` and the like by name, others in hex (`<4e>`).

    With a modifier that does not choose a character it is `<M01:c>`: all the modifiers in hex, the key as it
    is without them.
    """
    return "".join(_raw_notation(stroke, layout) for stroke in key_strokes(reports, layout))


def _raw_notation(stroke: KeyStroke, layout: Layout) -> str:
    if stroke.character:
        return stroke.character
    name = EDITING_KEYS.get(stroke.usage, f"{stroke.usage:02x}")
    if stroke.modifiers & ~SHIFT:
        return f"<M{stroke.modifiers:02x}:{layout.character(stroke.usage) or name}>"
    return f"<{name}>"


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

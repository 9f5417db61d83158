r"""Boot keyboard reports -> key strokes -> text.

Functions here take the boot reports of one keyboard in order, uint8 (n, 8) (see ``capture.boot_reports``).

Shift, caps lock and, where the layout has such levels, AltGr (the right alt) choose the character. Return is
"\n", tab "\t". A dead key joins the next character (``capture.Layout.compose``). No report tells whether num
lock is on: ``num_lock`` does, for all of them. With it the keypad writes digits, but those struck with shift.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from zerotap.capture import (
    BACKSPACE,
    CAPS_LOCK,
    EDITING_KEYS,
    KEY_NAMES,
    KEYPAD_CURSOR,
    MODIFIER_NAMES,
    RIGHT_ALT,
    SHIFT,
    US,
    Layout,
    press_events,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class KeyStroke(NamedTuple):
    """A key pressed with all of the ``modifiers``; ``character`` is what it writes, "" if nothing.

    A dead key and its successor are one stroke, whose ``character`` may be two.
    """

    usage: int
    modifiers: int
    character: str


def key_strokes(
    reports: NDArray[np.uint8], layout: Layout = US, num_lock: bool = True
) -> Iterator[KeyStroke]:
    """Yield each key pressed but caps lock, which is applied to those that follow. No dead key waits here."""
    altgr_bit = RIGHT_ALT if layout.has_altgr else 0
    events = press_events(reports)
    caps_lock = False
    for usage, modifiers in zip(events.usages.tolist(), events.modifiers.tolist(), strict=True):
        if usage == CAPS_LOCK:
            caps_lock = not caps_lock
            continue
        writes = not modifiers & ~(SHIFT | altgr_bit) and (num_lock or usage not in KEYPAD_CURSOR)
        shift, altgr = bool(modifiers & SHIFT), bool(modifiers & altgr_bit)
        character = layout.character(usage, shift, altgr, caps_lock) if writes else ""
        yield KeyStroke(usage, modifiers, character)


def composed(strokes: Iterable[KeyStroke], layout: Layout) -> Iterator[KeyStroke]:
    """Join each dead key with the character after it; before a key that writes nothing it stands alone."""
    waiting: KeyStroke | None = None
    for stroke in strokes:
        if waiting and stroke.character:
            yield stroke._replace(character=layout.compose(waiting.character, stroke.character))
            waiting = None
            continue
        if waiting:
            yield _alone(waiting, layout)
        waiting = stroke if stroke.character and stroke.character in layout.dead_keys else None
        if not waiting:
            yield stroke
    if waiting:
        yield _alone(waiting, layout)


def _alone(dead_key: KeyStroke, layout: Layout) -> KeyStroke:
    return dead_key._replace(character=layout.uncomposed(dead_key.character))


def _is_no_blank(character: str) -> bool:
    return not character.isspace()


def decode_text(
    reports: NDArray[np.uint8],
    layout: Layout = US,
    in_word: Callable[[str], bool] = _is_no_blank,
    num_lock: bool = True,
) -> str:
    """Spell what the keys write, for the text models.

    The current word is the last run of characters of which ``in_word`` holds. Backspace takes back its last
    character, and nothing where it has none. Any other key that writes nothing (a cursor key, one struck with
    control, alt or GUI) ends it: what is typed next is another word, after a space.
    """
    text: list[str] = []
    ended = False
    for usage, modifiers, character in composed(key_strokes(reports, layout, num_lock), layout):
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


def typed_text(reports: NDArray[np.uint8], layout: Layout = US, num_lock: bool = True) -> str:
    """Spell every key for a reader and edit nothing: `<BS>`, `<F5>`, `<Ctrl+c>`, `<Shift+LEFT>`.

    A key that no table names is its usage in hex (`<87>`). Caps lock is applied, not spelled.
    """
    strokes = composed(key_strokes(reports, layout, num_lock), layout)
    return "".join(spell(stroke, layout) for stroke in strokes)


def spell(stroke: KeyStroke, layout: Layout) -> str:
    """The character of a stroke, or the key in angle brackets after its modifiers."""
    if stroke.character:
        return stroke.character
    key = (
        KEY_NAMES.get(stroke.usage)
        or layout.uncomposed(layout.character(stroke.usage))
        or f"{stroke.usage:02x}"
    )
    return f"<{'+'.join([*_modifier_names(stroke.modifiers, layout), key])}>"


def _modifier_names(modifiers: int, layout: Layout) -> list[str]:
    if modifiers & RIGHT_ALT and not layout.has_altgr:
        modifiers = modifiers & ~RIGHT_ALT | MODIFIER_NAMES["Alt"]
    return [name for name, bits in MODIFIER_NAMES.items() if modifiers & bits]


def raw_text(reports: NDArray[np.uint8], layout: Layout = US, num_lock: bool = True) -> str:
    """Spell every key and edit nothing: `<BS>` and the like by name, others in hex (`<4e>`).

    With a modifier that does not choose a character it is `<M01:c>`: all the modifiers in hex, the key as it
    is without them.
    """
    return "".join(_raw_notation(stroke, layout) for stroke in key_strokes(reports, layout, num_lock))


def _raw_notation(stroke: KeyStroke, layout: Layout) -> str:
    if stroke.character:
        return layout.uncomposed(stroke.character)
    name = EDITING_KEYS.get(stroke.usage, f"{stroke.usage:02x}")
    if stroke.modifiers & ~SHIFT:
        return f"<M{stroke.modifiers:02x}:{layout.uncomposed(layout.character(stroke.usage)) or name}>"
    return f"<{name}>"

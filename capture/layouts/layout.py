"""What a key means: USB HID usages of the keyboard page, and what a keyboard layout is.

Usages: USB HID Usage Tables 1.5, section 10 (Keyboard/Keypad Page, 0x07). Modifier bits: HID 1.11, section
8.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from .accents import ACCENTS, with_accent

LEFT_SHIFT = 0x02
RIGHT_SHIFT = 0x20
SHIFT = LEFT_SHIFT | RIGHT_SHIFT
RIGHT_ALT = 0x40
"""AltGr on layouts that have a third level, an ordinary alt on those that have none."""
MODIFIER_NAMES: Mapping[str, int] = {
    "Ctrl": 0x11,
    "Shift": SHIFT,
    "Alt": 0x04,
    "AltGr": RIGHT_ALT,
    "GUI": 0x88,
}
"""Modifiers by name, left and right together: their bits in a boot report's first byte."""

ERROR_UNDEFINED = 0x03
"""Usages 1 to 3 are faults (rollover, self-test, undefined), not keys."""
BACKSPACE = 0x2A
CAPS_LOCK = 0x39
INSERT, HOME, DELETE, END, RIGHT, LEFT, DOWN, UP = 0x49, 0x4A, 0x4C, 0x4D, 0x4F, 0x50, 0x51, 0x52
PAGE_UP, PAGE_DOWN = 0x4B, 0x4E
FIRST_MODIFIER = 0xE0
LEFT_SHIFT_KEY = 0xE1
RIGHT_SHIFT_KEY = 0xE5
RIGHT_ALT_KEY = 0xE6

EDITING_KEYS: Mapping[int, str] = {
    0x29: "ESC",
    BACKSPACE: "BS",
    HOME: "HOME",
    DELETE: "DEL",
    END: "END",
    RIGHT: "RIGHT",
    LEFT: "LEFT",
    DOWN: "DOWN",
    UP: "UP",
}
"""The editing keys that have a name of their own in ``raw_text``."""

KEY_NAMES: Mapping[int, str] = {
    **EDITING_KEYS,
    0x28: "RETURN",
    0x2B: "TAB",
    0x2C: "SPACE",
    **{0x3A + i: f"F{i + 1}" for i in range(12)},
    **dict(enumerate(("PRINT", "SCROLL LOCK", "PAUSE", "INSERT"), 0x46)),
    0x4B: "PAGE UP",
    0x4E: "PAGE DOWN",
    0x53: "NUM LOCK",
    **{0x54 + i: f"KP {name}" for i, name in enumerate([*"/*-+", "ENTER", *"1234567890."])},
    0x65: "MENU",
    **{0x68 + i: f"F{i + 13}" for i in range(12)},
}
"""Keys by name, where the character is none or a blank, or depends on num lock, which no report tells."""

KEYPAD_DECIMAL = 0x63
KEYPAD: Mapping[int, str] = {
    **{usage: 2 * character for usage, character in zip(range(0x54, 0x59), "/*-+\n", strict=True)},
    **dict(zip(range(0x59, KEYPAD_DECIMAL), "1234567890", strict=True)),
    0x67: "==",
}
"""Keypad keys -> their plain and shifted characters with num lock on, less the decimal, which is a layout's.

Shift takes num lock back, so that the digits have no shifted level.
"""
KEYPAD_CURSOR: Mapping[int, int | None] = dict(
    zip(
        range(0x59, KEYPAD_DECIMAL + 1),
        (END, DOWN, PAGE_DOWN, LEFT, None, RIGHT, HOME, UP, PAGE_UP, INSERT, DELETE),
        strict=True,
    )
)
"""Keypad keys that num lock changes -> the keys that they are without it; the 5 is none."""

NOTHING = "\0"
"""What stands in ``Layout.keys`` for a level that writes nothing, below one that writes something."""


class Stroke(NamedTuple):
    """The key that makes a character, as a usage in [0x04, 0xDD], and whether shift and AltGr are down."""

    usage: int
    shift: bool
    altgr: bool = False


@dataclass(frozen=True)
class Layout:
    """A keyboard layout: usage -> the characters of its levels: plain, shift, AltGr, shift and AltGr.

    ``dead_keys`` are those characters whose keys wait for the next one, see ``compose``: accents, or the
    combining characters that stand for them where the layout may have the accent on a key of its own too.
    They write their accent alone, or what ``alone`` says. ``decimal`` is the keypad's; its other keys are the
    same everywhere (KEYPAD). ``origin`` is the layout of xkeyboard-config that the table was made from, ""
    for one written by hand.
    """

    name: str
    keys: Mapping[int, str]
    dead_keys: str = ""
    decimal: str = "."
    alone: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""

    @cached_property
    def keypad(self) -> Mapping[int, str]:
        """The keypad's usages and characters, as in ``keys``, with num lock on."""
        return {**KEYPAD, KEYPAD_DECIMAL: self.decimal}

    def character(self, usage: int, shift: bool = False, altgr: bool = False, caps_lock: bool = False) -> str:
        """The character a key makes, or "" where it makes none; the keypad's with num lock on.

        Caps lock swaps the levels of letters whose shifted level is their upper case, and makes any other
        letter upper case (the Swiss key of ü and è), where that is one letter with this lower case.
        """
        levels = self.keys.get(usage) or self.keypad.get(usage, "")
        pair = levels[2:] if altgr else levels[:2]
        swaps = caps_lock and _are_cases(pair)
        level = shift != swaps
        character = pair[level : level + 1].strip(NOTHING)
        return _upper(character) if caps_lock and not swaps else character

    def uncomposed(self, character: str) -> str:
        """What a character of a key writes by itself: of a dead key its accent, else itself."""
        if character not in self.dead_keys:
            return character
        return self.alone.get(character) or ACCENTS.get(character, character)

    def compose(self, dead_key: str, character: str) -> str:
        """What a dead key and the character after it write.

        A letter that Unicode has with this accent becomes that letter; a space leaves the accent alone;
        before anything else (another accent too) the accent is written and then the character.
        """
        accent = self.uncomposed(dead_key)
        if character == " ":
            return accent
        return with_accent(dead_key, character) or accent + self.uncomposed(character)

    @cached_property
    def has_altgr(self) -> bool:
        """Whether right alt chooses a level; else it is an ordinary alt."""
        return any(len(levels) > 2 for levels in self.keys.values())

    @cached_property
    def strokes(self) -> Mapping[str, Stroke]:
        """The inverse: character -> stroke, the lowest level where there is a choice; no dead keys.

        None is on the keypad: what it writes depends on num lock.
        """
        return {written: at for written, at in self._strokes.items() if written not in self.dead_keys}

    @cached_property
    def sequences(self) -> Mapping[str, tuple[Stroke, ...]]:
        """Every character that can be typed -> its stroke, or else those of a dead key and of a character."""
        sequences: dict[str, tuple[Stroke, ...]] = {written: (at,) for written, at in self.strokes.items()}
        for dead_key, first in self._strokes.items():
            if dead_key in self.dead_keys:
                for character, second in self.strokes.items():
                    sequences.setdefault(self.compose(dead_key, character), (first, second))
        return {written: strokes for written, strokes in sequences.items() if len(written) == 1}

    @cached_property
    def _strokes(self) -> Mapping[str, Stroke]:
        strokes: dict[str, Stroke] = {}
        for level in range(4):
            for usage, levels in self.keys.items():
                character = levels[level : level + 1].strip(NOTHING)
                if character:
                    strokes.setdefault(character, Stroke(usage, bool(level & 1), level > 1))
        return strokes


def _are_cases(pair: str) -> bool:
    """Whether both are one letter, lower case and upper; ẞ says so of ß, which has SS."""
    low, high = pair[:1], pair[1:]
    return low != high and (low.upper() == high or high.lower() == low)


def _upper(character: str) -> str:
    upper = character.upper()
    return upper if upper.lower() == character else character

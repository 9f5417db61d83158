"""What a key means: USB HID usages of the keyboard page, and keyboard layouts that map them to characters.

Usages: USB HID Usage Tables 1.5, section 10 (Keyboard/Keypad Page, 0x07). Modifier bits: HID 1.11, section
8.3. Layouts: as Windows and Linux (xkeyboard-config) have them where the two agree, else as Windows has them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

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

COMBINING = {"^": "\u0302", "´": "\u0301", "`": "\u0300"}
"""Accents of dead keys -> Unicode's combining characters."""


class Stroke(NamedTuple):
    """The key that makes a character, as a usage in [0x04, 0xDD], and whether shift and AltGr are down."""

    usage: int
    shift: bool
    altgr: bool = False


@dataclass(frozen=True)
class Layout:
    """A keyboard layout: usage -> the characters of its levels: plain, shift, AltGr, shift and AltGr.

    ``dead_keys`` are the accents whose keys wait for the next character, see ``compose``. ``decimal`` is the
    keypad's; its other keys are the same everywhere (KEYPAD).
    """

    name: str
    keys: Mapping[int, str]
    dead_keys: str = ""
    decimal: str = "."

    @cached_property
    def keypad(self) -> Mapping[int, str]:
        """The keypad's usages and characters, as in ``keys``, with num lock on."""
        return {**KEYPAD, KEYPAD_DECIMAL: self.decimal}

    def character(self, usage: int, shift: bool = False, altgr: bool = False, caps_lock: bool = False) -> str:
        """The character a key makes, or "" where it makes none; the keypad's with num lock on.

        Caps lock swaps the levels of letters only: of those whose shifted level is their upper case.
        """
        levels = self.keys.get(usage) or self.keypad.get(usage, "")
        pair = levels[2:] if altgr else levels[:2]
        has_case = pair[:1].upper() == pair[1:] != pair[:1]
        level = shift != (caps_lock and has_case)
        return pair[level : level + 1]

    @cached_property
    def has_altgr(self) -> bool:
        """Whether right alt chooses a level; else it is an ordinary alt."""
        return any(len(levels) > 2 for levels in self.keys.values())

    @cached_property
    def strokes(self) -> Mapping[str, Stroke]:
        """The inverse: character -> stroke, the lowest level where there is a choice; no dead keys.

        None is on the keypad: what it writes depends on num lock.
        """
        strokes: dict[str, Stroke] = {}
        for level in range(4):
            for usage, levels in self.keys.items():
                character = levels[level : level + 1]
                if character and character not in self.dead_keys:
                    strokes.setdefault(character, Stroke(usage, bool(level & 1), level > 1))
        return strokes


def compose(accent: str, character: str) -> str:
    """What a dead key and the character after it write.

    A letter that Unicode has with this accent becomes that letter; a space leaves the accent alone; before
    anything else (another accent too) the accent is written and then the character.
    """
    if character == " ":
        return accent
    composed = unicodedata.normalize("NFC", character + COMBINING[accent])
    return composed if len(composed) == 1 else accent + character


# The places of a keyboard's four rows, left to right. The third row ends with the key that only ISO keyboards
# have beside return (0x32), the fourth begins with the one that only they have beside left shift (0x64).
_ROWS = (
    (0x35, *range(0x1E, 0x28), 0x2D, 0x2E),
    (0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30),
    (0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34, 0x32),
    (0x64, 0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38),
)
_BACKSLASH, _ISO_HASH, _ISO_LEFT = 0x31, 0x32, 0x64
_BLANKS = {0x28: "\n\n", 0x2B: "\t\t", 0x2C: "  "}


def _rows(plain: str, shifted: str, altgr: Mapping[str, str] | None = None) -> dict[int, str]:
    """Keys by their rows, one line of either string a row; ``altgr``: plain character -> higher levels."""
    keys = dict(_BLANKS)
    for usages, row, shifted_row in zip(_ROWS, plain.split("\n"), shifted.split("\n"), strict=True):
        for usage, low, high in zip(usages, row, shifted_row, strict=True):
            keys[usage] = low + high + (altgr or {}).get(low, "")
    return keys


def _ansi(plain: str, shifted: str) -> dict[int, str]:
    """Rows of an ANSI keyboard: the place of the key beside an ISO keyboard's return has the backslash.

    On an ISO keyboard both of its own keys write that too (HID Usage Tables 1.5, table 12; Windows).
    """
    keys = _rows(plain, shifted)
    backslash = keys.pop(_ISO_HASH)
    del keys[_ISO_LEFT]  # so that the backslash is looked up where every keyboard has it
    return keys | dict.fromkeys((_BACKSLASH, _ISO_HASH, _ISO_LEFT), backslash)


def _iso(plain: str, shifted: str, altgr: Mapping[str, str]) -> dict[int, str]:
    """Rows of an ISO keyboard. Some send the ANSI backslash's usage for the key beside return."""
    keys = _rows(plain, shifted, altgr)
    return keys | {_BACKSLASH: keys[_ISO_HASH]}


US = Layout(
    "us",
    _ansi(
        "`1234567890-=\nqwertyuiop[]\nasdfghjkl;'\\\n zxcvbnm,./",
        '~!@#$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:"|\n ZXCVBNM<>?',
    ),
)

UK = Layout(
    "uk",
    _iso(
        "`1234567890-=\nqwertyuiop[]\nasdfghjkl;'#\n\\zxcvbnm,./",
        '¬!"£$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:@~\n|ZXCVBNM<>?',
        {"`": "¦", "4": "€", "a": "áÁ", "e": "éÉ", "i": "íÍ", "o": "óÓ", "u": "úÚ"},
    ),
)

GERMAN = Layout(
    "german",
    _iso(
        "^1234567890ß´\nqwertzuiopü+\nasdfghjklöä#\n<yxcvbnm,.-",
        "°!\"§$%&/()=?`\nQWERTZUIOPÜ*\nASDFGHJKLÖÄ'\n>YXCVBNM;:_",
        {**dict(zip("237890ß", "²³{[]}\\", strict=True)), **dict(zip("qe+<m", "@€~|µ", strict=True))},
    ),
    dead_keys="^´`",
    decimal=",",
)

DVORAK = Layout(
    "dvorak",
    _ansi(
        "`1234567890[]\n',.pyfgcrl/=\naoeuidhtns-\\\n ;qjkxbmwvz",
        '~!@#$%^&*(){}\n"<>PYFGCRL?+\nAOEUIDHTNS_|\n :QJKXBMWVZ',
    ),
)

LAYOUTS: Mapping[str, Layout] = {layout.name: layout for layout in (US, UK, GERMAN, DVORAK)} | {"de": GERMAN}
"""Every layout by name."""

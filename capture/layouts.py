"""What a key means: USB HID usages of the keyboard page, and keyboard layouts that map them to characters.

Usages: USB HID Usage Tables 1.5, section 10 (Keyboard/Keypad Page, 0x07). Modifier bits: HID 1.11, section
8.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

LEFT_SHIFT = 0x02
RIGHT_SHIFT = 0x20
SHIFT = LEFT_SHIFT | RIGHT_SHIFT

ERROR_UNDEFINED = 0x03
"""Usages 1 to 3 are faults (rollover, self-test, undefined), not keys."""
BACKSPACE = 0x2A
CAPS_LOCK = 0x39
FIRST_MODIFIER = 0xE0
LEFT_SHIFT_KEY = 0xE1
RIGHT_SHIFT_KEY = 0xE5

KEY_NAMES: Mapping[int, str] = {
    0x29: "ESC",
    BACKSPACE: "BS",
    0x4A: "HOME",
    0x4C: "DEL",
    0x4D: "END",
    0x4F: "RIGHT",
    0x50: "LEFT",
    0x51: "DOWN",
    0x52: "UP",
}
"""The editing keys that have a name of their own in ``raw_text``."""


class Stroke(NamedTuple):
    """The key that makes a character, as a usage in [0x04, 0xDD], and whether shift is down."""

    usage: int
    shift: bool


@dataclass(frozen=True)
class Layout:
    """A keyboard layout: usage -> the characters of its levels, without shift first, with shift second."""

    name: str
    keys: Mapping[int, str]

    def character(self, usage: int, shift: bool = False, caps_lock: bool = False) -> str:
        """The character a key makes, or "" where it makes none. Caps lock swaps the cases of letters only."""
        levels = self.keys.get(usage, "")
        if not levels:
            return ""
        shifted = shift != (caps_lock and levels[0].isalpha())
        return levels[shifted]

    @cached_property
    def strokes(self) -> Mapping[str, Stroke]:
        """The inverse: character -> stroke, without shift where there is a choice."""
        strokes: dict[str, Stroke] = {}
        for usage, levels in self.keys.items():
            for shift in (False, True):
                strokes.setdefault(levels[shift], Stroke(usage, shift))
        return strokes


def _consecutive(first_usage: int, plain: str, shifted: str) -> dict[int, str]:
    """Keys whose usages follow each other, one character of either string a key."""
    return {first_usage + i: pair[0] + pair[1] for i, pair in enumerate(zip(plain, shifted, strict=True))}


US = Layout(
    "us",
    {
        **_consecutive(0x04, "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        **_consecutive(0x1E, "1234567890\n", "!@#$%^&*()\n"),
        **_consecutive(0x2B, "\t -=[]\\", "\t _+{}|"),
        **_consecutive(0x33, ";'`,./", ':"~<>?'),
    },
)

LAYOUTS: Mapping[str, Layout] = {US.name: US}
"""Every layout by name."""

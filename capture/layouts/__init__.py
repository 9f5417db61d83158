"""Keyboard layouts: what a key means, and the one table of them all."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import NamedTuple

from zerotap.errors import CaptureError

from .hand_made import DVORAK, GERMAN, UK, US
from .layout import (
    BACKSPACE,
    CAPS_LOCK,
    DELETE,
    DOWN,
    EDITING_KEYS,
    END,
    ERROR_UNDEFINED,
    FIRST_MODIFIER,
    HOME,
    INSERT,
    KEY_NAMES,
    KEYPAD_CURSOR,
    LEFT,
    LEFT_SHIFT,
    LEFT_SHIFT_KEY,
    MODIFIER_NAMES,
    NOTHING,
    RIGHT,
    RIGHT_ALT,
    RIGHT_ALT_KEY,
    RIGHT_SHIFT,
    RIGHT_SHIFT_KEY,
    SHIFT,
    UP,
    Layout,
    Stroke,
)
from .xkb.belgian import BELGIAN
from .xkb.danish import DANISH
from .xkb.finnish import FINNISH
from .xkb.french import FRENCH
from .xkb.italian import ITALIAN
from .xkb.norwegian import NORWEGIAN
from .xkb.portuguese import PORTUGUESE
from .xkb.spanish import SPANISH
from .xkb.swedish import SWEDISH
from .xkb.swiss_german import SWISS_GERMAN
from .xkb.us_international import US_INTERNATIONAL

__all__ = [
    "BACKSPACE",
    "CAPS_LOCK",
    "DELETE",
    "DOWN",
    "EDITING_KEYS",
    "END",
    "ERROR_UNDEFINED",
    "FIRST_MODIFIER",
    "HOME",
    "INSERT",
    "KEY_NAMES",
    "KEYPAD_CURSOR",
    "LEFT",
    "LEFT_SHIFT",
    "LEFT_SHIFT_KEY",
    "MODIFIER_NAMES",
    "NOTHING",
    "RIGHT",
    "RIGHT_ALT",
    "RIGHT_ALT_KEY",
    "RIGHT_SHIFT",
    "RIGHT_SHIFT_KEY",
    "SHIFT",
    "UP",
    "Layout",
    "Stroke",
    "DVORAK",
    "GERMAN",
    "LAYOUTS",
    "TABLE",
    "UK",
    "US",
    "LayoutEntry",
    "layout_named",
]


class LayoutEntry(NamedTuple):
    """A layout, the keyboards that have it, and the other names that it goes by."""

    layout: Layout
    about: str
    aliases: tuple[str, ...] = ()


TABLE = (
    LayoutEntry(US, "American"),
    LayoutEntry(UK, "British"),
    LayoutEntry(GERMAN, "German and Austrian", ("de",)),
    LayoutEntry(DVORAK, "American, in Dvorak's order"),
    LayoutEntry(
        FRENCH,
        "French, AZERTY",
        (
            "fr",
            "azerty",
        ),
    ),
    LayoutEntry(SPANISH, "Spanish, of Spain", ("es",)),
    LayoutEntry(ITALIAN, "Italian", ("it",)),
    LayoutEntry(PORTUGUESE, "Portuguese, of Portugal", ("pt",)),
    LayoutEntry(SWEDISH, "Swedish", ("se",)),
    LayoutEntry(FINNISH, "Finnish", ("fi",)),
    LayoutEntry(NORWEGIAN, "Norwegian", ("no",)),
    LayoutEntry(DANISH, "Danish", ("dk",)),
    LayoutEntry(SWISS_GERMAN, "Swiss, with German umlauts unshifted", ("ch",)),
    LayoutEntry(BELGIAN, "Belgian, AZERTY", ("be",)),
    LayoutEntry(US_INTERNATIONAL, "American with dead keys", ("us-intl",)),
)
"""Every layout: an entry makes it known everywhere."""

LAYOUTS: Mapping[str, Layout] = {entry.layout.name: entry.layout for entry in TABLE} | {
    alias: entry.layout for entry in TABLE for alias in entry.aliases
}
"""Every layout by every name."""


def layout_named(name: str) -> Layout:
    """The layout of this name, in capitals or not; raises CaptureError for one that is not known."""
    plain = name.strip().lower().replace("_", "-").replace(" ", "-")
    if plain in LAYOUTS:
        return LAYOUTS[plain]
    near = difflib.get_close_matches(plain, LAYOUTS, 1)
    meant = f" (did you mean {near[0]}?)" if near else ""
    raise CaptureError(f"unknown layout {name!r}; choose one of {', '.join(LAYOUTS)}{meant}")

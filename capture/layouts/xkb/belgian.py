"""Xkeyboard-config's be, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

from .latin_type4 import LATIN_TYPE4

BELGIAN = Layout(
    "belgian",
    {
        **LATIN_TYPE4,
        0x04: "qQæÆ",
        0x10: ",?\u0327º",
        0x12: "oOœŒ",
        0x14: "aA@Ω",
        0x1A: "zZſ§",
        0x1D: "wW«<",
        0x1E: "&1|¡",
        0x1F: "é2@⅛",
        0x20: '"3#£',
        0x21: "'4¼$",
        0x22: "(5½⅜",
        0x23: "§6^⅝",
        0x24: "è7{⅞",
        0x25: "!8[™",
        0x26: "ç9{±",
        0x27: "à0}°",
        0x2D: ")°\\¿",
        0x2E: "-_\u0327\u0328",
        0x2F: "\u0302\u0308[\u030a",
        0x30: "$*]\u0304",
        0x32: "µ£\u0300\u0306",
        0x33: "mM\u0301\u030b",
        0x34: "ù%\u0301\u030c",
        0x35: "²³¬¬",
        0x36: ";.•×",
        0x37: ":/·÷",
        0x38: "=+\u0303\u0307",
        0x64: "<>\\\\",
        0x31: "µ£\u0300\u0306",
    },
    dead_keys="\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0327\u0328",
    origin="be",
)

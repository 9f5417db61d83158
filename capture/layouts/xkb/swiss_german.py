"""Xkeyboard-config's ch, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

from .latin_type4 import LATIN_TYPE4

SWISS_GERMAN = Layout(
    "swiss-german",
    {
        **LATIN_TYPE4,
        0x08: "eE€E",
        0x12: "oOœŒ",
        0x1C: "zZ←¥",
        0x1D: "yY«<",
        0x1E: "1+|¡",
        0x20: "3*#£",
        0x21: "4ç¼$",
        0x24: "7/|⅞",
        0x25: "8(¢™",
        0x2D: "'?\u0301¿",
        0x2E: "\u0302\u0300\u0303\u0328",
        0x2F: "üè[\u030a",
        0x30: "\u0308!]\u0304",
        0x32: "$£}\u0306",
        0x33: "öé\u0301\u030b",
        0x34: "äà{\u030c",
        0x35: "§°¬¬",
        0x64: "<>\\¦",
        0x31: "$£}\u0306",
    },
    dead_keys="\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0323\u0328",
    origin="ch",
)

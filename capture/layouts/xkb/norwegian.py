"""Xkeyboard-config's no, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

from .latin_type2 import LATIN_TYPE2

NORWEGIAN = Layout(
    "norwegian",
    {
        **LATIN_TYPE2,
        0x13: "pPπΠ",
        0x15: "rR®™",
        0x22: "5%½‰",
        0x2C: "  \u00a0\u202f",
        0x2D: "+?±¿",
        0x2E: "\\\u0300\u0301¬",
        0x32: "'*\u030b×",
        0x33: "øØ\u0301\u030b",
        0x34: "æÆ\u0302\u030c",
        0x35: "|§¦¶",
        0x37: ".:…·",
        0x38: "-_–—",
        0x64: "<>½¾",
        0x31: "'*\u030b×",
    },
    dead_keys="\u0300\u0301\u0302\u0303\u0308\u0309\u030a\u030b\u030c\u031b\u0327\u0328",
    decimal=",",
    origin="no",
)

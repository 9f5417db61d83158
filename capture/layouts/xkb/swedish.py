"""Xkeyboard-config's se, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

from .latin_type2 import LATIN_TYPE2

SWEDISH = Layout(
    "swedish",
    {
        **LATIN_TYPE2,
        0x22: "5%€¢",
        0x2C: "   \u00a0",
        0x2D: "+?\\¿",
        0x2E: "\u0301\u0300±¬",
        0x32: "'*´×",
        0x33: "öÖøØ",
        0x34: "äÄæÆ",
        0x35: "§½¶¾",
        0x31: "'*´×",
    },
    dead_keys="\u0300\u0301\u0302\u0303\u0307\u0308\u0309\u030a\u030c\u031b\u0323\u0327\u0328",
    decimal=",",
    origin="se",
)

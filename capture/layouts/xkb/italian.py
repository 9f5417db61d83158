"""Xkeyboard-config's it, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

from .latin_type4 import LATIN_TYPE4

ITALIAN = Layout(
    "italian",
    {
        **LATIN_TYPE4,
        0x05: "bB”’",
        0x11: "nNñÑ",
        0x19: "vV“‘",
        0x1F: '2"²\u030b',
        0x20: "3£³\u0303",
        0x21: "4$¼⅛",
        0x27: "0=}\u0328",
        0x2D: "'?`¿",
        0x2E: "ì^~\u0302",
        0x2F: "èé[{",
        0x30: "+*]}",
        0x32: "ù§\u0300\u0306",
        0x33: "òç@\u0327",
        0x34: "à°#\u030a",
        0x35: "\\|¬¦",
        0x36: ",;\u0301×",
        0x37: ".:·\u0308",
        0x38: "-_\u0304÷",
        0x64: "<>«»",
        0x31: "ù§\u0300\u0306",
    },
    dead_keys="\u0300\u0301\u0302\u0303\u0304\u0306\u0308\u0309\u030a\u030b\u031b\u0327\u0328",
    origin="it",
)

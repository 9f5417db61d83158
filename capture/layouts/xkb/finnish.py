"""Xkeyboard-config's fi, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

FINNISH = Layout(
    "finnish",
    {
        0x04: "aAəƏ",
        0x05: "bBbB",
        0x06: "cCcC",
        0x07: "dDðÐ",
        0x08: "eE€",
        0x09: "fFfF",
        0x0A: "gGgG",
        0x0B: "hHhH",
        0x0C: "iIı|",
        0x0D: "jJjJ",
        0x0E: "kKĸ",
        0x0F: "lL\u0338",
        0x10: "mMµ—",
        0x11: "nNŋŊ",
        0x12: "oOœŒ",
        0x13: "pP\u031b\u0309",
        0x14: "qQqQ",
        0x15: "rRrR",
        0x16: "sSßẞ",
        0x17: "tTþÞ",
        0x18: "uUuU",
        0x19: "vVvV",
        0x1A: "wWwW",
        0x1B: "xX×·",
        0x1C: "yYyY",
        0x1D: "zZʒƷ",
        0x1E: "1!\0¡",
        0x1F: '2"@”',
        0x20: "3#£»",
        0x21: "4¤$«",
        0x22: "5%‰“",
        0x23: "6&‚„",
        0x24: "7/{",
        0x25: "8([<",
        0x26: "9)]>",
        0x27: "0=}°",
        0x28: "\n\n",
        0x2B: "\t\t",
        0x2C: "   \u202f",
        0x2D: "+?\\¿",
        0x2E: "\u0301\u0300\u0327\u0328",
        0x2F: "åÅ\u030b\u030a",
        0x30: "\u0308\u0302\u0303\u0304",
        0x32: "'*\u030c\u0306",
        0x33: "öÖøØ",
        0x34: "äÄæÆ",
        0x35: "§½\u0338",
        0x36: ",;’‘",
        0x37: ".:\u0323\u0307",
        0x38: "-_–\u0326",
        0x64: "<>|¦",
        0x31: "'*\u030c\u0306",
    },
    dead_keys=(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0323\u0326\u0327\u0328\u0338"
    ),
    decimal=",",
    origin="fi",
)

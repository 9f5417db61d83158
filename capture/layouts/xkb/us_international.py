"""Xkeyboard-config's us(intl), by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

US_INTERNATIONAL = Layout(
    "us-international",
    {
        0x04: "aAáÁ",
        0x05: "bBbB",
        0x06: "cC©¢",
        0x07: "dDðÐ",
        0x08: "eEéÉ",
        0x09: "fFfF",
        0x0A: "gGgG",
        0x0B: "hHhH",
        0x0C: "iIíÍ",
        0x0D: "jJjJ",
        0x0E: "kKœŒ",
        0x0F: "lLøØ",
        0x10: "mMµµ",
        0x11: "nNñÑ",
        0x12: "oOóÓ",
        0x13: "pPöÖ",
        0x14: "qQäÄ",
        0x15: "rR®®",
        0x16: "sSß§",
        0x17: "tTþÞ",
        0x18: "uUúÚ",
        0x19: "vVvV",
        0x1A: "wWåÅ",
        0x1B: "xXxX",
        0x1C: "yYüÜ",
        0x1D: "zZæÆ",
        0x1E: "1!¡¹",
        0x1F: "2@²\u030b",
        0x20: "3#³\u0304",
        0x21: "4$¤£",
        0x22: "5%€\u0327",
        0x23: "6\u0302¼^",
        0x24: "7&½\u031b",
        0x25: "8*¾\u0328",
        0x26: "9(‘\u0306",
        0x27: "0)’\u030a",
        0x28: "\n\n",
        0x2B: "\t\t",
        0x2C: "    ",
        0x2D: "-_¥\u0323",
        0x2E: "=+×÷",
        0x2F: "[{«“",
        0x30: "]}»”",
        0x31: "\\|¬¦",
        0x32: "\\|¬¦",
        0x33: ";:¶°",
        0x34: "\u0301\u0308'\"",
        0x35: "\u0300\u0303`~",
        0x36: ",<çÇ",
        0x37: ".>\u0307\u030c",
        0x38: "/?¿\u0309",
        0x64: "\\|\\|",
    },
    dead_keys=(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0323\u0327\u0328"
    ),
    alone={"\u0301": "'", "\u0308": '"'},
    origin="us(intl)",
)

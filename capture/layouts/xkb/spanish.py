"""Xkeyboard-config's es, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

SPANISH = Layout(
    "spanish",
    {
        0x04: "aAæÆ",
        0x05: "bB“‘",
        0x06: "cC¢©",
        0x07: "dDðÐ",
        0x08: "eE€¢",
        0x09: "fFđª",
        0x0A: "gGŋŊ",
        0x0B: "hHħĦ",
        0x0C: "iI→ı",
        0x0D: "jJ\u0309\u031b",
        0x0E: "kKĸ&",
        0x0F: "lLłŁ",
        0x10: "mMµº",
        0x11: "nN”’",
        0x12: "oOøØ",
        0x13: "pPþÞ",
        0x14: "qQ@Ω",
        0x15: "rR¶®",
        0x16: "sSßẞ",
        0x17: "tTŧŦ",
        0x18: "uU↓↑",
        0x19: "vV„‚",
        0x1A: "wWſ§",
        0x1B: "xX»>",
        0x1C: "yY←¥",
        0x1D: "zZ«<",
        0x1E: "1!|¡",
        0x1F: '2"@⅛',
        0x20: "3·#£",
        0x21: "4$~$",
        0x22: "5%½⅜",
        0x23: "6&¬⅝",
        0x24: "7/{⅞",
        0x25: "8([™",
        0x26: "9)]±",
        0x27: "0=}°",
        0x28: "\n\n",
        0x2B: "\t\t",
        0x2C: "    ",
        0x2D: "'?\\¿",
        0x2E: "¡¿\u0327\u0328",
        0x2F: "\u0300\u0302[\u030a",
        0x30: "+*]\u0304",
        0x32: "çÇ}\u0306",
        0x33: "ñÑ\u0303\u030b",
        0x34: "\u0301\u0308{\u030c",
        0x35: "ºª\\\\",
        0x36: ",;•×",
        0x37: ".:·÷",
        0x38: "-_\u0323\u0307",
        0x64: "<>|¦",
        0x31: "çÇ}\u0306",
    },
    dead_keys=(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0323\u0327\u0328"
    ),
    origin="es",
)

"""Xkeyboard-config's es, by docs/making/layouts_from_xkb.py: change it there.

Debian's libxkbcommon0 1.5.0-1 and xkb-data 2.35.1-1.
"""

from __future__ import annotations

from zerotap.capture.layouts.layout import Layout

from .latin_type4 import LATIN_TYPE4

SPANISH = Layout(
    "spanish",
    {
        **LATIN_TYPE4,
        0x1E: "1!|¡",
        0x20: "3·#£",
        0x21: "4$~$",
        0x2D: "'?\\¿",
        0x2E: "¡¿\u0327\u0328",
        0x2F: "\u0300\u0302[\u030a",
        0x30: "+*]\u0304",
        0x32: "çÇ}\u0306",
        0x33: "ñÑ\u0303\u030b",
        0x34: "\u0301\u0308{\u030c",
        0x35: "ºª\\\\",
        0x31: "çÇ}\u0306",
    },
    dead_keys=(
        "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0309\u030a\u030b\u030c\u031b\u0323\u0327\u0328"
    ),
    origin="es",
)

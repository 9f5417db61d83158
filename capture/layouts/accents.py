"""Letters with the accents of dead keys."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

COMBINING: Mapping[str, str] = {"^": "\u0302", "´": "\u0301", "`": "\u0300"}
"""Accents of dead keys -> Unicode's combining characters."""

ACCENTS: Mapping[str, str] = {
    **{mark: accent for accent, mark in COMBINING.items()},
    **dict(zip("\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c", "~¯˘˙¨°˝ˇ", strict=True)),
    **dict(zip("\u0326\u0327\u0328\u0338", ",¸˛/", strict=True)),
}
"""Combining characters -> the accents that dead keys write alone; without one here it is themselves.

As Windows has them; the others as libX11's Compose has.
"""

STROKE = "\u0338"
# Letters that have a stroke through them, which Unicode does not decompose; as libX11's Compose has them.
_STROKED: Mapping[str, str] = dict(
    zip(
        "AaBbCcDdEeGgHhIiJjLlOoPpRrTtUuYyZz",
        "ȺⱥɃƀȻȼĐđɆɇǤǥĦħƗɨɈɉŁłØøⱣᵽɌɍŦŧɄʉɎɏƵƶ",
        strict=True,
    )
)


def with_accent(accent: str, character: str) -> str:
    """The one character that ``character`` is with ``accent`` (combining, or of COMBINING), "" for none."""
    mark = COMBINING.get(accent, accent)
    if mark == STROKE and character in _STROKED:
        return _STROKED[character]
    composed = unicodedata.normalize("NFC", character + mark)
    return composed if len(composed) == 1 else ""

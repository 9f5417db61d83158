"""The layouts that were written by hand.

They are as Windows and Linux (xkeyboard-config) have them where the two agree, else as Windows has them.
"""

from __future__ import annotations

from collections.abc import Mapping

from .layout import Layout

# The places of a keyboard's four rows, left to right. The third row ends with the key that only ISO keyboards
# have beside return (0x32), the fourth begins with the one that only they have beside left shift (0x64).
_ROWS = (
    (0x35, *range(0x1E, 0x28), 0x2D, 0x2E),
    (0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30),
    (0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34, 0x32),
    (0x64, 0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38),
)
_BACKSLASH, _ISO_HASH, _ISO_LEFT = 0x31, 0x32, 0x64
_BLANKS = {0x28: "\n\n", 0x2B: "\t\t", 0x2C: "  "}


def _rows(plain: str, shifted: str, altgr: Mapping[str, str] | None = None) -> dict[int, str]:
    """Keys by their rows, one line of either string a row; ``altgr``: plain character -> higher levels."""
    keys = dict(_BLANKS)
    for usages, row, shifted_row in zip(_ROWS, plain.split("\n"), shifted.split("\n"), strict=True):
        for usage, low, high in zip(usages, row, shifted_row, strict=True):
            keys[usage] = low + high + (altgr or {}).get(low, "")
    return keys


def _ansi(plain: str, shifted: str) -> dict[int, str]:
    """Rows of an ANSI keyboard: the place of the key beside an ISO keyboard's return has the backslash.

    On an ISO keyboard both of its own keys write that too (HID Usage Tables 1.5, table 12; Windows).
    """
    keys = _rows(plain, shifted)
    backslash = keys.pop(_ISO_HASH)
    del keys[_ISO_LEFT]  # so that the backslash is looked up where every keyboard has it
    return keys | dict.fromkeys((_BACKSLASH, _ISO_HASH, _ISO_LEFT), backslash)


def _iso(plain: str, shifted: str, altgr: Mapping[str, str]) -> dict[int, str]:
    """Rows of an ISO keyboard. Some send the ANSI backslash's usage for the key beside return."""
    keys = _rows(plain, shifted, altgr)
    return keys | {_BACKSLASH: keys[_ISO_HASH]}


US = Layout(
    "us",
    _ansi(
        "`1234567890-=\nqwertyuiop[]\nasdfghjkl;'\\\n zxcvbnm,./",
        '~!@#$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:"|\n ZXCVBNM<>?',
    ),
)

UK = Layout(
    "uk",
    _iso(
        "`1234567890-=\nqwertyuiop[]\nasdfghjkl;'#\n\\zxcvbnm,./",
        '¬!"£$%^&*()_+\nQWERTYUIOP{}\nASDFGHJKL:@~\n|ZXCVBNM<>?',
        {"`": "¦", "4": "€", "a": "áÁ", "e": "éÉ", "i": "íÍ", "o": "óÓ", "u": "úÚ"},
    ),
)

GERMAN = Layout(
    "german",
    _iso(
        "^1234567890ß´\nqwertzuiopü+\nasdfghjklöä#\n<yxcvbnm,.-",
        "°!\"§$%&/()=?`\nQWERTZUIOPÜ*\nASDFGHJKLÖÄ'\n>YXCVBNM;:_",
        {**dict(zip("237890ß", "²³{[]}\\", strict=True)), **dict(zip("qe+<m", "@€~|µ", strict=True))},
    ),
    dead_keys="^´`",
    decimal=",",
)

DVORAK = Layout(
    "dvorak",
    _ansi(
        "`1234567890[]\n',.pyfgcrl/=\naoeuidhtns-\\\n ;qjkxbmwvz",
        '~!@#$%^&*(){}\n"<>PYFGCRL?+\nAOEUIDHTNS_|\n :QJKXBMWVZ',
    ),
)

"""capture/layouts/xkb/ from xkeyboard-config: python docs/making/layouts_from_xkb.py.

On Debian: apt install libxkbcommon0 xkb-data. Each key is asked for what it writes in the state that shift
and AltGr make, so that the types of keys and what is included from where are the library's business.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping
from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_size_t, c_uint32, c_void_p
from ctypes import create_string_buffer as text_buffer
from pathlib import Path
from typing import Final, NamedTuple

FOLDER: Final = Path(__file__).resolve().parents[2] / "capture" / "layouts" / "xkb"
NOTHING: Final = "\0"


class Variant(NamedTuple):
    """A layout and variant of xkeyboard-config, and what its dead keys write alone if not their accent.

    ``base`` is a name of BASES: the module holds only the keys that differ from it; "" is none.
    """

    layout: str
    variant: str = ""
    alone: Mapping[str, str] = {}
    base: str = ""

    def __str__(self) -> str:
        return f"{self.layout}({self.variant})" if self.variant else self.layout


BASES: Final[Mapping[str, Variant]] = {
    "latin-type2": Variant("latin", "type2"),
    "latin-type4": Variant("latin", "type4"),
}
"""What xkeyboard-config's own layouts are written on, by the name of its module here."""

VARIANTS: Final[Mapping[str, Variant]] = {
    "french": Variant("fr", base="latin-type4"),
    "spanish": Variant("es", base="latin-type4"),
    "italian": Variant("it", base="latin-type4"),
    "portuguese": Variant("pt", base="latin-type4"),
    "swedish": Variant("se", base="latin-type2"),
    "finnish": Variant("fi"),
    "norwegian": Variant("no", base="latin-type2"),
    "danish": Variant("dk", base="latin-type2"),
    "swiss-german": Variant("ch", base="latin-type4"),
    "belgian": Variant("be", base="latin-type4"),
    # Its apostrophe and quote are dead keys, as on Windows: what they write alone is those.
    "us-international": Variant("us", "intl", {"\u0301": "'", "\u0308": '"'}),
}
"""Our layouts by name -> whose table each is; "" is the layout's default variant."""

DEAD_KEYS: Final[Mapping[str, str]] = {
    "dead_grave": "\u0300",
    "dead_acute": "\u0301",
    "dead_circumflex": "\u0302",
    "dead_tilde": "\u0303",
    "dead_macron": "\u0304",
    "dead_breve": "\u0306",
    "dead_abovedot": "\u0307",
    "dead_diaeresis": "\u0308",
    "dead_hook": "\u0309",
    "dead_abovering": "\u030a",
    "dead_doubleacute": "\u030b",
    "dead_caron": "\u030c",
    "dead_horn": "\u031b",
    "dead_belowdot": "\u0323",
    "dead_belowcomma": "\u0326",
    "dead_cedilla": "\u0327",
    "dead_ogonek": "\u0328",
    "dead_stroke": "\u0338",
}
"""Keysyms of dead keys -> the combining characters that stand for them in our tables.

Those that put no accent on a letter (dead_greek, dead_currency: Finnish) are left out: nothing is written.
"""

# Usages in the order of a keyboard's rows -> Linux's key codes (drivers/hid/hid-input.c); xkb's are 8 more.
KEY_CODES: Final[Mapping[int, int]] = {
    0x35: 41,
    **dict(zip((*range(0x1E, 0x28), 0x2D, 0x2E), range(2, 14), strict=True)),
    **dict(
        zip(
            (0x14, 0x1A, 0x08, 0x15, 0x17, 0x1C, 0x18, 0x0C, 0x12, 0x13, 0x2F, 0x30),
            range(16, 28),
            strict=True,
        )
    ),
    **dict(
        zip((0x04, 0x16, 0x07, 0x09, 0x0A, 0x0B, 0x0D, 0x0E, 0x0F, 0x33, 0x34), range(30, 41), strict=True)
    ),
    0x31: 43,
    0x32: 43,
    0x64: 86,
    **dict(zip((0x1D, 0x1B, 0x06, 0x19, 0x05, 0x11, 0x10, 0x36, 0x37, 0x38), range(44, 54), strict=True)),
    0x2C: 57,
}
DECIMAL: Final = 0x63
_DECIMAL_CODE: Final = 83
BLANKS: Final = {0x28: "\n\n", 0x2B: "\t\t"}


class _Names(Structure):
    _fields_ = [(name, c_char_p) for name in ("rules", "model", "layout", "variant", "options")]


class Made(NamedTuple):
    """What becomes a ``Layout``, which this script does without: it writes what that module imports."""

    name: str
    keys: Mapping[int, str]
    dead_keys: str
    decimal: str
    variant: Variant


class Keyboard:
    """A layout in libxkbcommon. Raises OSError where the library is missing, ValueError for no variant."""

    def __init__(self, variant: Variant) -> None:
        self._xkb = _library()
        context = self._xkb.xkb_context_new(2)  # names from the environment are not looked at
        names = _Names(b"evdev", b"pc105", variant.layout.encode(), variant.variant.encode(), b"")
        self._keymap = self._xkb.xkb_keymap_new_from_names(context, byref(names), 0)
        if not self._keymap:
            raise ValueError(f"xkeyboard-config has no {variant}")
        self._state = self._xkb.xkb_state_new(self._keymap)

    def character(self, usage: int, shift: bool = False, altgr: bool = False, caps_lock: bool = False) -> str:
        """What a key writes with num lock on: a character, a dead key's combining one, or ""."""
        masks = {"Shift": shift, "Mod5": altgr}
        pressed = sum(self._bit(name) for name, down in masks.items() if down)
        locked = self._bit("Mod2") | (self._bit("Lock") if caps_lock else 0)
        self._xkb.xkb_state_update_mask(self._state, pressed, 0, locked, 0, 0, 0)
        code = (_DECIMAL_CODE if usage == DECIMAL else KEY_CODES[usage]) + 8
        name = text_buffer(64)
        self._xkb.xkb_keysym_get_name(self._xkb.xkb_state_key_get_one_sym(self._state, code), name, 64)
        written = text_buffer(16)
        self._xkb.xkb_state_key_get_utf8(self._state, code, written, 16)
        return DEAD_KEYS.get(name.value.decode(), written.value.decode())

    def _bit(self, modifier: str) -> int:
        return 1 << self._xkb.xkb_keymap_mod_get_index(self._keymap, modifier.encode())


def _library() -> CDLL:
    xkb = CDLL("libxkbcommon.so.0")
    for name, result, *arguments in (
        ("xkb_context_new", c_void_p, c_int),
        ("xkb_keymap_new_from_names", c_void_p, c_void_p, POINTER(_Names), c_int),
        ("xkb_keymap_mod_get_index", c_uint32, c_void_p, c_char_p),
        ("xkb_state_new", c_void_p, c_void_p),
        ("xkb_state_update_mask", c_int, c_void_p, *[c_uint32] * 6),
        ("xkb_state_key_get_one_sym", c_uint32, c_void_p, c_uint32),
        ("xkb_state_key_get_utf8", c_int, c_void_p, c_uint32, c_char_p, c_size_t),
        ("xkb_keysym_get_name", c_int, c_uint32, c_char_p, c_size_t),
    ):
        function = getattr(xkb, name)
        function.restype, function.argtypes = result, arguments
    return xkb


def versions() -> str:
    """Versions of Debian's packages; raises OSError or CalledProcessError where there are none."""
    packages = ("xkb-data", "libxkbcommon0")
    command = ["dpkg-query", "--show", "--showformat", "${Package} ${Version}\n", *packages]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return " and ".join(done.stdout.splitlines())


def made(name: str) -> Made:
    """The layout, or the base, as the library has it."""
    variant = {**BASES, **VARIANTS}[name]
    keyboard = Keyboard(variant)
    keys = {usage: _levels(keyboard, usage) for usage in KEY_CODES} | BLANKS
    held = {character for levels in keys.values() for character in levels}
    dead_keys = "".join(sorted(held & set(DEAD_KEYS.values())))
    # Of keys with one character the first is struck: ISO keyboards have no 0x31, but 0x32 in its place.
    in_order = sorted(keys, key=lambda usage: (usage == 0x31 and variant.layout != "us", usage))
    keys = {usage: keys[usage] for usage in in_order if keys[usage]}
    return Made(name, keys, dead_keys, keyboard.character(DECIMAL), variant)


def _levels(keyboard: Keyboard, usage: int) -> str:
    levels = [keyboard.character(usage, shift, altgr) for altgr in (False, True) for shift in (False, True)]
    return "".join(character or NOTHING for character in levels).rstrip(NOTHING)


def module(layout: Made, made_from: str, base: Mapping[int, str]) -> str:
    """The Python source of the layout's module; keys that ``base`` has too are left out."""
    constant = _constant(layout.name)
    known = _constant(layout.variant.base)
    return "\n".join(
        [
            *_heading(layout.variant, made_from),
            "from zerotap.capture.layouts.layout import Layout",
            *(["", f"from .{known.lower()} import {known}"] if known else []),
            "",
            f"{constant} = Layout(",
            f'    "{layout.name}",',
            "    {",
            *([f"        **{known},"] if known else []),
            *(f"    {line}" for line in _keys(_over(base, layout.keys))),
            "    },",
            *_dead_keys(layout),
            *([f'    decimal="{layout.decimal}",'] if layout.decimal != "." else []),
            *_alone(layout.variant),
            f'    origin="{layout.variant}",',
            ")",
            "",
        ]
    )


def base_module(layout: Made, made_from: str) -> str:
    """The Python source of a base's module: its keys alone."""
    return "\n".join(
        [
            *_heading(layout.variant, made_from),
            "from collections.abc import Mapping",
            "",
            f"{_constant(layout.name)}: Mapping[int, str] = {{",
            *_keys(layout.keys),
            "}",
            "",
        ]
    )


def _heading(variant: Variant, made_from: str) -> list[str]:
    return [
        f'"""Xkeyboard-config\'s {variant}, by docs/making/layouts_from_xkb.py: change it there.',
        "",
        f"Debian's {made_from}.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
    ]


def _constant(name: str) -> str:
    return name.replace("-", "_").upper()


def _keys(keys: Mapping[int, str]) -> Iterator[str]:
    return (f"    0x{usage:02X}: {literal(levels)}," for usage, levels in keys.items())


def _over(base: Mapping[int, str], keys: Mapping[int, str]) -> dict[int, str]:
    """Those of ``keys`` that differ from a base; raises ValueError where both are not ``keys`` again."""
    differing = {usage: levels for usage, levels in keys.items() if base.get(usage) != levels}
    if list({**base, **differing}.items()) != list(keys.items()):
        raise ValueError("the base has a key that the layout lacks, or another order: give it none")
    return differing


def _dead_keys(layout: Made) -> Iterator[str]:
    line = f"    dead_keys={literal(layout.dead_keys)},"
    yield line if len(line) <= 110 else line.replace('="', '=(\n        "').replace('",', '"\n    ),')


def _alone(variant: Variant) -> Iterator[str]:
    if variant.alone:
        pairs = (f"{literal(dead_key)}: {literal(alone)}" for dead_key, alone in variant.alone.items())
        yield f"    alone={{{', '.join(pairs)}}},"


def literal(text: str) -> str:
    """A string for Python as ruff formats it, in which what cannot be seen by itself is escaped."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    escaped = "".join(f"\\{quote}" if character == quote else _escaped(character) for character in text)
    return f"{quote}{escaped}{quote}"


def _escaped(character: str) -> str:
    special = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\0": "\\0"}
    if character in special:
        return special[character]
    seen = character == " " or (character.isprintable() and character not in DEAD_KEYS.values())
    return character if seen else f"\\u{ord(character):04x}"


def modules() -> Iterator[tuple[Path, str]]:
    """Every generated file and its text."""
    made_from = versions()
    bases = {name: made(name) for name in BASES}
    for name, base in bases.items():
        yield _path(name), base_module(base, made_from)
    for name, variant in VARIANTS.items():
        base_keys = bases[variant.base].keys if variant.base else {}
        yield _path(name), module(made(name), made_from, base_keys)


def _path(name: str) -> Path:
    return FOLDER / f"{name.replace('-', '_')}.py"


if __name__ == "__main__":
    for path, source in modules():
        path.write_text(source, encoding="utf-8")

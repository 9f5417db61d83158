"""docs/layouts.md from the table of layouts: python docs/making/layout_page.py."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from zerotap.capture.layouts import TABLE, Layout, LayoutEntry

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = ROOT / "docs" / "layouts.md"
_INTRO: Final = """# Keyboard layouts

Packets hold keys, not characters: `zerotap text --layout NAME` says what they wrote,
`zerotap type --layout NAME` which keys write a text. A name or a code does, in capitals or not. This page is
made from the table in `capture/layouts/` by `python docs/making/layout_page.py`; a test holds it to be
current.

| name | codes | keyboards | made from | AltGr | dead keys |
| --- | --- | --- | --- | --- | --- |"""
_RULES: Final = """
"Made from" is a layout of xkeyboard-config and its variant in brackets, else the layout's default: the script
`docs/making/layouts_from_xkb.py` asks libxkbcommon what each key writes, and states the versions in what it
makes; NOTICE has the licences. Those by hand are as Windows and Linux have them where the two agree, else as
Windows has them.

- **AltGr** is the right alt where a layout has it, else an ordinary alt.
- **A dead key** joins the letter after it, where Unicode has that letter with the accent. Before a space it
  writes its accent alone; before anything else, another accent too, the accent and then the character, as
  Windows does (Linux writes neither). Alone the dead keys of us-international write `'` and `"`;
  its `'` and c is ć (Windows: ç, which AltGr and the comma write on both).
- **Caps lock** makes letters upper case, and swaps the two of a key that has both; digits stay, as on Linux.
- Keys of Finnish for Greek letters and currencies (dead_greek, dead_currency) write nothing.
- **On a board** `typed_words` reads us and dvorak: ASCII without AltGr or dead keys. It refuses the others by
  name; `typed_text` takes every layout, on the host, and folds letters to ASCII (é as e).
"""


def page() -> str:
    """The page's text."""
    return "\n".join([_INTRO, *map(_row, TABLE), _RULES])


def _row(entry: LayoutEntry) -> str:
    layout = entry.layout
    codes = ", ".join(f"`{alias}`" for alias in entry.aliases)
    origin = f"`{layout.origin}`" if layout.origin else "by hand"
    altgr = "yes" if layout.has_altgr else ""
    return f"| `{layout.name}` | {codes} | {entry.about} | {origin} | {altgr} | {_dead_keys(layout)} |"


def _dead_keys(layout: Layout) -> str:
    """The accents, in the order of the levels that they are on; combining ones on a dotted circle."""
    order = sorted(layout.dead_keys, key=lambda dead_key: min(_places(layout, dead_key)))
    return " ".join(_shown(layout.uncomposed(dead_key)) for dead_key in order)


def _places(layout: Layout, dead_key: str) -> list[tuple[int, int]]:
    return [(levels.index(dead_key), usage) for usage, levels in layout.keys.items() if dead_key in levels]


def _shown(accent: str) -> str:
    return (
        f"\\{accent}" if accent in "`~^" else f"\u25cc{accent}" if "\u0300" <= accent <= "\u036f" else accent
    )


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""typed_words in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features.text.board_words import BOARD_LAYOUTS
from zerotap.firmware.c_code.c_source import array, struct

from .interface import Stage

if TYPE_CHECKING:
    from zerotap.capture import Layout
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.typed_grams import TypedGrams
    from zerotap.features.transforms.typed_words import TypedWords

_FIRST_USAGE = 4
_TYPING_BYTES = 20  # sizeof(zerotap_typing_t)
KEY_FILES = (
    "zerotap_text.h",
    "zerotap_type_key.c",
    "zerotap_keys_pressed.c",
    "zerotap_key_character.c",
    "zerotap_super_fast_hash.c",
    "zerotap_remainder.c",
)
"""From keys to the hash of a word."""
_RUNTIME = (
    *KEY_FILES,
    "zerotap_typed_words_push.c",
    "zerotap_typed_words_more.c",
    "zerotap_end_word.c",
)


def emit(transform: TypedWords, source: Signal, prefix: str) -> Stage:
    """Generate the layout's table, the word's buffer and what is kept of the keys."""
    definitions = typed_words_of(transform, prefix) + f"static zerotap_typing_t {prefix}_typing;\n"
    state = f"&{prefix}_words, &{prefix}_typing, out"
    return Stage(
        definitions,
        push=f"zerotap_typed_words_push(in, {state})",
        more=f"zerotap_typed_words_more({state})",
        flush=f"zerotap_end_word({state})",
        reset=f"{prefix}_typing = (zerotap_typing_t){{0}};",
        runtime=_RUNTIME,
        ram_bytes=transform.word_max + _TYPING_BYTES,
    )


def typed_words_of(transform: TypedWords | TypedGrams, prefix: str, marks: int = 0) -> str:
    """Declare how words are made of keys, and their buffer with room for ``marks`` bytes at either end."""
    layout = BOARD_LAYOUTS[transform.layout]
    fields: dict[str, int | str] = {
        "layout": f"{prefix}_layout",
        "word": f"{prefix}_word + {marks}" if marks else f"{prefix}_word",
        "keys": len(_table(layout)) // 2,
        "buckets": f"{transform.buckets}u",
        "word_max": f"{transform.word_max}u",
        "split_at_spaces": int(transform.split == "spaces"),
    }
    return (
        array("uint8_t", f"{prefix}_layout", _table(layout))
        + f"static uint8_t {prefix}_word[{transform.word_max + 2 * marks}];\n"
        + struct("zerotap_typed_words_t", f"{prefix}_words", fields)
    )


def _table(layout: Layout) -> list[int]:
    """Plain and shifted character of each usage from 4 to the last that the layout has, 0 for none."""
    return [
        ord(layout.character(usage, shift) or "\0")
        for usage in range(_FIRST_USAGE, max(*layout.keys, *layout.keypad) + 1)
        for shift in (False, True)
    ]

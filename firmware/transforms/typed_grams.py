"""typed_grams in C."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features.text.hashing import seed_offset
from zerotap.features.transforms.typed_grams import MARK
from zerotap.firmware.c_code.c_source import struct

from .interface import Stage
from .typed_words import KEY_FILES, typed_words_of

if TYPE_CHECKING:
    from zerotap.features.transforms.interface import Signal
    from zerotap.features.transforms.typed_grams import TypedGrams

_GRAMMING_BYTES = 32  # sizeof(zerotap_gramming_t)
_RUNTIME = (
    *KEY_FILES,
    "zerotap_typed_grams_push.c",
    "zerotap_typed_grams_more.c",
    "zerotap_typed_grams_flush.c",
    "zerotap_grams_of_word.c",
    "zerotap_next_gram.c",
)


def emit(transform: TypedGrams, source: Signal, prefix: str) -> Stage:
    """Generate the layout's table, a word's buffer with its marks, and what is kept of keys and n-grams."""
    of_words, of_grams = map(seed_offset, transform.seeds)
    fields: dict[str, int | str] = {
        "words": f"&{prefix}_words",
        "word_begin": f"{of_words}u",
        "gram_begin": f"{of_grams}u",
        "least": f"{transform.least}u",
        "most": f"{transform.most}u",
        "with_words": int(transform.words),
    }
    definitions = (
        typed_words_of(transform, prefix, marks=len(MARK))
        + struct("zerotap_typed_grams_t", f"{prefix}_grams", fields)
        + f"static zerotap_gramming_t {prefix}_state;\n"
    )
    state = f"&{prefix}_grams, &{prefix}_state, out"
    return Stage(
        definitions,
        push=f"zerotap_typed_grams_push(in, {state})",
        more=f"zerotap_typed_grams_more({state})",
        flush=f"zerotap_typed_grams_flush({state})",
        reset=f"{prefix}_state = (zerotap_gramming_t){{0}};",
        runtime=_RUNTIME,
        flushes_many=True,
        ram_bytes=transform.word_max + 2 * len(MARK) + _GRAMMING_BYTES,
    )

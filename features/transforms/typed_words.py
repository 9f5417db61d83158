"""Keyboard reports -> the ids of the words that they type, as a board does it: key event by key event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.capture import CAPS_LOCK, LAYOUTS, SHIFT, KeyEventStream, Layout
from zerotap.errors import FeatureError
from zerotap.features.text.hashing import (
    MOST_BUCKETS,
    REDUCTIONS,
    bucket_ids,
    check_buckets,
    hash_words,
    super_fast_hash,
)
from zerotap.features.text.keyboard import is_backspace
from zerotap.features.text.words import IN_WORD, WORD_MAX, check_split, split_words, typed_text_of

from .interface import Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOOT_REPORT = Signal((8,), "uint8")
WORD_ID = Signal((), "int32")


def _fits_a_board(layout: Layout) -> bool:
    """Whether a key has two levels of ASCII at most, and none is dead."""
    levels = [layout.character(usage, shift) for usage in layout.keys for shift in (False, True)]
    return not layout.has_altgr and not layout.dead_keys and "".join(levels).isascii()


BOARD_LAYOUTS = {name: layout for name, layout in LAYOUTS.items() if _fits_a_board(layout)}


@dataclass(frozen=True, slots=True)
class TypedWords:
    """Boot reports uint8 (8,) to word ids int32 (), each given when a key ends its word, the last at the end.

    A word is what ``split`` ("runs" or "spaces", see ``text.IN_WORD``) says of the keys' characters, in lower
    case and cut to ``word_max`` bytes (1 to 255); its id is 1 + SuperFastHash modulo ``buckets`` (1 to 2**16,
    a power of two for ``reduction`` "mask"). Backspace takes back a character of the current word only; any
    other key that writes nothing ends it. ``layout`` is one of BOARD_LAYOUTS. Raises FeatureError for other
    values.

    split="spaces" with 8192 buckets gives the ancestor's ids.
    """

    name: ClassVar[str] = "typed_words"
    host_only: ClassVar[str] = ""
    buckets: Annotated[int, About("places of the hash table", "", 1, MOST_BUCKETS)] = 4095
    reduction: Annotated[str, About("hash to bucket; mask needs a power of two", choices=REDUCTIONS)] = (
        "modulo"
    )
    split: Annotated[str, About("what ends a word", choices=tuple(IN_WORD))] = "runs"
    word_max: Annotated[int, About("where words are cut", "bytes", 1, 255)] = WORD_MAX
    layout: Annotated[str, About("the keyboard's", choices=tuple(BOARD_LAYOUTS))] = "us"

    def __post_init__(self) -> None:
        check_buckets(self.buckets, self.reduction)
        check_split(self.split)
        check_word_max(self.word_max)
        if self.layout not in BOARD_LAYOUTS:
            raise FeatureError(
                f"layout {self.layout!r} has no table for a board: choose one of {', '.join(BOARD_LAYOUTS)}, "
                "or typed_text, which takes every layout but stays on the host"
            )

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        return [
            (cls(), BOOT_REPORT),
            (cls(8192, "mask", split="spaces"), BOOT_REPORT),
            (cls(1 << 16, "mask", word_max=3, layout="dvorak"), BOOT_REPORT),
            (cls(1, word_max=1), BOOT_REPORT),
        ]

    def output(self, source: Signal) -> Signal:
        """Return int32 (); raises FeatureError for other than boot reports."""
        check_boot_reports(self.name, source)
        return WORD_ID

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Reports uint8 (n, 8) to ids int32 (m,)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        text = typed_text_of(items, self.split, BOARD_LAYOUTS[self.layout])
        return bucket_ids(hash_words(split_words(text, self.split), self.word_max), self.buckets)

    def stream(self, source: Signal) -> Stream:
        """Begin with no key down and no caps lock."""
        self.output(source)
        return _WordStream(self)


def check_word_max(word_max: int) -> None:
    """Raise FeatureError unless 1 <= word_max <= 255."""
    if not 1 <= word_max <= 255:
        raise FeatureError(f"words cannot be cut to {word_max} bytes: choose 1 to 255")


def check_boot_reports(name: str, source: Signal) -> None:
    """Raise FeatureError unless the items are boot reports."""
    if source != BOOT_REPORT:
        raise FeatureError(
            f"{name} takes no {source.dtype} of shape {source.shape}: "
            "give it boot reports, uint8 of shape (8,)"
        )


@dataclass(slots=True)
class _WordStream:
    """What a board holds: the keys that are down, caps lock, and the current word with its whole length."""

    words: TypedWords
    keys: KeyEventStream = field(default_factory=KeyEventStream)
    caps_lock: bool = False
    word: bytearray = field(default_factory=bytearray)
    length: int = 0

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Give the ids of the words that the report's new keys end: at most three."""
        pressed = self.keys.push(item).presses().usages.tolist()
        return [result for usage in pressed for result in self._press(usage, int(item[0]))]

    def flush(self) -> list[NDArray[Any]]:
        """Give the last word's id, if there is one."""
        return list(self._end())

    def _press(self, usage: int, modifiers: int) -> Iterator[NDArray[Any]]:
        if usage == CAPS_LOCK:
            self.caps_lock = not self.caps_lock
            return
        character = self._character(usage, modifiers).lower()
        if character and IN_WORD[self.words.split](character):
            self._append(character)
        elif is_backspace(usage, modifiers):
            self.length = max(self.length - 1, 0)
            del self.word[self.length :]
        else:
            yield from self._end()

    def _character(self, usage: int, modifiers: int) -> str:
        if modifiers & ~SHIFT:
            return ""
        layout = BOARD_LAYOUTS[self.words.layout]
        return layout.character(usage, shift=bool(modifiers & SHIFT), caps_lock=self.caps_lock)

    def _append(self, character: str) -> None:
        if self.length < self.words.word_max:
            self.word.append(ord(character))
        self.length += 1

    def _end(self) -> Iterator[NDArray[Any]]:
        if self.length:
            hashed = np.array([super_fast_hash(bytes(self.word))], np.uint32)
            yield bucket_ids(hashed, self.words.buckets)[0]
        self.word.clear()
        self.length = 0

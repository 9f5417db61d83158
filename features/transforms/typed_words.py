"""Keyboard reports -> the ids of the words that they type, as a board does it: key event by key event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.errors import FeatureError
from zerotap.features.text.board_words import (
    BOARD_LAYOUTS,
    MOST_WORD_BYTES,
    WordStream,
    check_board_words,
    typed_words_of_each,
)
from zerotap.features.text.hashing import (
    MOST_BUCKETS,
    REDUCTIONS,
    bucket_ids,
    check_buckets,
    hash_byte_words,
)
from zerotap.features.text.words import IN_WORD, WORD_MAX

from .interface import Signal, Stream, Transform
from .parameters import About

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOOT_REPORT = Signal((8,), "uint8")
WORD_ID = Signal((), "int32")


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
    word_max: Annotated[int, About("where words are cut", "bytes", 1, MOST_WORD_BYTES)] = WORD_MAX
    layout: Annotated[str, About("the keyboard's", choices=tuple(BOARD_LAYOUTS))] = "us"

    def __post_init__(self) -> None:
        check_buckets(self.buckets, self.reduction)
        check_board_words(self.split, self.word_max, self.layout)

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
        return self.batches([items])[0]

    def batches(self, recordings: Sequence[NDArray[Any]]) -> list[NDArray[np.int32]]:
        """``batch`` of each recording."""
        for items in recordings:
            self.output(Signal(items.shape[1:], items.dtype.name))
        texts = typed_words_of_each(recordings, self.split, self.layout, self.word_max)
        ids = self.ids([word for words in texts for word in words])
        ends = np.cumsum([len(words) for words in texts]).tolist()
        return [ids[end - len(words) : end] for words, end in zip(texts, ends, strict=True)]

    def ids(self, words: Sequence[bytes]) -> NDArray[np.int32]:
        """Ids int32 (n,) of words that are cut already."""
        return bucket_ids(hash_byte_words(words), self.buckets)

    def stream(self, source: Signal) -> Stream:
        """Begin with no key down and no caps lock."""
        self.output(source)
        return _IdStream(self, WordStream(self.split, self.layout, self.word_max))


def check_boot_reports(name: str, source: Signal) -> None:
    """Raise FeatureError unless the items are boot reports."""
    if source != BOOT_REPORT:
        raise FeatureError(
            f"{name} takes no {source.dtype} of shape {source.shape}: "
            "give it boot reports, uint8 of shape (8,)"
        )


@dataclass(slots=True)
class _IdStream:
    transform: TypedWords
    words: WordStream

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Give the ids of the words that the report's new keys end: at most three."""
        return list(self.transform.ids(self.words.push(item)))

    def flush(self) -> list[NDArray[Any]]:
        """Give the last word's id, if there is one."""
        return list(self.transform.ids(self.words.flush()))

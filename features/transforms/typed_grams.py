"""Keyboard reports -> the ids of the words that they type and of the words' n-grams, as a board does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

import numpy as np

from zerotap.errors import FeatureError
from zerotap.features.text.board_words import (
    BOARD_LAYOUTS,
    MOST_WORD_BYTES,
    WordStream,
    check_board_words,
    typed_words_of_each,
)
from zerotap.features.text.hashing import MOST_BUCKETS, bucket_ids, check_buckets, super_fast_hashes
from zerotap.features.text.words import IN_WORD, WORD_MAX

from .interface import Signal, Stream, Transform
from .parameters import About
from .typed_words import BOOT_REPORT, WORD_ID, check_boot_reports

if TYPE_CHECKING:
    from numpy.typing import NDArray

MARK: Final = b" "
"""Stands at both ends of a word: a blank, which no word has within."""
MOST_GRAM: Final = 8
MOST_SEED: Final = (1 << 31) - 1


@dataclass(frozen=True, slots=True)
class TypedGrams:
    """Boot reports uint8 (8,) to ids int32 () of each word and its n-grams, given when a key ends the word.

    Words are those of typed_words. First the id of the word itself (unless ``words`` is false), then those of
    the n-grams of the word between two marks (blanks), ``least`` to ``most`` (1 to 8) bytes long, the shorter
    first, from left to right: equal ones give an id each. An id is 1 + SuperFastHash modulo ``buckets`` (1 to
    2**16; a power of two masks), with the hash seeds 2 x ``seed`` for words and 2 x ``seed`` + 1 for n-grams:
    seed 0 gives words the ids of typed_words. Raises FeatureError for other values.

    A board holds the current word, ``word_max`` bytes and the marks; Backspace and ``layout`` are as in
    typed_words.
    """

    name: ClassVar[str] = "typed_grams"
    host_only: ClassVar[str] = ""
    buckets: Annotated[int, About("places of the hash table", "", 1, MOST_BUCKETS)] = 1 << 14
    least: Annotated[int, About("the shortest n-gram, marks counted", "bytes", 1, MOST_GRAM)] = 2
    most: Annotated[int, About("the longest n-gram", "bytes", 1, MOST_GRAM, rule="least to 8")] = 5
    words: Annotated[bool, About("whole words get ids too")] = True
    seed: Annotated[int, About("another seed, other words that share a bucket", "", 0, MOST_SEED)] = 0
    split: Annotated[str, About("what ends a word", choices=tuple(IN_WORD))] = "runs"
    word_max: Annotated[int, About("where words are cut", "bytes", 1, MOST_WORD_BYTES)] = WORD_MAX
    layout: Annotated[str, About("the keyboard's", choices=tuple(BOARD_LAYOUTS))] = "us"

    def __post_init__(self) -> None:
        check_buckets(self.buckets)
        check_board_words(self.split, self.word_max, self.layout)
        if not 1 <= self.least <= self.most <= MOST_GRAM:
            raise FeatureError(
                f"n-grams of {self.least} to {self.most} bytes cannot be had: choose 1 <= least <= most "
                f"<= {MOST_GRAM}"
            )
        if not 0 <= self.seed <= MOST_SEED:
            raise FeatureError(f"seed {self.seed} cannot be had: choose 0 to {MOST_SEED}")

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        return [
            (cls(), BOOT_REPORT),
            (cls(1 << 16, 3, 8, seed=7, split="spaces"), BOOT_REPORT),
            (cls(1000, 1, 1, words=False, word_max=2, layout="dvorak"), BOOT_REPORT),
            (cls(64, 5, 5, seed=MOST_SEED, word_max=3), BOOT_REPORT),
            (cls(7, 4, 6, words=False, word_max=1), BOOT_REPORT),
        ]

    @property
    def seeds(self) -> tuple[int, int]:
        """The hash's seeds for words and for n-grams."""
        return 2 * self.seed, 2 * self.seed + 1

    def output(self, source: Signal) -> Signal:
        """Return int32 (); raises FeatureError for other than boot reports."""
        check_boot_reports(self.name, source)
        return WORD_ID

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Reports uint8 (n, 8) to ids int32 (m,)."""
        return self.batches([items])[0]

    def batches(self, recordings: Sequence[NDArray[Any]]) -> list[NDArray[np.int32]]:
        """``batch`` of each recording; a word that several have is hashed once."""
        for items in recordings:
            self.output(Signal(items.shape[1:], items.dtype.name))
        texts = typed_words_of_each(recordings, self.split, self.layout, self.word_max)
        distinct = list(dict.fromkeys(word for words in texts for word in words))
        ids, ends = self._ids(distinct)
        begins = [0, *ends[:-1]]
        ids_of = {word: ids[at:to] for word, at, to in zip(distinct, begins, ends, strict=False)}
        nothing = ids[:0]
        return [np.concatenate([nothing, *(ids_of[word] for word in words)]) for words in texts]

    def ids(self, words: Sequence[bytes]) -> NDArray[np.int32]:
        """Ids int32 (m,) of words in lower case, each cut to ``word_max`` bytes already."""
        return self._ids(words)[0]

    def _ids(self, words: Sequence[bytes]) -> tuple[NDArray[np.int32], list[int]]:
        """Ids (m,), and where those of each word end."""
        data = np.frombuffer(MARK + MARK.join(words) + MARK, np.uint8)
        sizes = np.fromiter(map(len, words), np.int64, len(words))
        # Neighbours share a mark: each word begins one byte behind the end of the one before.
        begins = np.cumsum(sizes + len(MARK)) - sizes
        counts = self._counts(sizes)
        starts, lengths, is_word = self._spans(begins, sizes, counts)
        hashes = super_fast_hashes(data, starts, lengths, np.where(is_word, *self.seeds))
        return bucket_ids(hashes, self.buckets), np.cumsum(counts.sum(axis=1)).tolist()

    def _counts(self, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ids of each kind, int64 (words, 1 + sizes of n-grams): of the word itself, and by length."""
        grams = np.arange(self.least, self.most + 1)
        counts = np.maximum(sizes[:, None] + 2 * len(MARK) + 1 - grams, 0)
        return np.column_stack([np.full(len(sizes), int(self.words)), counts])

    def _spans(
        self, begins: NDArray[np.int64], sizes: NDArray[np.int64], counts: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Start and length of what is hashed, in order, and whether it is a word."""
        each = counts.ravel()
        kinds = np.repeat(np.arange(len(each)), each)
        places = np.arange(len(kinds)) - np.repeat(np.cumsum(each) - each, each)
        word, kind = np.divmod(kinds, counts.shape[1])
        is_word = kind == 0
        starts = begins[word] + places - len(MARK) * ~is_word
        return starts, np.where(is_word, sizes[word], self.least + kind - 1), is_word

    def stream(self, source: Signal) -> Stream:
        """Begin with no key down and no caps lock."""
        self.output(source)
        return _GramStream(self, WordStream(self.split, self.layout, self.word_max))


@dataclass(slots=True)
class _GramStream:
    grams: TypedGrams
    words: WordStream

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Give the ids of the words that the report's new keys end: at most three words."""
        return list(self.grams.ids(self.words.push(item)))

    def flush(self) -> list[NDArray[Any]]:
        """Give the last word's ids, if there is one."""
        return list(self.grams.ids(self.words.flush()))

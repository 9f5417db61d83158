"""Keyboard reports -> ids of the text that they type, with what looks at more than one word: host only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import numpy as np

from zerotap.capture import LAYOUTS
from zerotap.errors import FeatureError
from zerotap.features.text.board_words import MOST_WORD_BYTES, check_word_max
from zerotap.features.text.hashing import MOST_BUCKETS, REDUCTIONS, bucket_ids, check_buckets, hash_words
from zerotap.features.text.words import (
    CLEANERS,
    IN_WORD,
    NON_ASCII,
    WORD_MAX,
    clean,
    split_words,
    typed_text_of,
)

from .interface import Signal, Stream, Transform
from .parameters import About
from .typed_words import BOOT_REPORT, WORD_ID, check_boot_reports

if TYPE_CHECKING:
    from numpy.typing import NDArray

GRAM_SIZES = (3, 4, 5)


@dataclass(frozen=True, slots=True)
class TypedText:
    """Boot reports uint8 (8,) to ids int32 (), all at the recording's end, of more than single words.

    ``layout`` is any of ``capture.LAYOUTS``; ``non_ascii`` "fold" or "drop" (``text.to_ascii``); ``cleaning``
    names tokens to put in (``text.CLEANERS``). A word's id may be followed by that of the ``bigrams`` that it
    ends, and by those of its character ``grams``, sizes among 3 to 5, of the word between < and >. ``signed``
    negates half of the buckets' ids (``hashing.bucket_ids``). Raises FeatureError for other values.
    """

    name: ClassVar[str] = "typed_text"
    host_only: ClassVar[str] = (
        "cleaning, folding, pairs and parts of words and signed ids look at texts that are held whole; "
        "typed_words is what a board does"
    )
    buckets: Annotated[int, About("places of the hash table", "", 1, MOST_BUCKETS)] = 4095
    reduction: Annotated[str, About("hash to bucket; mask needs a power of two", choices=REDUCTIONS)] = (
        "modulo"
    )
    split: Annotated[str, About("what ends a word", choices=tuple(IN_WORD))] = "runs"
    word_max: Annotated[int, About("where words are cut", "bytes", 1, MOST_WORD_BYTES)] = WORD_MAX
    layout: Annotated[str, About("the keyboard's", choices=tuple(LAYOUTS))] = "us"
    non_ascii: Annotated[str, About("other letters than ASCII's", choices=NON_ASCII)] = "fold"
    cleaning: Annotated[tuple[str, ...], About("what a token replaces", choices=tuple(CLEANERS))] = ()
    bigrams: Annotated[bool, About("pairs of words get ids too")] = False
    grams: Annotated[
        tuple[int, ...], About("parts of words get ids too", "characters", choices=GRAM_SIZES)
    ] = ()
    signed: Annotated[bool, About("half of the ids are negative")] = False

    def __post_init__(self) -> None:
        check_buckets(self.buckets, self.reduction)
        check_word_max(self.word_max)
        if self.layout not in LAYOUTS:
            raise FeatureError(f"layout {self.layout!r} is unknown: choose one of {', '.join(LAYOUTS)}")
        if not set(self.grams) <= set(GRAM_SIZES):
            raise FeatureError(f"grams of {self.grams} characters: choose sizes among {GRAM_SIZES}")
        split_words(clean("", self.cleaning), self.split, self.non_ascii)  # which refuse unknown names

    @classmethod
    def examples(cls) -> list[tuple[Transform, Signal]]:
        """What the conformance checks run over."""
        every = cls(512, "mask", cleaning=("urls", "mentions", "numbers"), bigrams=True, grams=GRAM_SIZES)
        return [
            (cls(), BOOT_REPORT),
            (every, BOOT_REPORT),
            (cls(1000, split="spaces", layout="german", non_ascii="drop", signed=True), BOOT_REPORT),
        ]

    def output(self, source: Signal) -> Signal:
        """Return int32 (); raises FeatureError for other than boot reports."""
        check_boot_reports(self.name, source)
        return WORD_ID

    def batch(self, items: NDArray[Any]) -> NDArray[np.int32]:
        """Reports uint8 (n, 8) to ids int32 (m,)."""
        self.output(Signal(items.shape[1:], items.dtype.name))
        return self.ids(typed_text_of(items, self.split, LAYOUTS[self.layout]))

    def ids(self, text: str) -> NDArray[np.int32]:
        """Ids int32 (m,) of a text that was never typed; raises FeatureError for NUL and surrogates."""
        words = split_words(clean(text, self.cleaning), self.split, self.non_ascii)
        features = list(self._features([word[: self.word_max] for word in words]))
        return bucket_ids(hash_words(features, 2 * self.word_max + 1), self.buckets, self.signed)

    def stream(self, source: Signal) -> Stream:
        """Gather a recording's reports."""
        self.output(source)
        return _Gathering(self)

    def _features(self, words: list[str]) -> Iterator[str]:
        for previous, word in pairwise(["", *words]):
            yield word
            if self.bigrams and previous:
                yield f"{previous} {word}"
            bounded = f"<{word}>"
            for size in self.grams:
                # The mark keeps a part of a word apart from the word that is spelled so.
                yield from (f"#{bounded[at : at + size]}" for at in range(len(bounded) - size + 1))


@dataclass(slots=True)
class _Gathering:
    parameters: TypedText
    reports: list[NDArray[Any]] = field(default_factory=list)

    def push(self, item: NDArray[Any]) -> list[NDArray[Any]]:
        """Keep the report: what it means may depend on those that follow."""
        self.reports.append(item.copy())
        return []

    def flush(self) -> list[NDArray[Any]]:
        """Give every id."""
        return list(self.parameters.batch(np.array(self.reports, np.uint8).reshape(-1, 8)))

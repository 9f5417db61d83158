"""What the keyboards of a dataset typed, counted: words, and how they share the buckets of a hash table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.capture import Dataset
from zerotap.errors import FeatureError

from .hashing import bucket_ids, hash_words
from .words import WORD_MAX, split_words, typed_text_of

if TYPE_CHECKING:
    from pathlib import Path

BUCKETS = tuple(1 << power for power in range(8, 17))


def describe_text(path: Path) -> dict[str, Any]:
    """Return type, path, tokens, vocabulary, the share of tokens cut at WORD_MAX, and bucket loads.

    Of each number of BUCKETS: ``load`` words a bucket, the ``used_share`` of buckets, and the share of tokens
    that have a bucket in common with another word. Raises FeatureError where no word was typed, CaptureError
    where ``path`` is no dataset.
    """
    if not path.is_dir():
        raise FeatureError(f"{path}: is no dataset, whose words could be counted; `zerotap import` makes one")
    dataset = Dataset.open(path)
    words = Counter(
        word
        for _, recording in dataset.load_all(dataset.entries())
        for word in split_words(typed_text_of(recording.reports(8), "runs"))
    )
    if not words:
        raise FeatureError(
            f"{path}: no keyboard types a word in it; `zerotap info {path}` says what it holds"
        )
    long = sum(count for word, count in words.items() if len(word) > WORD_MAX)
    return {
        "type": "text",
        "path": str(path),
        "tokens": words.total(),
        "vocabulary": len(words),
        "most_common": [word for word, _ in words.most_common(10)],
        "word_max_bytes": WORD_MAX,
        "cut_share": long / words.total(),
        "buckets": bucket_loads(words),
    }


def bucket_loads(words: Mapping[str, int]) -> list[dict[str, Any]]:
    """Of words and how often each occurs, a row for each number of BUCKETS."""
    hashes = hash_words(words, WORD_MAX)
    counts = np.fromiter(words.values(), np.int64, len(words))
    rows = []
    for buckets in BUCKETS:
        ids = bucket_ids(hashes, buckets)
        sizes = np.bincount(ids, minlength=buckets + 1)
        row = {
            "buckets": buckets,
            "load": len(words) / buckets,
            "used_share": np.count_nonzero(sizes) / buckets,
            "colliding_token_share": int(counts[sizes[ids] > 1].sum()) / int(counts.sum()),
        }
        rows.append(row)
    return rows

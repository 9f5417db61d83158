"""Messages, tweets and comments, typed: recordings of a keyboard's boot reports.

Messages are typed as `zerotap type` types them, with the times and overlaps of a hand. Tweets and comments,
three times as many and longer, are typed key by key, every 100 ms: the text models read keys alone.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from splits import Given, fixed_split, numbered, split_at

from zerotap.capture import LEFT_SHIFT, US, Packet, Recording, Typist
from zerotap.capture.sources.typist import fold

ENDPOINT, KEY_NS = 0x81, 100_000_000
NOTE = "train_test_split(test_size=.2, random_state=0, stratify=label)"


def spam(data: Path) -> Given:
    """Messages: ham or spam."""
    rows = read_rows(data / "text/sms_spam.csv")
    labels = [row["label"] for row in rows]
    typist = Typist()
    recordings = [by_hand(typist, row["text"], place) for place, row in enumerate(rows)]
    classes, labelled = numbered(recordings, labels)
    return Given(classes, (split_at(labelled, *fixed_split(labels), NOTE),))


def tweets(data: Path) -> Given:
    """Tweets: offensive or hateful, or neither; the split is stratified by the file's three labels."""
    rows = read_rows(data / "text/davidson.csv.gz")
    labels = [row["label"] for row in rows]
    named = ["neither" if label == "neither" else "offensive" for label in labels]
    classes, labelled = numbered([key_by_key(row["text"]) for row in rows], named)
    return Given(classes, (split_at(labelled, *fixed_split(labels), NOTE),))


def comments(data: Path) -> Given:
    """Comments: sexist or not; the file's own split."""
    rows = read_rows(data / "text/edos.csv.gz")
    classes, labelled = numbered([key_by_key(row["text"]) for row in rows], [row["label"] for row in rows])
    sides = [[place for place, row in enumerate(rows) if row["split"] == side] for side in ("train", "dev")]
    return Given(classes, (split_at(labelled, *sides, "the file's own, train and dev"),))


def read_rows(path: Path) -> list[dict[str, str]]:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_hand(typist: Typist, text: str, place: int) -> Recording:
    """What `zerotap type` records of a text, with the same seed and place."""
    typed, _ = fold(text, typist.layout)
    return _recording((report.offset_ns, report.data) for report in typist.type(typed or " ", place))


def key_by_key(text: str) -> Recording:
    """Every key down and up again before the next."""
    return _recording((at * KEY_NS // 2, report) for at, report in enumerate(_reports(text)))


def _reports(text: str) -> Iterator[bytes]:
    for character in fold(text, US)[0] or " ":
        for stroke in US.sequences[character]:
            yield bytes((LEFT_SHIFT if stroke.shift else 0, 0, stroke.usage, 0, 0, 0, 0, 0))
            yield bytes(8)


def _recording(reports: Iterable[tuple[int, bytes]]) -> Recording:
    times_ns, rows = zip(*reports, strict=True)
    packets = [Packet(10**18 + at, ENDPOINT, row) for at, row in zip(times_ns, rows, strict=True)]
    return Recording.from_packets(packets)


def texts(recordings: Iterable[Recording]) -> list[str]:
    """What keys spell, as the text models read it."""
    from zerotap.features import decode_text

    return [decode_text(np.ascontiguousarray(one.reports(8))) for one in recordings]

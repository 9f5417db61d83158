"""Splits: nothing equal on both sides, every class on both, the same every time."""

import random
from collections import Counter

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zerotap.capture import Packet, Recording
from zerotap.capture.datasets.splits.by_content import split_by_content
from zerotap.capture.datasets.splits.content_hash import content_hash, pressed_keys
from zerotap.errors import CaptureError

CLASSES = ("a", "b", "c")


def typed(text, *, pause_ns=10**8, rollover=False):
    """Type letters (capitals with shift): each released before the next, or only after it."""
    reports = []
    held = 0
    for letter in text:
        shift, usage = 2 * letter.isupper(), ord(letter.lower()) - ord("a") + 4
        if rollover and held not in (0, usage):
            reports.append([shift, 0, held, usage, 0, 0, 0, 0])
        reports.append([shift, 0, usage, 0, 0, 0, 0, 0])
        if not rollover:
            reports.append([0] * 8)
        held = usage
    return Recording.from_packets(Packet(i * pause_ns, 0x81, bytes(r)) for i, r in enumerate(reports))


def contents(labelled):
    return {content_hash(recording) for recording, _ in labelled}


corpora = st.lists(
    st.tuples(st.text("abcD", min_size=1, max_size=3), st.integers(0, 2)), min_size=6, max_size=60
).map(lambda pairs: [(typed(text), number) for text, number in pairs])


@given(corpora, st.floats(0.05, 0.6))
def test_no_content_on_both_sides_and_every_class_on_both(corpus, fraction):
    assume({number for _, number in corpus} == {0, 1, 2})
    try:
        split = split_by_content(corpus, CLASSES, fraction)
    except CaptureError as error:
        refused = next(n for n in range(3) if f"class {CLASSES[n]}:" in str(error))
        elsewhere = contents(pair for pair in corpus if pair[1] != refused)
        assert len(contents(pair for pair in corpus if pair[1] == refused) - elsewhere) < 2
        return
    assert not contents(split.train) & contents(split.test)
    assert {n for _, n in split.train} == {n for _, n in split.test} == {0, 1, 2}
    assert Counter(map(id, (r for r, _ in split.train + split.test))) == Counter(id(r) for r, _ in corpus)


@given(
    st.lists(st.text("abcdefgh", min_size=4, max_size=4), min_size=4, max_size=40, unique=True), st.randoms()
)
def test_distinct_recordings_are_always_split_and_order_does_not_matter(texts, shuffle: random.Random):
    corpus = [(typed(text), i % 2) for i, text in enumerate(texts)]
    split = split_by_content(corpus, CLASSES[:2])
    shuffle.shuffle(corpus)
    again = split_by_content(corpus, CLASSES[:2])
    assert [content_hash(r) for r, _ in split.test] == [content_hash(r) for r, _ in again.test]
    assert [content_hash(r) for r, _ in split.train] == [content_hash(r) for r, _ in again.train]
    for number in (0, 1):
        held = sum(n == number for _, n in corpus)
        assert sum(n == number for _, n in split.test) == max(1, round(0.2 * held))


def test_content_is_what_was_typed_not_when_or_how():
    assert content_hash(typed("hello")) == content_hash(typed("hello", pause_ns=7))
    assert content_hash(typed("helo")) == content_hash(typed("helo", rollover=True))
    assert content_hash(typed("Helo")) != content_hash(typed("helo"))
    assert content_hash(typed("helo")) != content_hash(typed("hleo"))


def test_reports_of_too_many_keys_add_nothing():
    reports = typed("ab").reports(8).copy()
    held = reports[0].copy()
    reports = [held, [0, 0] + [1] * 6, held, *reports[1:]]
    recording = Recording.from_packets(Packet(i, 0x81, bytes(r)) for i, r in enumerate(map(list, reports)))
    assert pressed_keys(recording.reports(8)).tolist() == [[0, 4], [0, 5]]


def test_content_of_other_devices_is_their_bytes():
    packets = [Packet(i, 0x81, bytes([i, 200, 3, 4, 5, 6, 7, 8])) for i in range(3)]
    same = [Packet(i + 5, 0x82, p.data) for i, p in enumerate(packets)]
    joined = [Packet(0, 0x81, b"".join(p.data for p in packets))]
    hashes = [content_hash(Recording.from_packets(p)) for p in (packets, same, joined, packets[:2])]
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 3


def sensor(start, count):
    return Recording.from_packets(Packet(i * 10**7, 0x82, bytes([start, i % 256])) for i in range(count))


def test_single_recordings_are_cut_in_time_with_a_gap_and_the_note_says_so():
    split = split_by_content([(sensor(0, 100), 0), (sensor(1, 50), 1)], ("idle", "walk"), guard_reports=10)
    assert [len(r) for r, _ in split.train] == [70, 30]
    assert [len(r) for r, _ in split.test] == [20, 10]
    (before, _), (after, _) = split.train[0], split.test[0]
    assert after.timestamps_ns[0] - before.timestamps_ns[-1] == 11 * 10**7
    assert "idle, walk: a single recording" in split.note
    assert "10 packets" in split.note


@pytest.mark.parametrize(
    ("corpus", "said"),
    [
        ([(sensor(0, 40), 0), (sensor(1, 30), 1)], "class b: its only recording has 30 packets"),
        ([(typed("a"), 0), (typed("a"), 0), (typed("b"), 1), (typed("c"), 1)], "class a: .* on both sides"),
        ([(typed("a"), 0), (typed("a"), 1), (typed("b"), 1)], "class a: its only recording equals one of b"),
    ],
)
def test_a_class_that_cannot_be_on_both_sides(corpus, said):
    with pytest.raises(CaptureError, match=said):
        split_by_content(corpus, ("a", "b"), guard_reports=30)


@pytest.mark.parametrize("fraction", [0, 1, -1, float("nan")])
def test_a_fraction_that_leaves_a_side_empty(fraction):
    with pytest.raises(CaptureError, match="test fraction"):
        split_by_content([(typed("a"), 0)], ("a",), fraction)


def test_what_only_looks_like_a_keyboard_is_told_apart_by_its_bytes():
    """A mouse of 8-byte reports whose second byte is 0: its distances are no keys."""
    hashes = [
        content_hash(Recording.from_packets([Packet(0, 0x81, bytes([0, 0, 200, 200, wheel, 0, 0, 0]))]))
        for wheel in (2, 3)
    ]
    assert hashes[0] != hashes[1]

"""Splits by groups, by time and by given sides, and the guard against equal content on both."""

import logging
from collections import Counter
from dataclasses import replace
from time import process_time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from zerotap.capture import GUARD_PACKETS, Packet, Recording, labels_of_class
from zerotap.capture.datasets.splits.by_content import split_by_content
from zerotap.capture.datasets.splits.by_groups import group_of, split_by_groups
from zerotap.capture.datasets.splits.by_sides import split_by_sides
from zerotap.capture.datasets.splits.by_time import split_by_time
from zerotap.capture.datasets.splits.content_hash import content_hash
from zerotap.capture.datasets.splits.rule import DIVIDED_BY, SplitRule
from zerotap.capture.datasets.splits.rules import RULES, divide
from zerotap.capture.datasets.splits.split import Candidate
from zerotap.errors import CaptureError

NOON_NS = 1_750_000_000 * 10**9
CLASSES = ("a", "b")


def recording(name, content, start_ns=NOON_NS, count=3):
    data = content.to_bytes(4, "little")
    made = Recording.from_packets([Packet(start_ns + n, 0x82, data) for n in range(count)])
    return replace(made, name=name)


def candidate(number, content, *, group="", side="", start_ns=NOON_NS, name="", count=3):
    name = name or f"take-{content}"
    return Candidate(recording(name, content, start_ns, count), number, name, side, group)


def names(labelled):
    return [one.name for one, _ in labelled]


def test_every_rule_that_is_known_divides():
    assert RULES.keys() == DIVIDED_BY.keys()


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 9)), min_size=8, max_size=60),
    st.floats(0.1, 0.6),
    st.randoms(),
)
def test_no_group_is_on_both_sides_and_every_class_is(members, fraction, shuffle):
    candidates = [candidate(number, n, group=f"person {group}") for n, (number, group) in enumerate(members)]
    of = {number: {one.group for one in candidates if one.number == number} for number in (0, 1)}
    assume(min(map(len, of.values())) >= 3)  # with two groups of each, one may be needed on both sides
    split = split_by_groups(candidates, CLASSES, fraction, GUARD_PACKETS)
    group = {one.recording.name: one.group for one in candidates}
    assert not {group[name] for name in names(split.train)} & {group[name] for name in names(split.test)}
    assert {number for _, number in split.train} == {number for _, number in split.test} == {0, 1}
    assert len(split.train) + len(split.test) == len(members)
    assert split.train_groups == tuple(group[name] for name in names(split.train))
    shuffle.shuffle(candidates)
    again = split_by_groups(candidates, CLASSES, fraction, GUARD_PACKETS)
    assert sorted(names(again.test)) == sorted(names(split.test))


def test_about_the_fraction_of_five_persons_is_one_of_them():
    candidates = [candidate(n % 2, n, group=f"p{n // 4}") for n in range(20)]
    split = split_by_groups(candidates, CLASSES, 0.2, GUARD_PACKETS)
    assert len(split.test) == 4
    assert split.note == "by groups: 4 to train and 1 to test, none on both sides"


def test_groups_that_share_content_stay_together_where_they_can():
    candidates = [candidate(n % 2, n // 2 % 6 * 2 + n % 2, group=f"p{n // 2}") for n in range(24)]
    split = split_by_groups(candidates, CLASSES, 0.3, GUARD_PACKETS)
    held = [{content_hash(one) for one, _ in side} for side in (split.train, split.test)]
    assert not held[0] & held[1]


def test_where_all_persons_type_the_same_groups_hold_and_the_copies_are_said(caplog):
    candidates = [candidate(n % 2, n % 2, group=f"p{n // 2}", name=f"take-{n}") for n in range(12)]
    split = divide(candidates, CLASSES, SplitRule("groups", 0.2), GUARD_PACKETS, "typists")
    assert split.note.endswith("; 2 of the test equal one that trains")
    (warned,) = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warned.startswith("typists: 2 of the recordings that test equal one that trains (take-")


def test_a_recording_without_a_group_is_one_and_its_parts_stay_together():
    parts = [replace(candidate(n % 2, n, name="long"), recording=recording(f"long-{n}", n)) for n in range(8)]
    others = [candidate(n % 2, n) for n in range(10, 30)]
    assert {group_of(one) for one in parts} == {"\0long"}
    split = split_by_groups([*parts, *others], CLASSES, 0.2, GUARD_PACKETS)
    on_test = {name.startswith("long") for name in names(split.test)}
    assert len([name for name in names(split.test) if name.startswith("long")]) in (0, 8)
    assert False in on_test


def test_thousands_of_groups_are_divided_in_seconds():
    """Each choice once looked at every group that had been chosen: 1,200 took minutes."""
    candidates = [candidate(n % 2, n, group=f"writer {n}") for n in range(4000)]
    start_s = process_time()
    split = split_by_groups(candidates, CLASSES, 0.2, GUARD_PACKETS)
    assert len(split.test) == 800 and process_time() - start_s < 30


def test_a_class_of_one_person_is_refused_by_name():
    candidates = [candidate(int(n > 3), n, group="anna" if n < 4 else f"p{n}") for n in range(12)]
    with pytest.raises(CaptureError, match=r"class a: cannot be on both sides, .* 1 group \(anna\)"):
        split_by_groups(candidates, CLASSES, 0.2, GUARD_PACKETS)


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 10**6)), min_size=6, max_size=50), st.randoms())
def test_what_tests_is_later_than_what_trains_of_its_class(members, shuffle):
    counts = Counter(number for number, _ in members)
    assume(min(counts[0], counts[1]) >= 2)
    candidates = [candidate(c, n, start_ns=NOON_NS + t * 10**9) for n, (c, t) in enumerate(members)]
    shuffle.shuffle(candidates)
    split = split_by_time(candidates, CLASSES, 0.2, GUARD_PACKETS)
    for number in (0, 1):
        train, test = (
            [int(one.timestamps_ns[0]) for one, n in side if n == number]
            for side in (split.train, split.test)
        )
        assert max(train) <= min(test)
        assert len(test) == max(1, round(0.2 * counts[number]))
    assert split.note == "by time: the last 20% of each class"


def test_times_that_count_from_some_start_say_nothing_so_names_do():
    numbers = [1, 2, 9, 10, 11]
    candidates = [
        candidate(c, 100 * c + n, name=f"{'ab'[c]}-{n}", start_ns=(20 - n) * 10**9)
        for n in numbers
        for c in (0, 1)
    ]
    split = split_by_time(candidates, CLASSES, 0.4, GUARD_PACKETS)
    assert sorted(names(split.test)) == ["a-10", "a-11", "b-10", "b-11"]
    assert "in the order of names" in split.note


def test_with_groups_the_last_of_each_group_test():
    candidates = [
        candidate(c, 100 * c + 10 * g + n, group=f"p{g}", start_ns=NOON_NS + n)
        for c in (0, 1)
        for g in range(3)
        for n in range(5)
    ]
    split = split_by_time(candidates, CLASSES, 0.2, GUARD_PACKETS)
    assert sorted(names(split.test)) == sorted(
        f"take-{100 * c + 10 * g + 4}" for c in (0, 1) for g in range(3)
    )
    assert split.note == "by time: the last 20% of each class and group"


def test_a_class_of_a_single_recording_is_divided_in_time_too():
    candidates = [candidate(0, 0, count=200), *(candidate(1, n) for n in range(1, 6))]
    split = split_by_time(candidates, CLASSES, 0.2, 10)
    assert [len(one) for one, number in split.train if number == 0] == [150]
    assert "a: a single recording, divided in time with a gap of 10 packets" in split.note


def test_by_time_a_rare_combination_of_labels_trains_whole():
    classes = ("insult", "none", "toxic", "toxic+insult")
    candidates = [candidate(n % 3, n) for n in range(12)] + [candidate(3, 99)]
    split = split_by_time(candidates, classes, 0.2, GUARD_PACKETS)
    assert "take-99" in names(split.train) and len(split.test) == 3
    assert split.note == "by time: the last 20% of each class"


def test_given_sides_are_kept_and_what_has_none_trains():
    candidates = [candidate(n % 2, n, side=["train", "test", ""][n % 3]) for n in range(12)]
    split = split_by_sides(candidates, CLASSES, 0.2, GUARD_PACKETS)
    assert names(split.test) == [f"take-{n}" for n in (1, 4, 7, 10)]
    assert split.note == "by the sides that were given, 4 recordings without one train"


@pytest.mark.parametrize(("side", "missing"), [("train", "test"), ("test", "train")])
def test_a_class_on_one_side_only_is_refused(side, missing):
    candidates = [candidate(0, 1, side="train"), candidate(0, 2, side="test"), candidate(1, 3, side=side)]
    with pytest.raises(CaptureError, match=f"class b: none of its recordings is to {missing}"):
        split_by_sides(candidates, CLASSES, 0.2, GUARD_PACKETS)


def test_given_sides_that_share_content_are_named(caplog):
    candidates = [
        candidate(n % 2, n % 6, side="test" if n > 5 else "train", name=f"m-{n}") for n in range(12)
    ]
    split = divide(candidates, CLASSES, SplitRule("column"), GUARD_PACKETS, "sms")
    assert "6 of the recordings that test equal one that trains (m-6 equals m-0" in caplog.text
    assert "and 3 more" in caplog.text
    assert len(split.test) == 6 and split.note.endswith("6 of the test equal one that trains")


COMBINATIONS = ("none", "toxic", "toxic+insult", "toxic+threat", "threat+insult")


def test_classes_of_several_labels_need_each_label_and_not_each_combination_on_both_sides():
    rare = {2: 6, 3: 1, 4: 1}
    numbers = [n for number in range(5) for n in [number] * rare.get(number, 12)]
    corpus = [(recording(f"m-{n}", n), number) for n, number in enumerate(numbers)]
    split = split_by_content(corpus, COMBINATIONS)
    for side in (split.train, split.test):
        labels = {label for _, n in side for label in labels_of_class(COMBINATIONS[n]) or ("none",)}
        assert labels == {"none", "toxic", "insult", "threat"}
    assert len(split.train) + len(split.test) == len(corpus)


def test_a_label_of_one_recording_is_refused_by_its_own_name():
    corpus = [(recording(f"m-{n}", n), n % 2) for n in range(10)] + [(recording("m-99", 99), 2)]
    with pytest.raises(CaptureError, match="label threat: none of its recordings is to test"):
        split_by_content(corpus, ("none", "toxic", "toxic+threat"))


@pytest.mark.parametrize("rule", sorted(set(RULES) - {"column"}))
def test_a_fraction_that_leaves_a_side_empty(rule):
    with pytest.raises(CaptureError, match="test fraction"):
        divide([candidate(n % 2, n) for n in range(4)], CLASSES, SplitRule(rule, 1.0), 1, "d")

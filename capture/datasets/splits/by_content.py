"""By content: recordings in the order of their content's hash, the same every time and without leakage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from operator import itemgetter

from zerotap.capture.class_names import have_several_labels
from zerotap.errors import CaptureError

from .content_hash import content_hash
from .split import Labelled, Split, check_both_sides, check_fraction, needs_of
from .time_blocks import blocks_note, time_blocks

Contents = Mapping[int, Counter[str]]
"""How many recordings of a class have which content."""


def split_by_content(
    recordings: Sequence[Labelled],
    classes: Sequence[str],
    test_fraction: float = 0.2,
    guard_reports: int = 32,
) -> Split:
    """Divide recordings by class, ordered by content hash: equal content is never on both sides.

    About ``test_fraction`` (0 to 1) of each class's recordings test, at least one on each side. A class of
    a single recording is divided in time, ``guard_reports`` packets between its training block and its test
    block, and the note says so. Where classes are combinations of labels, each label is on both sides, and
    a combination that has one content trains, unless a label needs it to test.

    Raises CaptureError where a class, or a label, cannot be on both sides.
    """
    check_fraction(test_fraction)
    hashed = [(number, content_hash(recording), recording) for recording, number in recordings]
    contents: dict[int, Counter[str]] = {number: Counter() for number in range(len(classes))}
    for number, content, _ in hashed:
        contents[number][content] += 1
    if have_several_labels(classes):
        single, tests = set[int](), _combinations_to_test(contents, classes, test_fraction)
    else:
        single = {number for number, counts in contents.items() if counts.total() == 1}
        tests = _contents_to_test(contents, single, classes, test_fraction)
    train: list[Labelled] = []
    test: list[Labelled] = []
    for number, content, recording in sorted(hashed, key=itemgetter(0, 1)):
        if number in single:
            before, after = time_blocks(recording, classes[number], test_fraction, guard_reports)
            train.append((before, number))
            test.append((after, number))
        else:
            (test if content in tests else train).append((recording, number))
    return Split(train, test, _note([classes[number] for number in sorted(single)], guard_reports))


def _contents_to_test(
    contents: Contents, single: Set[int], classes: Sequence[str], test_fraction: float
) -> set[str]:
    """Choose the contents that test. What one class chose holds for every other that shares the content."""
    tests: set[str] = set()
    decided: set[str] = set()
    # A class with few contents has the least freedom, so it chooses first.
    for number in sorted(contents, key=lambda n: (len(contents[n]), n)):
        if number in single:
            _refuse_shared(contents, number, classes)
            continue
        counts = contents[number]
        tests |= _choose(counts, tests, decided, test_fraction)
        decided |= set(counts)
        if set(counts) <= tests or not set(counts) & tests:
            raise CaptureError(
                f"class {classes[number]}: its {counts.total()} recordings cannot be on both sides, having "
                f"{len(counts)} different contents, some under other labels too: record more of it, or "
                "divide it by time or groups with `zerotap split`"
            )
    return tests


def _combinations_to_test(contents: Contents, classes: Sequence[str], test_fraction: float) -> set[str]:
    """Choose the contents that test so that each label is on both sides, rare combinations last."""
    tests: set[str] = set()
    decided: set[str] = set()
    for number in sorted(contents, key=lambda n: (len(contents[n]), n)):
        counts = contents[number]
        if len(counts) > 1:
            tests |= _choose(counts, tests, decided, test_fraction)
            decided |= set(counts)
    for need in needs_of(classes):
        own = sorted({content for number in need.numbers for content in contents[number]})
        if not tests.intersection(own):
            tests |= set(next(([one] for one in own if _leaves_all(contents, tests | {one}, classes)), []))
    check_both_sides(
        {number for number, counts in contents.items() if set(counts) - tests},
        {number for number, counts in contents.items() if set(counts) & tests},
        classes,
        "record more of it",
    )
    return tests


def _leaves_all(contents: Contents, tests: Set[str], classes: Sequence[str]) -> bool:
    """Whether something of each label is left to train on."""
    return all(
        any(content not in tests for number in need.numbers for content in contents[number])
        for need in needs_of(classes)
    )


def _choose(counts: Counter[str], tests: Set[str], decided: Set[str], test_fraction: float) -> set[str]:
    """Return the undecided contents of one class that make up its share of the test, lowest hash first."""
    free = sorted(set(counts) - decided)
    if not set(counts) & decided - tests:
        free = free[:-1]  # nothing trains yet, so one content has to
    testing = sum(counts[content] for content in counts if content in tests)
    wanted = max(1, round(test_fraction * counts.total()))
    chosen: set[str] = set()
    for content in free:
        if testing >= wanted:
            break
        chosen.add(content)
        testing += counts[content]
    return chosen


def _refuse_shared(contents: Contents, number: int, classes: Sequence[str]) -> None:
    (content,) = contents[number]
    others = [classes[other] for other, counts in contents.items() if other != number and content in counts]
    if others:
        raise CaptureError(
            f"class {classes[number]}: its only recording equals one of {', '.join(others)}, so it would be "
            "on both sides: record more of it or remove the copy"
        )


def _note(single: Sequence[str], guard_reports: int) -> str:
    note = "by recording, stratified by class, equal content on one side only"
    return note + blocks_note(single, guard_reports)

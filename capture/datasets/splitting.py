"""Splitting: which recordings train and which test, without leakage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from operator import itemgetter

from zerotap.capture.packet import Recording
from zerotap.errors import CaptureError

from .content_hash import content_hash

Labelled = tuple[Recording, int]


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Recordings with their class index to train and to test on; ``note`` says how they were divided."""

    train: list[Labelled]
    test: list[Labelled]
    note: str

    def __repr__(self) -> str:
        return f"Split({len(self.train)} to train on, {len(self.test)} to test on: {self.note})"


def split_by_content(
    recordings: Sequence[Labelled],
    classes: Sequence[str],
    test_fraction: float = 0.2,
    guard_reports: int = 32,
) -> Split:
    """Divide recordings by class, ordered by content hash: equal content is never on both sides.

    About ``test_fraction`` (0 to 1) of each class's recordings test, at least one on each side. A class of
    a single recording is divided in time, ``guard_reports`` packets between its training block and its test
    block, and the note says so.

    Raises CaptureError where a class cannot be on both sides.
    """
    if not 0 < test_fraction < 1:
        raise CaptureError(
            f"a test fraction of {test_fraction} leaves one side empty: give one between 0 and 1"
        )
    hashed = [(number, content_hash(recording), recording) for recording, number in recordings]
    contents: dict[int, Counter[str]] = {number: Counter() for number in range(len(classes))}
    for number, content, _ in hashed:
        contents[number][content] += 1
    single = {number for number, counts in contents.items() if counts.total() == 1}
    tests = _contents_to_test(contents, single, classes, test_fraction)
    train: list[Labelled] = []
    test: list[Labelled] = []
    for number, content, recording in sorted(hashed, key=itemgetter(0, 1)):
        if number in single:
            before, after = _time_blocks(recording, classes[number], test_fraction, guard_reports)
            train.append((before, number))
            test.append((after, number))
        else:
            (test if content in tests else train).append((recording, number))
    return Split(train, test, _note([classes[number] for number in sorted(single)], guard_reports))


def _contents_to_test(
    contents: Mapping[int, Counter[str]], single: Set[int], classes: Sequence[str], test_fraction: float
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
                f"{len(counts)} different contents, some under other labels too: record more of it"
            )
    return tests


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


def _refuse_shared(contents: Mapping[int, Counter[str]], number: int, classes: Sequence[str]) -> None:
    (content,) = contents[number]
    others = [classes[other] for other, counts in contents.items() if other != number and content in counts]
    if others:
        raise CaptureError(
            f"class {classes[number]}: its only recording equals one of {', '.join(others)}, so it would be "
            "on both sides: record more of it or remove the copy"
        )


def _time_blocks(
    recording: Recording, label: str, test_fraction: float, guard_reports: int
) -> tuple[Recording, Recording]:
    """Cut one recording in time: a block to train, a gap of ``guard_reports`` packets, a block to test."""
    stop = len(recording) - max(1, round(test_fraction * len(recording)))
    if stop - guard_reports < 1:
        raise CaptureError(
            f"class {label}: its only recording has {len(recording)} packets, too few to divide in time with "
            f"a gap of {guard_reports}: record more of it"
        )
    return recording.slice(0, stop - guard_reports), recording.slice(stop, len(recording))


def _note(single: Sequence[str], guard_reports: int) -> str:
    note = "by recording, stratified by class, equal content on one side only"
    if single:
        names = ", ".join(single)
        note += f"; {names}: a single recording, divided in time with a gap of {guard_reports} packets"
    return note

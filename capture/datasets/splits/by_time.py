"""By time: the last of each class, or of each group, test; nothing is learnt from what came later."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zerotap.capture.class_names import have_several_labels
from zerotap.capture.file_names import natural_order

from .split import Candidate, Split, check_both_sides, check_fraction, split_of
from .time_blocks import blocks_note, time_blocks

REAL_SINCE_NS: Final = 946_684_800 * 10**9
"""2000. A time before it counts from some start of its own, and says nothing of the order of recordings."""

Strata = dict[tuple[int, str], list[Candidate]]


def split_by_time(
    candidates: Sequence[Candidate], classes: Sequence[str], test_fraction: float, guard_reports: int
) -> Split:
    """Of each class, or of each group's recordings of a class, the last ``test_fraction`` (0 to 1) test.

    At least one tests where there are two. They are in the order of the times at which they begin, or of
    their names where not all of these are times of day. A class of a single recording is divided in time,
    with ``guard_reports`` packets between; of combinations of labels, one of a single recording trains whole.
    Raises CaptureError where a class, or a label, cannot be on both sides.
    """
    check_fraction(test_fraction)
    is_timed = all(len(one.recording) and _begins(one) >= REAL_SINCE_NS for one in candidates)
    ordered = sorted(candidates, key=lambda one: (_begins(one) if is_timed else 0, _name(one)))
    strata: Strata = {}
    for one in ordered:
        strata.setdefault((one.number, one.group), []).append(one)
    single = _cut_in_time(strata, classes)
    tests, trains = [], []
    for (number, _), members in strata.items():
        if number in single:
            before, after = _blocks(members[0], classes[number], test_fraction, guard_reports)
            trains.append(before)
            tests.append(after)
            continue
        stop = len(members) - (max(1, round(test_fraction * len(members))) if len(members) > 1 else 0)
        trains += members[:stop]
        tests += members[stop:]
    check_both_sides(
        {one.number for one in trains}, {one.number for one in tests}, classes, "record more of it"
    )
    what = "class and group" if any(one.group for one in candidates) else "class"
    order = "" if is_timed else ", in the order of names"
    note = f"by time: the last {test_fraction:.0%} of each {what}{order}"
    return split_of(tests, trains, note + blocks_note([classes[n] for n in sorted(single)], guard_reports))


def _begins(candidate: Candidate) -> int:
    return int(candidate.recording.timestamps_ns[0])


def _name(candidate: Candidate) -> list[tuple[int, str]]:
    return natural_order(candidate.recording.name)


def _cut_in_time(strata: Strata, classes: Sequence[str]) -> set[int]:
    """The classes of one recording; none of combinations, as their labels may be of others too."""
    if have_several_labels(classes):
        return set()
    counts = dict.fromkeys(range(len(classes)), 0)
    for (number, _), members in strata.items():
        counts[number] += len(members)
    return {number for number, count in counts.items() if count == 1}


def _blocks(
    candidate: Candidate, label: str, test_fraction: float, guard_reports: int
) -> tuple[Candidate, Candidate]:
    before, after = time_blocks(candidate.recording, label, test_fraction, guard_reports)
    same = (candidate.number, candidate.file, candidate.side, candidate.group)
    return Candidate(before, *same), Candidate(after, *same)

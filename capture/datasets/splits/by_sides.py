"""By the sides that were given: a column, a folder or a person said where each recording belongs."""

from __future__ import annotations

from collections.abc import Sequence

from .split import TEST, Candidate, Split, check_both_sides, split_of


def split_by_sides(
    candidates: Sequence[Candidate], classes: Sequence[str], _test_fraction: float, _guard_reports: int
) -> Split:
    """Put each recording on its side; those without one train.

    Raises CaptureError where a class, or a label, is not on both sides.
    """
    tests = [one for one in candidates if one.side == TEST]
    trains = [one for one in candidates if one.side != TEST]
    check_both_sides(
        {one.number for one in trains},
        {one.number for one in tests},
        classes,
        "give it one with `zerotap split DATASET --set side.csv`, or divide by hash",
    )
    unsaid = sum(not one.side for one in trains)
    note = "by the sides that were given"
    return split_of(tests, trains, note + (f", {unsaid} recordings without one train" if unsaid else ""))

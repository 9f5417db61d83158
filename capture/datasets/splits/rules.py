"""Every rule by its name, and dividing by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from .by_content import split_by_content
from .by_groups import split_by_groups, with_groups
from .by_sides import split_by_sides
from .by_time import split_by_time
from .leakage import guarded
from .rule import COLUMN, GROUPS, HASH, TIME, SplitRule
from .split import Candidate, Split

Divide = Callable[[Sequence[Candidate], Sequence[str], float, int], Split]


def _by_content(
    candidates: Sequence[Candidate], classes: Sequence[str], test_fraction: float, guard_reports: int
) -> Split:
    return split_by_content([one.labelled for one in candidates], classes, test_fraction, guard_reports)


RULES: Final[Mapping[str, Divide]] = {
    HASH: _by_content,
    COLUMN: split_by_sides,
    GROUPS: split_by_groups,
    TIME: split_by_time,
}


def divide(
    candidates: Sequence[Candidate],
    classes: Sequence[str],
    rule: SplitRule,
    guard_reports: int,
    place: object,
) -> Split:
    """Divide by ``rule``; equal content on both sides is warned of, which ``place``, the dataset, begins.

    Raises CaptureError where a class, or a label, cannot be on both sides.
    """
    split = with_groups(RULES[rule.by](candidates, classes, rule.test_fraction, guard_reports), candidates)
    return split if rule.by == HASH else guarded(split, place)

"""By groups: what one person, or one session, recorded is never on both sides."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from zerotap.errors import CaptureError

from .content_hash import content_hash
from .split import Candidate, Need, Split, check_fraction, needs_of, split_of


@dataclass(slots=True, eq=False)
class _Unit:
    """Groups that stay together, as they share content: how many recordings of each class, and which."""

    groups: set[str]
    classes: Counter[int] = field(default_factory=Counter)

    @property
    def order(self) -> str:
        """The same for the same groups, whatever the others are."""
        return hashlib.sha256("\0".join(sorted(self.groups)).encode()).hexdigest()

    def count(self, need: Need) -> int:
        """How many of its recordings are of a class or label."""
        return sum(self.classes[number] for number in need.numbers)


def split_by_groups(
    candidates: Sequence[Candidate], classes: Sequence[str], test_fraction: float, _guard_reports: int
) -> Split:
    """Choose groups for the test, about ``test_fraction`` (0 to 1) of each class; ordered by hash.

    A recording without a group is one by itself. Groups that share content stay together, unless no class
    could then be on both sides. Raises CaptureError where a class, or a label, cannot be on both sides.
    """
    check_fraction(test_fraction)
    try:
        tests = _chosen(_joined(candidates), classes, test_fraction)
    except CaptureError:
        tests = _chosen(_apart(candidates), classes, test_fraction)
    testing = [one for one in candidates if group_of(one) in tests]
    training = [one for one in candidates if group_of(one) not in tests]
    kept = len({group_of(one) for one in training})
    note = f"by groups: {kept} to train and {len(tests)} to test, none on both sides"
    return replace(split_of(testing, training, note), train_groups=tuple(map(group_of, training)))


def with_groups(split: Split, candidates: Sequence[Candidate]) -> Split:
    """``split``, by whatever rule, with the groups of those that train, if any were given."""
    if split.train_groups or not any(one.group for one in candidates):
        return split
    groups = {one.recording.name: group_of(one) for one in candidates}
    return replace(split, train_groups=tuple(groups[recording.name] for recording, _ in split.train))


def group_of(candidate: Candidate) -> str:
    """The group that was given, or else the recording itself, whose parts belong together."""
    return candidate.group or f"\0{candidate.file}"  # no group that is given begins so


def _apart(candidates: Iterable[Candidate]) -> list[_Unit]:
    """Each group by itself."""
    units: dict[str, _Unit] = {}
    for one in candidates:
        unit = units.setdefault(group_of(one), _Unit({group_of(one)}))
        unit.classes[one.number] += 1
    return list(units.values())


def _joined(candidates: Sequence[Candidate]) -> list[_Unit]:
    """Groups with those that they share content with."""
    units = {group: unit for unit in _apart(candidates) for group in unit.groups}
    first: dict[str, str] = {}
    for one in candidates:
        other = units[first.setdefault(content_hash(one.recording), group_of(one))]
        unit = units[group_of(one)]
        if unit is not other:
            unit, other = sorted((unit, other), key=lambda one: len(one.groups))
            other.groups |= unit.groups
            other.classes += unit.classes
            units |= dict.fromkeys(unit.groups, other)
    return list({id(unit): unit for unit in units.values()}.values())


def _chosen(units: Sequence[_Unit], classes: Sequence[str], test_fraction: float) -> set[str]:
    """The groups that test."""
    ordered = sorted(units, key=lambda unit: unit.order)
    training = {need: sum(unit.count(need) for unit in ordered) for need in needs_of(classes)}
    tests: set[_Unit] = set()
    # What few groups have has the least freedom, so it chooses first.
    for need in sorted(training, key=lambda need: sum(unit.count(need) > 0 for unit in units)):
        _choose(need, ordered, tests, training, test_fraction)
    return {group for unit in tests for group in unit.groups}


def _choose(
    need: Need, ordered: Sequence[_Unit], tests: set[_Unit], training: dict[Need, int], test_fraction: float
) -> None:
    """Move units to ``tests`` until about a fraction of a class tests; ``training`` counts what is left."""
    testing = sum(unit.count(need) for unit in tests)
    wanted = test_fraction * (testing + training[need])
    for unit in ordered:
        count = unit.count(need)
        is_nearer = not testing or abs(testing + count - wanted) < abs(testing - wanted)
        if count and is_nearer and unit not in tests and _leaves_all(unit, training):
            tests.add(unit)
            testing += count
            training.update({each: left - unit.count(each) for each, left in training.items()})
    if not testing:
        groups = [group for unit in ordered if unit.count(need) for group in unit.groups]
        raise CaptureError(
            f"{need.name}: cannot be on both sides, as its recordings are of {len(groups)} "
            f"group{'s' * (len(groups) != 1)}{_named(groups)}: record it of others too, or "
            "divide by hash (`zerotap split DATASET --by hash`)"
        )


def _leaves_all(unit: _Unit, training: Mapping[Need, int]) -> bool:
    """Whether something of each class is left to train on without the unit."""
    return all(unit.count(need) < left for need, left in training.items())


def _named(groups: Iterable[str]) -> str:
    names = sorted(group for group in groups if not group.startswith("\0"))[:3]
    return f" ({', '.join(names)})" if names else ""

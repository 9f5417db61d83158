"""Choosing: what somebody says of a dataset's split, and what its rule and places are then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from zerotap.errors import CaptureError

from .places import UNPLACED, Place, group_named, recording_name, side_named
from .rule import COLUMN, DIVIDED_BY, GROUPS, HASH, SplitRule
from .split import check_fraction

Places = Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class SplitChoice:
    """None leaves what is there; ``sides`` and ``groups``, by the recordings' names, replace all of theirs.

    ``by`` is a name of DIVIDED_BY: without it sides are followed where they are given, else groups are.
    """

    sides: Mapping[str, str] | None = None
    groups: Mapping[str, str] | None = None
    by: str | None = None
    test_fraction: float | None = None

    @classmethod
    def of(cls, said: Places | None, by: str | None, test_fraction: float | None) -> SplitChoice:
        """Return what a file of places says; sides or groups that it says nothing of stay."""
        places = said or {}
        sides = {name: place.side for name, place in places.items() if place.side}
        groups = {name: place.group for name, place in places.items() if place.group}
        return cls(sides or None, groups or None, by, test_fraction)

    def rule(self, known: SplitRule) -> SplitRule:
        """Return what the rule ``known`` becomes; raises CaptureError for a rule or fraction that is none."""
        implied = COLUMN if self.sides else GROUPS if self.groups else known.by
        by = self.by or implied
        if by not in DIVIDED_BY:
            raise CaptureError(f"a dataset is not divided by {by}: choose one of {', '.join(DIVIDED_BY)}")
        if self.test_fraction is None:
            return SplitRule(by, known.test_fraction)
        check_fraction(self.test_fraction)
        if by == COLUMN:
            raise CaptureError(
                "the dataset is divided by the sides that were given, so a test fraction says nothing: "
                "leave it out, or divide by hash, groups or time"
            )
        return SplitRule(by, self.test_fraction)

    def places(self, known: Places, recordings: Collection[str], folder: object) -> dict[str, Place]:
        """Return what the places ``known`` become; ``recordings``: the names that the dataset ``folder`` has.

        Raises CaptureError for a name that it has not, a side or group that is none, and where it is to be
        divided by sides and has none.
        """
        sides = _checked(self.sides, side_named)
        groups = _checked(self.groups, group_named)
        for name in (*(sides or ()), *(groups or ())):
            if name not in recordings:
                raise CaptureError(f"{folder}: has no recording {name}: `zerotap label {folder}` lists them")
        found = {name: known.get(name, UNPLACED) for name in recordings}
        if sides is not None:
            found = {name: Place(sides.get(name, ""), place.group) for name, place in found.items()}
        if groups is not None:
            found = {name: Place(place.side, groups.get(name, "")) for name, place in found.items()}
        if self.by == COLUMN and not any(place.side for place in found.values()):
            raise CaptureError(
                f"{folder}: no side was given to any recording: `zerotap split {folder} --set side.csv` does"
            )
        return found


def _checked(given: Mapping[str, str] | None, checked: Callable[[str], str]) -> dict[str, str] | None:
    return None if given is None else {recording_name(name): checked(said) for name, said in given.items()}


def rule_with(known: SplitRule, added: Places) -> SplitRule:
    """Return what a rule becomes as recordings with ``added`` places come: sides and groups are followed.

    Groups are so only where nothing else was chosen.
    """
    if any(place.side for place in added.values()):
        return SplitRule(COLUMN, known.test_fraction)
    if known.by == HASH and any(place.group for place in added.values()):
        return SplitRule(GROUPS, known.test_fraction)
    return known

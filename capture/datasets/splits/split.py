"""What a split is, what it is made of, and what each of them has to give: every class on both sides."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zerotap.capture.class_names import NO_LABEL, have_several_labels, labels_of_class
from zerotap.capture.packet import Recording
from zerotap.errors import CaptureError

Labelled = tuple[Recording, int]
TRAIN: Final = "train"
TEST: Final = "test"
GUARD_PACKETS: Final = 96
"""Left out between the two blocks of one recording: the longest window of any model."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Recordings with their class index to train and to test on; ``note`` says how they were divided.

    ``train_groups``: where groups were given, that of each to train on, for folds that keep groups whole.
    """

    train: list[Labelled]
    test: list[Labelled]
    note: str
    train_groups: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Split({len(self.train)} to train on, {len(self.test)} to test on: {self.note})"


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A recording, or a labelled part of one, that is to be put on a side.

    ``number`` of its class; ``file``: the name of the whole recording; ``side`` and ``group`` as they were
    given, "" where none was.
    """

    recording: Recording
    number: int
    file: str
    side: str = ""
    group: str = ""

    @property
    def labelled(self) -> Labelled:
        """What a split has of it."""
        return self.recording, self.number


@dataclass(frozen=True, slots=True)
class Need:
    """What has to be on both sides: a class, or a label of several classes, by their numbers."""

    name: str
    numbers: frozenset[int]


def needs_of(classes: Sequence[str]) -> list[Need]:
    """Return each class; of classes of several labels each label, and "none", whatever it is joined with."""
    if not have_several_labels(classes):
        return [Need(f"class {name}", frozenset({number})) for number, name in enumerate(classes)]
    by_label: dict[str, set[int]] = {}
    for number, name in enumerate(classes):
        for label in labels_of_class(name) or (NO_LABEL,):
            by_label.setdefault(label, set()).add(number)
    return [Need(f"label {label}", frozenset(numbers)) for label, numbers in sorted(by_label.items())]


def split_of(tests: Iterable[Candidate], trains: Iterable[Candidate], note: str) -> Split:
    """Return the split of candidates, each side in the order given."""
    return Split([one.labelled for one in trains], [one.labelled for one in tests], note)


def check_both_sides(
    train: Collection[int], test: Collection[int], classes: Sequence[str], way_out: str
) -> None:
    """Raise CaptureError where something that has to be on both sides is not; the numbers are of classes."""
    for need in needs_of(classes):
        for side, numbers in ((TRAIN, train), (TEST, test)):
            if need.numbers.isdisjoint(numbers):
                raise CaptureError(f"{need.name}: none of its recordings is to {side}: {way_out}")


def check_fraction(test_fraction: float) -> None:
    """Raise CaptureError unless it leaves something on both sides."""
    if not 0 < test_fraction < 1:
        raise CaptureError(
            f"a test fraction of {test_fraction} leaves one side empty: give one between 0 and 1"
        )

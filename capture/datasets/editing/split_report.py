"""How a dataset is divided, as a report; and choosing it, where every class is on both sides then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from zerotap.capture.datasets.dataset import Dataset, open_dataset
from zerotap.capture.datasets.splits.choosing import SplitChoice
from zerotap.capture.datasets.splits.leakage import equal_pairs
from zerotap.capture.datasets.splits.places import UNPLACED, Place
from zerotap.capture.datasets.splits.rule import SplitRule
from zerotap.capture.datasets.splits.split import GUARD_PACKETS, TEST, TRAIN, Split
from zerotap.capture.file_names import beginning_of, natural_order
from zerotap.errors import CaptureError


@dataclass(frozen=True, slots=True)
class SplitReport:
    """The ``split`` of a dataset by its ``rule``; ``places``: the side and group that were given."""

    path: Path
    classes: Sequence[str]
    rule: SplitRule
    places: Mapping[str, Place]
    files: Mapping[str, str]
    split: Split

    @property
    def note(self) -> str:
        """A sentence about it."""
        return self.split.note

    def to_json(self) -> dict[str, Any]:
        """Return what `zerotap split --json` prints.

        ``classes`` and ``groups`` count recordings, or labelled parts of them; a recording that is divided in
        time is on both sides.
        """
        rows = self._rows()
        return {
            "type": "split",
            "path": str(self.path),
            "by": self.rule.by,
            "test_fraction": self.rule.test_fraction,
            "note": self.note,
            "classes": _counts("label", self.classes, rows),
            "groups": _counts("group", _groups(rows), rows),
            "equal": [{"test": test, "train": train} for test, train in equal_pairs(self.split)],
            "recordings": rows,
        }

    def _rows(self) -> list[dict[str, str]]:
        rows = [
            {"recording": recording.name, "label": self.classes[number], "side": side, "group": group}
            for side, labelled in ((TRAIN, self.split.train), (TEST, self.split.test))
            for recording, number in labelled
            for group in (self.places.get(self.files[recording.name], UNPLACED).group,)
        ]
        return sorted(rows, key=lambda row: (natural_order(row["recording"]), row["side"] == TEST))


def _groups(rows: Sequence[dict[str, str]]) -> list[str]:
    return sorted({row["group"] for row in rows if row["group"]}, key=natural_order)


def _counts(key: str, names: Iterable[str], rows: Sequence[dict[str, str]]) -> list[dict[str, Any]]:
    counts = Counter((row[key], row["side"]) for row in rows)
    return [{key: name, **{side: counts[name, side] for side in (TRAIN, TEST)}} for name in names]


def groups_by_name(dataset: Dataset) -> dict[str, str]:
    """Return what the name of each recording begins with, without numbers at its end: anna of anna_3-2."""
    found = {}
    for path in dataset.files():
        name = path.stem
        while (shorter := beginning_of(name)) not in ("", name):
            name = shorter
        found[path.stem] = name
    return found


def groups_by_device(dataset: Dataset) -> dict[str, str]:
    """Return which device each recording is of: VID:PID, and its serial number where it has one.

    Raises CaptureError for a recording that does not say.
    """
    found: dict[str, str] = {}
    for entry in dataset.checked_entries():
        if entry.path.stem in found:
            continue
        device = dataset.load(entry).device
        if not device.is_known:
            raise CaptureError(
                f"{entry.path}: does not say which device it is of: give groups with "
                f"`zerotap split {dataset.path} --set groups.csv`"
            )
        kind = f"{device.vendor_id:04x}:{device.product_id:04x}"
        found[entry.path.stem] = ":".join(filter(None, (kind, device.serial)))
    return found


GROUPS_FROM: Final[Mapping[str, Callable[[Dataset], dict[str, str]]]] = {
    "name": groups_by_name,
    "device": groups_by_device,
}
"""What can say of which group a recording is."""


def choose_split(
    dataset: Dataset | str | Path, choice: SplitChoice | None = None, *, group_from: str | None = None
) -> SplitReport:
    """Divide a dataset as ``choice`` says and keep that; as it was chosen before without one.

    ``group_from``: the group of each recording is what its "name" begins with, anna of anna-3, or its
    "device". Raises CaptureError where the choice is none, a recording does not say it, or a class would not
    be on both sides: nothing is then kept.
    """
    opened = open_dataset(dataset)
    choice = choice or SplitChoice()
    if group_from is not None:
        choice = replace(choice, groups=_groups_from(group_from, opened))
    recordings = [path.stem for path in opened.files()]
    rule, known = choice.rule(opened.manifest.split), opened.places()
    places = choice.places(known, recordings, opened.path)
    entries = opened.checked_entries()
    split = opened.divided(rule, places, GUARD_PACKETS, entries)
    if choice != SplitChoice():
        opened.set_split(choice.sides, groups=choice.groups, by=choice.by, test_fraction=choice.test_fraction)
    files = {entry.name: entry.path.stem for entry in entries}
    return SplitReport(opened.path, opened.classes, rule, places, files, split)


def _groups_from(what: str, dataset: Dataset) -> dict[str, str]:
    if what not in GROUPS_FROM:
        raise CaptureError(f"groups are not named by {what}: choose one of {', '.join(GROUPS_FROM)}")
    return GROUPS_FROM[what](dataset)

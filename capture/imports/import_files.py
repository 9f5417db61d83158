"""Importing many files at once: captures and files of numbers, each with its class, and what they came to."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture.datasets.dataset import Dataset, check_dataset_folder, dataset_around
from zerotap.capture.datasets.editing.taking_back import all_or_none
from zerotap.capture.datasets.importing import import_streams, is_synthetic
from zerotap.capture.datasets.splits.places import UNPLACED, Place, group_named
from zerotap.capture.datasets.splits.side_names import sides_of
from zerotap.capture.files.number_files import GivenFile, given_file
from zerotap.capture.labels import RECORDINGS, checked_label
from zerotap.capture.number_formats.table import Reading
from zerotap.capture.sensors.sensor_stream import frame_recording
from zerotap.contents import is_stream
from zerotap.errors import CaptureError, OutputError, UnknownTimeError
from zerotap.reporting import Progress, no_progress

from .import_summary import Imported, Stored
from .label_rules import LabelRule, label_rule
from .many_files import files_of
from .place_rules import PlaceRule, group_rule, side_rule

if TYPE_CHECKING:
    from zerotap.capture.packet import Recording
    from zerotap.capture.sensors.sensor_stream import SensorStream

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Import:
    """What is stored so far; ``channels`` are those of the dataset, ``known`` the places of other ones."""

    folder: Path
    rule: LabelRule
    side: PlaceRule
    group: PlaceRule
    reading: Reading
    device: str | None
    is_one: bool
    channels: tuple[str, ...] = ()
    done: Imported = field(default_factory=Imported)
    known: dict[Path, dict[str, Place]] = field(default_factory=dict)

    def take(self, path: Path) -> None:
        """Import a file; of several one that cannot be read is left out."""
        try:
            given = given_file(path)
            self._numbers(given) if given.holds_numbers else self._capture(given)
        except UnknownTimeError:
            raise
        except CaptureError as fault:
            if self.is_one:
                raise
            self.done.leave_out(path, str(fault).removeprefix(f"{path}: "))
            _log.warning("left out: %s", fault)

    def _capture(self, given: GivenFile) -> None:
        path = given.path
        label = self.rule.label_of(path)
        if label is None:
            raise CaptureError(f"{path}: has no columns, so no label: give --label, or --label-from name")
        place = self._place(path)
        for stored in import_streams(given, label, self.folder, self.device):
            self.done.stored.append(Stored(path, stored, label, place=place))

    def _numbers(self, file: GivenFile) -> None:
        path = file.path
        label = self.rule.label_of(path)
        taken = file.numbers(self.reading)
        if not taken.recordings:
            raise CaptureError(f"{path}: holds no samples: export it again")
        places = [
            Place(self.side.said_of(path, side), group_named(self.group.said_of(path, group)))
            for side, group in zip(taken.sides, taken.groups, strict=True)
        ]
        runs = [
            (
                label if label is not None else checked_label(own or ""),
                recording,
                self._samples(recording, path),
            )
            for own, recording in taken.recordings
        ]
        synthetic = is_synthetic(path, [recording for _, recording, _ in runs])
        dataset = Dataset.open_or_create(self.folder, synthetic=synthetic)
        stem = "piped" if is_stream(path) else path.stem
        for (given, recording, samples), place in zip(runs, places, strict=True):
            stored = dataset.store(recording, stem, given, source="import")
            self.done.stored.append(Stored(path, stored, given, samples, place))
        for identity in dict.fromkeys(recording.device for _, recording, _ in runs):
            if identity.is_known and identity != dataset.manifest.device:
                dataset.note(identity, {})
        for note in taken.left_out:
            self.done.leave_out(path, note)

    def _place(self, path: Path) -> Place:
        """The place of a capture: as was asked for, or that which it has in another dataset."""
        around = None if is_stream(path) else path.resolve().parent
        if self.side.is_asked or self.group.is_asked or around is None or around.name != RECORDINGS:
            return Place(self.side.said_of(path, None), group_named(self.group.said_of(path, None)))
        if around not in self.known:
            dataset = dataset_around(path)
            self.known[around] = dataset.places() if dataset else {}
        return self.known[around].get(path.stem, UNPLACED)

    def _samples(self, recording: Recording, path: Path) -> SensorStream:
        """Read what a recording of numbers will be read as; its channels are to be those of the dataset."""
        samples = frame_recording(recording, "text")
        if not np.isfinite(samples.values).all():
            raise CaptureError(f"{path}: holds a number beyond 1e308: leave its row out")
        self.channels = self.channels or samples.names
        is_shuffled = sorted(samples.names) == sorted(self.channels) and samples.names != self.channels
        if len(samples.names) != len(self.channels) or is_shuffled:
            raise CaptureError(
                f"{path}: has channels {_listed(samples.names)} and the dataset {_listed(self.channels)}: "
                "import it into another, or export the same columns in one order"
            )
        return samples


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)


def import_files(
    paths: Sequence[str | Path],
    dataset_dir: str | Path,
    *,
    label: str | None = None,
    label_from: str | None = None,
    device: str | None = None,
    split_from: str | None = None,
    group_from: str | None = None,
    time_unit: str | None = None,
    rate_hz: float | None = None,
    on_progress: Progress = no_progress,
) -> Imported:
    """Copy files into a dataset, which is made where there is none, and return what that came to.

    ``paths`` are captures and files of numbers (``capture.number_formats.registry`` has the formats),
    patterns, and folders with all below them. The class is ``label``, or comes from "name" (idle_3.csv is
    idle), "folder" or "column:NAME" of numbers. ``device`` chooses a stream of captures. ``time_unit``
    ("s", "ms", "us", "ns") is that of a time whose column does not tell, ``rate_hz`` stands for any time
    in the files. ``split_from`` says which side each file is on: "folder" (below train or test) or
    "column:NAME"; ``group_from`` who or what recorded it: "name" (anna_3.csv is anna's), "file", "folder" or
    "column:NAME". The dataset is then divided so; recordings of another dataset bring what is known there.
    ``on_progress("importing", done, total)`` counts several files.

    Of several files one that cannot be read is left out. Raises CaptureError where none can, or the labels
    are not told; UnknownTimeError where a file has no time or one whose unit cannot be right; OutputError
    where the dataset cannot be written. No recording, and no class that came with one, is left then.
    """
    rule = label_rule(label, label_from)
    files = files_of(paths, dataset_dir)
    check_dataset_folder(dataset_dir)
    side, group = side_rule(split_from), group_rule(group_from, label_from)
    reading = Reading(time_unit, rate_hz, rule.column, side.column, group.column, strict=True)
    work = _Import(Path(dataset_dir), rule, side, group, reading, device, len(files) == 1)
    work.channels = _channels_of(Path(dataset_dir))
    with all_or_none(dataset_dir, lambda: [one.path for one in work.done.stored]):
        for number, path in enumerate(files, 1):
            work.take(path)
            if not work.is_one:
                on_progress("importing", number, len(files))
        if not work.done.stored:
            first = work.done.left_out[0]
            raise CaptureError(f"none of {len(files)} files was imported; {first.file}: {first.why}")
        done = replace(work.done, folder=work.folder, stored=_on_sides(work.done.stored))
        _note(done)
    return done


def _on_sides(stored: Sequence[Stored]) -> list[Stored]:
    """Those stored with the sides that their files' words for them mean."""
    sides = sides_of(one.place.side for one in stored)
    return [replace(one, place=Place(sides[one.place.side], one.place.group)) for one in stored]


def _channels_of(folder: Path) -> tuple[str, ...]:
    try:
        numbers = Dataset.open(folder).numbers()
    except (CaptureError, OutputError):
        return ()
    return numbers.channels if numbers and numbers.framing == "text" else ()


def _note(done: Imported) -> None:
    """Write into the dataset what was measured of the samples, and the sides and groups."""
    measured = {
        one.path.stem: {key: value for key, value in one.samples.to_json().items() if value is not None}
        for one in done.stored
        if one.samples is not None
    }
    dataset = Dataset.open(done.folder)
    if measured:
        dataset.note_sensors(measured)
    dataset.add_places({one.path.stem: one.place for one in done.stored})

"""A dataset: a folder of labelled recordings.

DIR/zerotap.toml                 the manifest: schema, classes, synthetic or real, device, licence, consent
DIR/recordings/NAME.pcapng       one recording
DIR/recordings/NAME.labels.csv   its labels
DIR/splits.csv                   once sides or groups were given: see splits.places
DIR/decoys.secret                once a model of its words was trained: see secret_of
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

from zerotap import __version__
from zerotap.capture.files.pcap_files.pcapng_writer import PcapngWriter
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.labels import RECORDINGS, checked_label, format_labels, labels_path, read_labels
from zerotap.capture.packet import DeviceIdentity, LabelSpan, Recording
from zerotap.capture.sensors.measured import Numbers, numbers_of
from zerotap.errors import CaptureError
from zerotap.interrupts import held
from zerotap.writing import check_no_links, check_writable, locked, new_file, reserve_file

from .entries import Entry, entries_of, part_of
from .folders import check_free, check_room, has_manifest, made_folder
from .loading import read_each, warn_of
from .manifest import MANIFEST, Manifest, mixed, read_manifest
from .secret import PRIVATE_FOLDER, secret_of
from .splits.choosing import SplitChoice, rule_with
from .splits.places import UNPLACED, Place, read_places, write_places
from .splits.rule import SplitRule
from .splits.rules import divide
from .splits.split import Candidate, Split

_log = logging.getLogger(__name__)


class Dataset:
    """A folder of labelled recordings; make one with ``create``, ``open`` or ``open_or_create``."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest

    def __fspath__(self) -> str:
        """The folder, wherever a path is taken."""
        return str(self.path)

    def __repr__(self) -> str:
        kind = "synthetic" if self.synthetic else "real"
        return f"Dataset({str(self.path)!r}, {kind}, classes {', '.join(self.classes) or 'none'})"

    @classmethod
    def create(
        cls,
        path: str | Path,
        synthetic: bool,
        *,
        device: DeviceIdentity | None = None,
        licence: str = "",
        consent: str = "",
    ) -> Dataset:
        """Make an empty dataset; raise OutputError where ``path`` holds something or cannot be made."""
        dataset = cls(
            Path(path),
            Manifest(
                synthetic=synthetic, licence=licence, consent=consent, device=device or DeviceIdentity()
            ),
        )
        with made_folder(dataset.path):
            check_free(dataset.path)
            dataset._begin()
        return dataset

    @classmethod
    def open(cls, path: str | Path) -> Dataset:
        """Open the dataset in the folder ``path``; raise CaptureError where none is or it is damaged."""
        return cls(Path(path), read_manifest(Path(path) / MANIFEST))

    @classmethod
    def open_or_create(cls, path: str | Path, synthetic: bool) -> Dataset:
        """Open a dataset to add to it, or make it. One part synthetic makes the whole count as synthetic.

        A real one that has classes, and so recordings, is warned of.
        """
        if not has_manifest(Path(path)):
            with made_folder(Path(path)):
                # Of several programs that begin a dataset at the same time, the first makes it.
                if not has_manifest(Path(path)):
                    check_free(Path(path))
                    dataset = cls(Path(path), Manifest(synthetic=synthetic))
                    dataset._begin()
                    return dataset
        dataset = cls.open(path)
        if synthetic and not dataset.synthetic:
            dataset.change(lambda manifest: replace(manifest, synthetic=True))
        return dataset

    def note(
        self, device: DeviceIdentity | None, descriptors: dict[str, str], licence: str = "", consent: str = ""
    ) -> None:
        """Write into the manifest what recorded what; no device, licence or consent leaves what is there.

        A device that is not the one that recorded before is warned of.
        """
        self.change(
            lambda manifest: replace(
                manifest,
                device=device or manifest.device,
                descriptors=descriptors if device else manifest.descriptors,
                tool=f"zerotap {__version__}",
                licence=licence or manifest.licence,
                consent=consent or manifest.consent,
            )
        )

    def note_sensor(self, name: str, measured: dict[str, Any]) -> None:
        """Write into the manifest what was measured of the samples in the recording ``name``."""
        self.note_sensors({name: measured})

    def note_sensors(self, measured: dict[str, dict[str, Any]]) -> None:
        """Do what ``note_sensor`` does for several recordings at once."""
        self.change(lambda manifest: replace(manifest, sensors={**manifest.sensors, **measured}))

    def numbers(self) -> Numbers | None:
        """Return the channels and the rate that were measured when its recordings of samples were made.

        None where it has none. Of several rates the median; of several lists of channels the first.
        """
        return numbers_of(self.manifest.sensors, {path.stem for path in self.files()})

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that the dataset is to tell apart, sorted."""
        return self.manifest.classes

    @property
    def synthetic(self) -> bool:
        """Whether any of it was not recorded from a person at a real device."""
        return self.manifest.synthetic

    def secret(self) -> bytes:
        """Return the 32 bytes by which models hide its words, made when first asked for."""
        return secret_of(self.path)

    def entries(self) -> list[Entry]:
        """Return the labelled parts of the recordings, in the order of the files' names and of time.

        A recording whose labels cannot be read is left out, with a warning.
        """
        entries, faults = self.readable_entries()
        warn_of(faults)
        return entries

    def readable_entries(self) -> tuple[list[Entry], list[CaptureError]]:
        """Return ``entries`` and, in place of warnings, why labels cannot be read."""
        labelled, faults = read_each(read_labels, self.files())
        return [entry for path, labels in labelled for entry in entries_of(path, labels)], faults

    def files(self) -> list[Path]:
        """Return the files of the recordings, in the order of their names."""
        return sorted((self.path / RECORDINGS).glob("*.pcapng"), key=lambda path: path.stem)

    def first(self) -> Recording | None:
        """Load the first recording, or labelled part of one, that can be read; None where none can."""
        for path in self.files():
            with suppress(CaptureError):
                return self.load(entries_of(path, read_labels(path))[0])
        return None

    def load_all(self, entries: Sequence[Entry]) -> list[tuple[Entry, Recording]]:
        """Load each of ``entries``; one that ``load`` refuses is left out, with a warning.

        Raises CaptureError where a label is left without a recording.
        """
        loaded, faults = read_each(self.load, entries)
        warn_of(faults)
        missing = {entry.label for entry in entries} - {entry.label for entry, _ in loaded}
        if missing:
            raise CaptureError(f"no recording of {', '.join(sorted(missing))} can be read: {faults[0]}")
        return loaded

    def load(self, entry: Entry) -> Recording:
        """Read one recording, or the part of it that ``entry`` is about.

        Raises CaptureError where that holds no packets, or the file more than one stream.
        """
        recordings = read_recordings(entry.path, inside=True)
        if len(recordings) != 1:
            held = f"{len(recordings)} streams" if recordings else "no packets"
            raise CaptureError(
                f"{entry.path}: holds {held} and not one stream: remove it or import one stream of it"
            )
        labels = read_labels(entry.path) if entry.labels is None else entry.labels
        whole = replace(recordings[0], name=entry.name, labels=labels)
        return whole if entry.span is None else part_of(whole, entry.span, entry.path)

    def add(self, name: str, label: str, source: str = "user") -> Path:
        """Reserve a file for a recording that is wholly ``label``, write its labels, and return its path.

        The file itself is the caller's to write. ``name`` loses what no file name should hold; a name that
        is taken gets a number.
        """
        self.add_classes(label)
        return self._reserve(name, label, source)

    def add_classes(self, *labels: str) -> None:
        """Note labels that the dataset is to tell apart; those that it has stay."""
        added = set(map(checked_label, labels))
        if not added <= set(self.classes):
            self.change(lambda known: replace(known, classes=tuple(sorted({*known.classes, *added}))))

    def store(self, recording: Recording, name: str, label: str, source: str = "user") -> Path:
        """Add a recording that is wholly ``label``, all or nothing, and return its file.

        Raises CaptureError for a blank label, OutputError where the folder does not take it.
        """
        path = None
        try:
            with held():
                path = self._reserve(name, checked_label(label), source, sync=True)
            with new_file(path, private=True) as made:
                with PcapngWriter(made, recording.device, recording.transfer) as writer:
                    writer.write_all(recording)
                self.add_classes(label)
        except BaseException:
            if path is not None:
                labels_path(path).unlink(missing_ok=True)
            raise
        return path

    def _reserve(self, name: str, label: str, source: str, sync: bool = False) -> Path:
        labels = format_labels([LabelSpan(0.0, float("inf"), label, source)])
        return self.reserve(re.sub(r"[^\w-]+", "_", name).strip("_") or "recording", labels, sync)

    def reserve(self, stem: str, labels: str, sync: bool = False) -> Path:
        """Create the labels file of the first free name, and return the path of its recording to be."""
        check_no_links(self.path / RECORDINGS, self.path)
        for number in count(1):
            path = self.path / RECORDINGS / (f"{stem}.pcapng" if number == 1 else f"{stem}-{number}.pcapng")
            if not os.path.lexists(path) and reserve_file(labels_path(path), labels, sync=sync):
                break
        return path

    def split(
        self,
        test_fraction: float | None = None,
        guard_reports: int = 32,
        entries: Sequence[Entry] | None = None,
    ) -> Split:
        """Load everything and divide it into training and test, as was chosen: see ``set_split``.

        Where nothing was, by content: see ``splits.by_content.split_by_content``. ``test_fraction``, 0 to 1,
        in place of the one chosen; ``guard_reports``: packets left out between the blocks of a recording
        that is divided in time; ``entries`` are its ``checked_entries``, where they are known already.
        Raises CaptureError where a class cannot be on both sides.
        """
        rule = SplitChoice(test_fraction=test_fraction).rule(self.manifest.split)
        return self.divided(rule, self.places(), guard_reports, entries)

    def divided(
        self,
        rule: SplitRule,
        places: Mapping[str, Place],
        guard_reports: int = 32,
        entries: Sequence[Entry] | None = None,
    ) -> Split:
        """Do what ``split`` does by another rule, and other sides and groups of recordings by their names."""
        index = {label: number for number, label in enumerate(self.classes)}
        loaded = self.load_all(self.checked_entries() if entries is None else entries)
        candidates = [
            Candidate(recording, index[entry.label], entry.path.stem, *places.get(entry.path.stem, UNPLACED))
            for entry, recording in loaded
        ]
        return divide(candidates, self.classes, rule, guard_reports, self.path)

    def set_split(
        self,
        sides: Mapping[str, str] | None = None,
        *,
        groups: Mapping[str, str] | None = None,
        by: str | None = None,
        test_fraction: float | None = None,
    ) -> None:
        """Choose how it is divided, from now on: by "hash", by "column", by "groups" or by "time".

        ``sides`` ("train" or "test") and ``groups`` by the recordings' names replace all that were given
        before; a recording without a side trains. Without ``by`` it is divided by what is given here. Nothing
        is loaded: whether every class is on both sides is told by ``split``. Raises CaptureError for a name,
        side, rule or fraction that is none, OutputError where the dataset cannot be written.
        """
        choice = SplitChoice(sides, groups, by, test_fraction)

        def chosen(manifest: Manifest) -> Manifest:
            rule = choice.rule(manifest.split)
            recordings = [path.stem for path in self.files()]
            write_places(self.path, choice.places(self.places(), recordings, self.path))
            return replace(manifest, split=rule)

        self.change(chosen)

    def add_places(self, added: Mapping[str, Place]) -> None:
        """Note sides and groups that recordings came with; it is divided by them from now on."""

        def joined(manifest: Manifest) -> Manifest:
            recordings = {path.stem for path in self.files()}
            known = {name: place for name, place in self.places().items() if name in recordings}
            write_places(self.path, {**known, **added})
            return replace(manifest, split=rule_with(manifest.split, added))

        if any(map(any, added.values())):
            self.change(joined)

    def places(self) -> dict[str, Place]:
        """Return the side and the group of each recording that has one, by its name; see ``places``."""
        return read_places(self.path)

    def checked_entries(self) -> list[Entry]:
        """Return ``entries``; raise CaptureError where they are not of two classes or more, all known."""
        if len(self.classes) < 2:
            known = ", ".join(self.classes) or "none"
            raise CaptureError(
                f"{self.path}: needs at least two classes, has {known}: add recordings of another label"
            )
        entries = self.entries()
        for entry in entries:
            if entry.label not in self.classes:
                raise CaptureError(
                    f"{entry.path}: label {entry.label} is not in {MANIFEST}'s classes: add it there"
                )
        missing = sorted(set(self.classes) - {entry.label for entry in entries})
        if missing:
            raise CaptureError(
                f"{self.path}: no recordings of {', '.join(missing)}: "
                f"add some or drop the class from {MANIFEST}"
            )
        return entries

    def _begin(self) -> None:
        """Make what an empty dataset has, the manifest last: what has one is a dataset."""
        (self.path / RECORDINGS).mkdir(PRIVATE_FOLDER, exist_ok=True)
        self._write_manifest()

    def change(self, change: Callable[[Manifest], Manifest]) -> None:
        """Write what ``change`` makes of the manifest as it is by now; what others change meanwhile waits.

        Nothing is written where ``change`` raises. What is then of two kinds is warned of: see ``mixed``.
        """
        with locked(self.path):
            known = read_manifest(self.path / MANIFEST)
            self.manifest = change(known)
            if self.manifest != known:
                self._write_manifest()
        for said in mixed(known, self.manifest):
            _log.warning("%s %s", self.path, said)

    def _write_manifest(self) -> None:
        with new_file(self.path / MANIFEST, private=True, replace=True, below=self.path) as path:
            path.write_text(self.manifest.to_toml(), encoding="utf-8")


def check_dataset_folder(path: str | Path) -> None:
    """Raise what ``Dataset.open_or_create`` would: to be asked before a device is taken.

    Raises OutputError where nothing can be written there.
    """
    folder = Path(path)
    check_room(folder)
    if has_manifest(folder):
        Dataset.open(folder)
        check_no_links(folder / RECORDINGS, folder)
        check_no_links(folder / MANIFEST, folder)
    check_writable(folder / RECORDINGS / "probe", named=folder)


def dataset_around(recording: str | Path) -> Dataset | None:
    """Return the dataset that the file ``recording`` is one of; None where it is in none that can be read."""
    folder = Path(recording).resolve().parent
    if folder.name != RECORDINGS or not has_manifest(folder.parent):
        return None
    try:
        return Dataset.open(folder.parent)
    except CaptureError:
        return None


def open_dataset(dataset: Dataset | str | Path) -> Dataset:
    """Return ``dataset`` itself, or open the one in that folder; raises CaptureError as ``Dataset.open``."""
    return dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)

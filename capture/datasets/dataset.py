"""A dataset: a folder of labelled recordings.

DIR/zerotap.toml                 the manifest: schema, classes, synthetic or real, device, licence, consent
DIR/recordings/NAME.pcapng       one recording
DIR/recordings/NAME.labels.csv   its labels
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import tomli_w

from zerotap import __version__
from zerotap.capture.files.pcapng_writer import PcapngWriter
from zerotap.capture.files.reading import read_recordings
from zerotap.capture.labels import format_labels, labels_path, read_labels, spans_of
from zerotap.capture.packet import DeviceIdentity, LabelSpan, Recording
from zerotap.errors import CaptureError, OutputError
from zerotap.writing import check_new_folder, new_file, reserve_file

from .splitting import Split, split_by_content

MANIFEST = "zerotap.toml"
SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Entry:
    """What one label says of a recording of a dataset: the file, a name (its stem), the label.

    ``span`` is the part of the recording that the label holds for; None is all of it.
    """

    path: Path
    name: str
    label: str
    span: LabelSpan | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dataset says of itself. ``synthetic``: not all of it was recorded from a person.

    ``device``, its ``descriptors`` (in hexadecimal) and ``tool`` (name and version) are those of its latest
    recording. ``sensors``: what was measured of a recording that is samples, by the recording's name.
    """

    classes: tuple[str, ...] = ()
    synthetic: bool = False
    licence: str = ""
    consent: str = ""
    tool: str = ""
    device: DeviceIdentity = field(default_factory=DeviceIdentity)
    descriptors: dict[str, str] = field(default_factory=dict)
    sensors: dict[str, dict[str, Any]] = field(default_factory=dict)


class Dataset:
    """A folder of labelled recordings; make one with ``create``, ``open`` or ``open_or_create``."""

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path, self.manifest = path, manifest

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
        path = Path(path)
        check_new_folder(path)
        manifest = Manifest(
            synthetic=synthetic, licence=licence, consent=consent, device=device or DeviceIdentity()
        )
        try:
            (path / "recordings").mkdir(parents=True)
        except OSError as error:
            raise OutputError(f"{path} cannot be made ({error.strerror}): choose another folder") from error
        dataset = cls(path, manifest)
        dataset._write_manifest()
        return dataset

    @classmethod
    def open(cls, path: str | Path) -> Dataset:
        """Open the dataset in the folder ``path``; raise CaptureError where none is or it is damaged."""
        return cls(Path(path), _read_manifest(Path(path) / MANIFEST))

    @classmethod
    def open_or_create(cls, path: str | Path, synthetic: bool) -> Dataset:
        """Open a dataset to add to it, or make it. One part synthetic makes the whole count as synthetic."""
        if not (Path(path) / MANIFEST).exists():
            return cls.create(path, synthetic)
        dataset = cls.open(path)
        if synthetic and not dataset.synthetic:
            dataset.manifest = replace(dataset.manifest, synthetic=True)
            dataset._write_manifest()
        return dataset

    def note(
        self, device: DeviceIdentity, descriptors: dict[str, str], licence: str = "", consent: str = ""
    ) -> None:
        """Write into the manifest what recorded what; an empty licence or consent leaves what is there."""
        self.manifest = replace(
            self.manifest,
            device=device,
            descriptors=descriptors,
            tool=f"zerotap {__version__}",
            licence=licence or self.manifest.licence,
            consent=consent or self.manifest.consent,
        )
        self._write_manifest()

    def note_sensor(self, name: str, measured: dict[str, Any]) -> None:
        """Write into the manifest what was measured of the samples in the recording ``name``."""
        self.manifest = replace(self.manifest, sensors={**self.manifest.sensors, name: measured})
        self._write_manifest()

    @property
    def classes(self) -> tuple[str, ...]:
        """The labels that the dataset is to tell apart, sorted."""
        return self.manifest.classes

    @property
    def synthetic(self) -> bool:
        """Whether any of it was not recorded from a person at a real device."""
        return self.manifest.synthetic

    def entries(self) -> list[Entry]:
        """Return the labelled parts of the recordings, in the order of the files' names and of time."""
        paths = sorted((self.path / "recordings").glob("*.pcapng"), key=lambda path: path.stem)
        return [entry for path in paths for entry in _entries(path)]

    def load(self, entry: Entry) -> Recording:
        """Read one recording, or the part of it that ``entry`` is about.

        Raises CaptureError where that holds no packets, or the file more than one stream.
        """
        recordings = read_recordings(entry.path)
        if len(recordings) != 1:
            held = f"{len(recordings)} streams" if recordings else "no packets"
            raise CaptureError(
                f"{entry.path}: holds {held} and not one stream: remove it or import one stream of it"
            )
        whole = replace(recordings[0], name=entry.name, labels=read_labels(entry.path))
        return whole if entry.span is None else _part(whole, entry.span, entry.path)

    def add(self, name: str, label: str, source: str = "user") -> Path:
        """Reserve a file for a recording that is wholly ``label``, write its labels, and return its path.

        The file itself is the caller's to write. ``name`` loses what no file name should hold; a name that
        is taken gets a number.
        """
        self.add_classes(label)
        return self._reserve(name, label, source)

    def add_classes(self, *labels: str) -> None:
        """Note labels that the dataset is to tell apart; those that it has stay."""
        classes = {*self.classes, *map(checked_label, labels)}
        if classes != set(self.classes):
            self.manifest = replace(self.manifest, classes=tuple(sorted(classes)))
            self._write_manifest()

    def store(self, recording: Recording, name: str, label: str, source: str = "user") -> Path:
        """Add a recording that is wholly ``label``, all or nothing, and return its file.

        Raises CaptureError for a blank label, OutputError where the folder does not take it.
        """
        path = self._reserve(name, checked_label(label), source)
        try:
            with new_file(path, private=True) as made:
                with PcapngWriter(made, recording.device, recording.transfer) as writer:
                    writer.write_all(recording)
                self.add_classes(label)
        except BaseException:
            labels_path(path).unlink(missing_ok=True)
            raise
        return path

    def _reserve(self, name: str, label: str, source: str) -> Path:
        """Create the labels file of the first free name, and return the path of its recording to be."""
        labels = format_labels([LabelSpan(0.0, float("inf"), label, source)])
        stem = re.sub(r"[^\w-]+", "_", name).strip("_") or "recording"
        for number in count(1):
            path = self.path / "recordings" / (f"{stem}.pcapng" if number == 1 else f"{stem}-{number}.pcapng")
            if not path.exists() and reserve_file(labels_path(path), labels):
                break
        return path

    def split(self, test_fraction: float = 0.2, guard_reports: int = 32) -> Split:
        """Load everything and divide it into training and test; see ``splitting.split_by_content``."""
        index = {label: number for number, label in enumerate(self.classes)}
        loaded = [(self.load(entry), index[entry.label]) for entry in self.checked_entries()]
        return split_by_content(loaded, self.classes, test_fraction, guard_reports)

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

    def _write_manifest(self) -> None:
        content = {"schema": SCHEMA, **asdict(self.manifest)}
        with new_file(self.path / MANIFEST, private=True, replace=True) as path:
            path.write_text(tomli_w.dumps(content), encoding="utf-8")


def check_dataset_folder(path: str | Path) -> None:
    """Raise what ``Dataset.open_or_create`` would: to be asked before a device is taken."""
    if (Path(path) / MANIFEST).exists():
        Dataset.open(path)
    else:
        check_new_folder(path)


def open_dataset(dataset: Dataset | str | Path) -> Dataset:
    """Return ``dataset`` itself, or open the one in that folder; raises CaptureError as ``Dataset.open``."""
    return dataset if isinstance(dataset, Dataset) else Dataset.open(dataset)


def checked_label(label: str) -> str:
    """Return ``label``; raise CaptureError where it is blank."""
    if not label.strip():
        raise CaptureError("a label is blank: name the class that the recording belongs to")
    return label


def _read_manifest(path: Path) -> Manifest:
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        schema = content.get("schema")
        if type(schema) is not int:
            raise ValueError(f"it has no schema = {SCHEMA}")
        if schema != SCHEMA:
            raise CaptureError(f"{path}: schema {schema}, this zerotap reads {SCHEMA}: update zerotap")
        return _manifest(content)
    except FileNotFoundError as error:
        raise CaptureError(
            f"{path.parent} is no dataset (it has no {MANIFEST}): "
            "make one with `zerotap record`, `type` or `import`"
        ) from error
    except (OSError, ValueError, TypeError) as error:
        raise CaptureError(f"{path}: not a manifest ({error}): mend the line or restore the file") from error


def _manifest(content: dict[str, Any]) -> Manifest:
    classes = content.get("classes", [])
    if not isinstance(classes, list) or not all(isinstance(label, str) and label for label in classes):
        raise ValueError("classes must be a list of names")
    device = content.get("device", {})
    if not isinstance(device, dict):
        raise ValueError("device must be a table")
    descriptors, sensors = content.get("descriptors", {}), content.get("sensors", {})
    if not (isinstance(descriptors, dict) and isinstance(sensors, dict)):
        raise ValueError("descriptors and sensors must be tables")
    known = {f.name for f in fields(DeviceIdentity)}
    return Manifest(
        classes=tuple(sorted(set(classes))),
        # A manifest that does not say so makes no claim to be real.
        synthetic=bool(content.get("synthetic", True)),
        licence=str(content.get("licence", "")),
        consent=str(content.get("consent", "")),
        tool=str(content.get("tool", "")),
        device=DeviceIdentity(**{key: value for key, value in device.items() if key in known}),
        descriptors={name: str(descriptor) for name, descriptor in descriptors.items()},
        sensors=sensors,
    )


def _entries(path: Path) -> list[Entry]:
    """Return an entry for each label span of a recording; one for all of it where that is all there is."""
    labels = read_labels(path)
    try:
        spans = spans_of(labels)
    except CaptureError as error:
        raise CaptureError(f"{labels_path(path)}: {error}") from None
    names = sorted({span.label for span in labels})
    if not spans and len(names) != 1:
        given = f"points of several labels ({', '.join(names)})" if names else "no label"
        raise CaptureError(f"{path}: has {given}: give it a span with `zerotap label {path} --add`")
    if len(spans) < 2 and (not spans or (spans[0].start_s, spans[0].end_s) == (0, float("inf"))):
        return [Entry(path, path.stem, spans[0].label if spans else names[0])]
    return [Entry(path, f"{path.stem}-{n}", span.label, span) for n, span in enumerate(spans, 1)]


def _part(recording: Recording, span: LabelSpan, path: Path) -> Recording:
    since_first_s = (recording.timestamps_ns - recording.timestamps_ns[0]) / 1e9
    start, stop = np.searchsorted(since_first_s, (span.start_s, span.end_s)).tolist()
    if start == stop:
        raise CaptureError(
            f"{path}: no packets from {span.start_s:g} to {span.end_s:g} s, labelled {span.label}: "
            f"remove that label with `zerotap label {path} --remove`"
        )
    return recording.slice(start, stop)

"""Removing: recordings leave a dataset for a folder beside it, and come back; nothing is deleted.

DIR.trash/0001/removal.toml      what the dataset lost: classes, what was measured of sensors, sides, groups
DIR.trash/0001/recordings/       the recordings and their labels, by their names

Each removal has a folder; to undo is to put back the latest. Whatever stops a removal half way, each file is
in the dataset or in the trash, and undoing takes what is there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import tomli_w

from zerotap.capture.datasets.dataset import Dataset, open_dataset
from zerotap.capture.datasets.loading import read_each
from zerotap.capture.datasets.manifest import Manifest
from zerotap.capture.datasets.secret import private_folder
from zerotap.capture.datasets.splits.places import Place, group_named, side_named, write_places
from zerotap.capture.labels import RECORDINGS, labels_path, read_labels
from zerotap.contents import Bounds, read_contents, text_fault
from zerotap.errors import CaptureError, OutputError
from zerotap.toml_text import read_toml
from zerotap.writing import check_no_links, locked, move_all, new_file

REMOVAL = "removal.toml"
_BOUNDS = Bounds(CaptureError, 1 << 22, "restore the file", text_fault)
_LABEL_BOUNDS = Bounds(CaptureError, 1 << 24, "mend the file", text_fault)


@dataclass(frozen=True, slots=True)
class Removal:
    """Recordings (their files in the dataset) and classes that left it, or came back; ``trash`` is the folder
    that they lie, or lay, in."""

    recordings: tuple[Path, ...]
    classes: tuple[str, ...]
    trash: Path


@dataclass(frozen=True, slots=True)
class _Lost:
    """What a dataset loses besides files; the last two by the names of the recordings."""

    classes: Sequence[str]
    sensors: Mapping[str, dict[str, Any]]
    places: Mapping[str, Place]

    def to_toml(self) -> dict[str, Any]:
        """The content of the note."""
        lost = {"schema": 1, "classes": list(self.classes), "sensors": dict(self.sensors)}
        places = {name: place._asdict() for name, place in self.places.items()}
        return {**lost, "places": places} if places else lost


def trash_of(dataset: str | Path) -> Path:
    """Return the folder beside a dataset that what was removed is in."""
    whole = Path(dataset).resolve()
    return whole.with_name(f"{whole.name}.trash")


def remove(
    dataset: Dataset | str | Path, recordings: Sequence[str] = (), label: str | None = None
) -> Removal:
    """Move recordings, by their names, or all of a class, into the trash; classes without any go too.

    Raises CaptureError where the dataset has no such recording or class, or one of the class has other
    labels too, and OutputError where the trash cannot be written: all is then where it was.
    """
    opened = open_dataset(dataset)
    removed: list[Removal] = []

    def without(manifest: Manifest) -> Manifest:
        labels = _labels_by_file(opened)
        chosen = _named(opened, recordings) if label is None else _of_class(opened, label, labels, manifest)
        asked = {label} if label is not None else set()
        classes = classes_gone(opened, chosen, asked | {one for path in chosen for one in labels[path]})
        names = {path.stem for path in chosen}
        sensors = {name: value for name, value in manifest.sensors.items() if name in names}
        gone = tuple(sorted(classes & set(manifest.classes)))
        places = opened.places()
        lost = _Lost(gone, sensors, {name: place for name, place in places.items() if name in names})
        removed.append(Removal(tuple(chosen), gone, _put_away(opened, chosen, lost)))
        if lost.places:
            write_places(opened.path, {name: place for name, place in places.items() if name not in names})
        return replace(
            manifest,
            classes=tuple(known for known in manifest.classes if known not in classes),
            sensors={name: value for name, value in manifest.sensors.items() if name not in names},
        )

    opened.change(without)
    return removed[0]


def undo_removal(dataset: Dataset | str | Path) -> Removal:
    """Put back what was removed last; a recording whose name was taken meanwhile gets a number.

    Raises CaptureError where nothing was removed, OutputError where it cannot be moved back.
    """
    opened = open_dataset(dataset)
    returned: list[Removal] = []

    def restored(manifest: Manifest) -> Manifest:
        folder = _latest(opened)
        lost = _read_removal(folder / REMOVAL)
        names = _put_back(opened, folder)
        sensors = {names[name]: value for name, value in lost.sensors.items() if name in names}
        places = {names[name]: place for name, place in lost.places.items() if name in names}
        if places:
            write_places(opened.path, opened.places() | places)
        made = tuple(opened.path / RECORDINGS / f"{name}.pcapng" for name in names.values())
        returned.append(Removal(made, tuple(lost.classes), folder))
        return replace(
            manifest,
            classes=tuple(sorted({*manifest.classes, *lost.classes})),
            sensors={**manifest.sensors, **sensors},
        )

    opened.change(restored)
    _clear(returned[0].trash)
    return returned[0]


def _labels_by_file(dataset: Dataset) -> dict[Path, set[str]]:
    """The labels of each recording; of one whose labels cannot be read, none."""
    files = dataset.files()
    read, _ = read_each(read_labels, files)
    return {path: set() for path in files} | {path: {span.label for span in spans} for path, spans in read}


def _named(dataset: Dataset, names: Sequence[str]) -> list[Path]:
    files = {path.stem: path for path in dataset.files()}
    stems = [Path(name).name.removesuffix(".pcapng") for name in names]
    for name, stem in zip(names, stems, strict=True):
        if stem not in files or not _lies_in(dataset, Path(name)):
            raise CaptureError(
                f"{dataset.path}: has no recording {name}: `zerotap label {dataset.path}` lists them"
            )
    if not stems:
        raise CaptureError(f"{dataset.path}: nothing to remove was named: give recordings, or a label")
    return [files[stem] for stem in dict.fromkeys(stems)]


def _lies_in(dataset: Dataset, name: Path) -> bool:
    """Whether it is a name alone, or the path of a file of this dataset, and not of another."""
    here = (dataset.path / RECORDINGS).resolve()
    return name.parent in (Path(), Path(RECORDINGS)) or name.parent.resolve() == here


def _of_class(dataset: Dataset, label: str, labels: dict[Path, set[str]], manifest: Manifest) -> list[Path]:
    chosen = [path for path, known in labels.items() if label in known]
    if not chosen and label not in manifest.classes:
        known = ", ".join(manifest.classes) or "none"
        raise CaptureError(f"{dataset.path}: has no class {label}: its classes are {known}")
    for path in chosen:
        if others := sorted(labels[path] - {label}):
            raise CaptureError(
                f"{path}: is labelled {', '.join(others)} too: remove the label {label} from it with "
                f"`zerotap label {path} --remove`, or the whole recording by its name"
            )
    return chosen


def classes_gone(dataset: Dataset, chosen: Iterable[Path], labels: set[str]) -> set[str]:
    """Those of ``labels`` that no other labels file has: those of recordings just begun count too."""
    removed = {labels_path(path) for path in chosen}
    names = (dataset.path / RECORDINGS).glob("*.labels.csv")
    others = [path.with_name(path.name.removesuffix(".labels.csv")) for path in names if path not in removed]
    kept, _ = read_each(read_labels, (path.with_name(f"{path.name}.pcapng") for path in others))
    return labels - {span.label for _, spans in kept for span in spans}


def _put_away(dataset: Dataset, chosen: Sequence[Path], lost: _Lost) -> Path:
    """Move files into a new folder of the trash, all or none, and return the folder."""
    check_no_links(dataset.path / RECORDINGS, dataset.path)
    try:
        folder = _new_trash(dataset)
    except OSError as error:
        raise _unmoved(trash_of(dataset.path), error) from error
    try:
        with new_file(folder / REMOVAL, private=True) as made:
            made.write_text(tomli_w.dumps(lost.to_toml()), encoding="utf-8")
        with locked(dataset.path / RECORDINGS):
            files = [file for path in chosen for file in (path, labels_path(path)) if os.path.lexists(file)]
            move_all([(file, folder / RECORDINGS / file.name) for file in files])
    except BaseException as error:
        _clear(folder)
        if isinstance(error, OSError):
            raise _unmoved(folder, error) from error
        raise
    return folder


def _new_trash(dataset: Dataset) -> Path:
    trash = trash_of(dataset.path)
    check_no_links(trash, trash.parent)
    private_folder(trash)
    folder = trash / f"{max(_numbers(trash), default=0) + 1:04d}"
    private_folder(folder)
    private_folder(folder / RECORDINGS)
    return folder


def _numbers(trash: Path) -> list[int]:
    return [int(path.name) for path in trash.iterdir() if path.name.isdecimal()] if trash.is_dir() else []


def _latest(dataset: Dataset) -> Path:
    trash = trash_of(dataset.path)
    check_no_links(trash, trash.parent)
    for number in sorted(_numbers(trash), reverse=True):
        folder = trash / f"{number:04d}"
        if (folder / REMOVAL).is_file():
            return folder
    raise CaptureError(f"{dataset.path}: nothing was removed from it that is still in {trash}")


def _read_removal(path: Path) -> _Lost:
    try:
        lost = read_toml(path, _BOUNDS, inside=True)
        classes, sensors = lost.get("classes", []), lost.get("sensors", {})
        if not (isinstance(classes, list) and all(isinstance(label, str) and label for label in classes)):
            raise ValueError("classes must be a list of names")
        if not isinstance(sensors, dict):
            raise ValueError("sensors must be a table")
        places = _places(lost.get("places", {}))
    except (OSError, ValueError, TypeError) as error:
        raise CaptureError(f"{path}: not what a removal wrote ({error}): mend the line") from error
    return _Lost(classes, sensors, places)


def _places(content: object) -> dict[str, Place]:
    if not (isinstance(content, dict) and all(isinstance(said, dict) for said in content.values())):
        raise ValueError("places must be a table of tables")
    try:
        return {
            name: Place(side_named(str(said.get("side", ""))), group_named(str(said.get("group", ""))))
            for name, said in content.items()
        }
    except CaptureError as error:
        raise ValueError(str(error)) from error


def _put_back(dataset: Dataset, folder: Path) -> dict[str, str]:
    """Move the recordings of a removal back, and return the names that they have by those that they had."""
    check_no_links(folder / RECORDINGS, folder.parent)
    names = {}
    try:
        for file in sorted((folder / RECORDINGS).glob("*.pcapng")):
            names[file.stem] = _put_one_back(dataset, file)
    except OSError as error:
        raise _unmoved(dataset.path, error) from error
    return names


def _put_one_back(dataset: Dataset, file: Path) -> str:
    """Labels first: they hold the name. A removal that was cut short may have left them where they were."""
    place = dataset.path / RECORDINGS / file.name
    labels = labels_path(file)
    if labels.exists():
        text = read_contents(labels, _LABEL_BOUNDS, inside=True).decode("utf-8", "surrogateescape")
        place = dataset.reserve(file.stem, text, sync=True)
    elif os.path.lexists(place):
        place = next(
            free
            for number in count(2)
            if not os.path.lexists(free := place.with_name(f"{file.stem}-{number}.pcapng"))
        )
    file.replace(place)
    labels.unlink(missing_ok=True)
    return place.stem


def _clear(folder: Path) -> None:
    """Remove what a removal that is undone leaves: its note and empty folders, nothing that was recorded."""
    with suppress(OSError):
        (folder / RECORDINGS).rmdir()
        (folder / REMOVAL).unlink(missing_ok=True)
        folder.rmdir()
        folder.parent.rmdir()


def _unmoved(place: Path, error: OSError) -> OutputError:
    return OutputError(
        f"{place}: cannot be written ({error.strerror}): give yourself the right to write there"
    )

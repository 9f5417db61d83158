"""What is finished of a comparison: an entrant's folder with compared.json, by which it is known again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from zerotap.errors import ModelError
from zerotap.models import (
    ComparedModel,
    CurvePoint,
    FlashPoint,
    Judgement,
    LearningPoint,
    Place,
    Ways,
    plain,
    read_document,
)

from .content_keys import file_hash

COMPARED_FILE: Final = "compared.json"
_MOST_BYTES: Final = 64 << 20
_VERSION: Final = 3


@dataclass(frozen=True, slots=True)
class Finished:
    """An entrant's result: ``model``, or why it is ``left_out`` of the table; one of them is None.

    With what each recording was taken for, the losses of the training, scores by number of recordings,
    its plans by flash, and what a packet costs streamed and whole.
    """

    name: str
    model: ComparedModel | None
    left_out: str | None
    judgement: Judgement
    curves: tuple[CurvePoint, ...] = ()
    learning: tuple[LearningPoint, ...] = ()
    by_flash: tuple[FlashPoint, ...] = ()
    ways: Ways | None = None


NOTHING: Final = Judgement((), (), {})
"""What is said of no recording."""


def write_finished(folder: Path, key: str, finished: Finished) -> None:
    """Write compared.json, which holds the hashes of all other files of ``folder``."""
    files = {name: file_hash(folder / name) for name in _files(folder)}
    document = {
        "version": _VERSION,
        "key": key,
        "name": finished.name,
        "left_out": finished.left_out,
        "model": plain(finished.model),
        "judgement": finished.judgement.to_json(),
        "curves": plain(finished.curves),
        "learning": plain(finished.learning),
        "by_flash": plain(finished.by_flash),
        "ways": plain(finished.ways),
        "files": files,
    }
    (folder / COMPARED_FILE).write_text(json.dumps(document) + "\n", encoding="utf-8")


def read_finished(folder: Path, key: str, classes: Sequence[str], tested: int) -> Finished | None:
    """What ``write_finished`` wrote by the same ``key``; None where there is none, or a file was changed."""
    try:
        place = read_document(folder / COMPARED_FILE, _MOST_BYTES)
        if place["version"].whole() != _VERSION or place["key"].text() != key:
            return None
        files = {name: one.text() for name, one in place["files"].items()}
        return _finished(place, classes, tested) if _are_as_written(folder, files) else None
    except (ModelError, OSError):
        return None


def _finished(place: Place, classes: Sequence[str], tested: int) -> Finished:
    return Finished(
        place["name"].text(),
        place["model"].maybe(lambda one: ComparedModel.from_json(one, len(classes), tested)),
        place["left_out"].maybe(Place.text),
        Judgement.from_json(place["judgement"]),
        tuple(map(CurvePoint.from_json, place["curves"].each())),
        tuple(map(LearningPoint.from_json, place["learning"].each())),
        tuple(map(FlashPoint.from_json, place["by_flash"].each())),
        place["ways"].maybe(Ways.from_json),
    )


def copy_finished(folder: Path, target: Path) -> None:
    """Copy an entrant's folder as it was written; files that somebody else put there stay behind."""
    place = read_document(folder / COMPARED_FILE, _MOST_BYTES)
    for name in (COMPARED_FILE, *(name for name, _ in place["files"].items())):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / name, target / name)


def _are_as_written(folder: Path, files: Mapping[str, str]) -> bool:
    return all(_is_inside(name) and file_hash(folder / name) == sha for name, sha in files.items())


def _is_inside(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts


def _files(folder: Path) -> Iterator[str]:
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return (name for name in sorted(found) if name != COMPARED_FILE)

"""Where recordings belong, as somebody said: ``splits.csv`` of a dataset, which a person may edit too.

recording,side,group
anna-1,train,anna
ben-1,test,ben

``recording`` is its name without .pcapng; ``side`` is train, test or empty; ``group`` is a person's or a
session's name, or empty. A recording that is not named has neither.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import CaptureError
from zerotap.writing import new_file

from .side_names import SIDES

PLACES: Final = "splits.csv"
COLUMNS: Final = ("recording", "side", "group")
_BOUNDS = Bounds(CaptureError, 1 << 26, "write it again", text_fault)
_ROW_BYTES, _MOST_TIMES, _FREE_BYTES = 250, 10, 1 << 24
"""What a row takes, and the memory that rows may take: _MOST_TIMES the file's, and _FREE_BYTES."""


class Place(NamedTuple):
    """``side`` is "train", "test" or ""; ``group`` may be "" too."""

    side: str = ""
    group: str = ""


UNPLACED: Final = Place()
"""Of a recording of which nobody said anything."""


def read_places(folder: Path) -> dict[str, Place]:
    """Read ``splits.csv`` in ``folder``; nothing where there is none.

    Raises CaptureError that names the line for another column, a side that is none, a name twice.
    """
    path = folder / PLACES
    try:
        return places_in(read_text(path, _BOUNDS, "utf-8-sig", inside=True), path)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from error


def read_side_file(path: str | Path) -> dict[str, Place]:
    """Read a file of the same columns, which a person gives; raises CaptureError as ``read_places`` does.

    And for one that says nothing of any recording.
    """
    try:
        said = places_in(read_text(path, _BOUNDS, "utf-8-sig"), Path(path))
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(Path(path), error) from error
    if not any(map(any, said.values())):
        raise CaptureError(f"{path}: gives no recording a side or a group: write a line for each")
    return said


def places_in(text: str, path: Path) -> dict[str, Place]:
    """Read the text of such a file, ``path``; ``side`` and ``group`` need not both be columns.

    A spreadsheet may have written semicolons in place of commas.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    found: dict[str, Place] = {}
    most = (_FREE_BYTES + _MOST_TIMES * len(text)) // _ROW_BYTES
    try:
        columns = [name.strip() for name in next(rows, [])]
        if not {"recording"} < set(columns) <= set(COLUMNS) or len(set(columns)) < len(columns):
            raise CaptureError(f"{path}: line 1 must name the columns {','.join(COLUMNS)}: mend it")
        for row in filter(None, rows):
            if any(row[len(columns) :]):
                raise CaptureError(
                    f"{path}: line {rows.line_num} has more cells than line 1 has columns: mend it"
                )
            name, place = _place(dict(zip(columns, row, strict=False)), f"{path}: line {rows.line_num}")
            if name in found:
                raise CaptureError(f"{path}: line {rows.line_num}: {name} is named twice: leave one")
            found[name] = place
            if len(found) > most:
                raise CaptureError(f"{path}: names more recordings than a dataset has: write it again")
    except csv.Error as error:
        raise _unreadable(path, error) from error
    return found


def _delimiter(text: str) -> str:
    """What parts the columns' names, which have neither in them."""
    return ";" if ";" in text.partition("\n")[0] else ","


def _place(row: Mapping[str, str], where: str) -> tuple[str, Place]:
    name = recording_name(row.get("recording", ""))
    if not name:
        raise CaptureError(f"{where}: names no recording: mend it")
    try:
        return name, Place(side_named(row.get("side", "")), group_named(row.get("group", "")))
    except CaptureError as error:
        raise CaptureError(f"{where}: {error}") from None


def recording_name(text: str) -> str:
    """The name of a recording, as a path or with its suffix too."""
    return Path(text.strip()).name.removesuffix(".pcapng")


def side_named(text: str) -> str:
    """Return "train", "test" or, for an empty cell, ""; raise CaptureError for anything else."""
    side = SIDES.get(text.strip().lower())
    if side is None:
        raise CaptureError(f"the side {text!r} is none: write train or test")
    return side


def group_named(text: str) -> str:
    """Return the name of a group without spaces around it; raise CaptureError for one that no file keeps."""
    name = text.strip()
    if "\0" in name or name != name.encode(errors="replace").decode():
        raise CaptureError(f"the group {text!r} is no text of UTF-8: give it another name")
    return name


def write_places(folder: Path, places: Mapping[str, Place]) -> None:
    """Write ``splits.csv`` in ``folder``, all or nothing; no file where no place says anything.

    Whoever calls holds the lock of the folder.
    """
    said = {name: place for name, place in places.items() if any(place)}
    if not said:
        (folder / PLACES).unlink(missing_ok=True)
        return
    with new_file(folder / PLACES, private=True, replace=True, below=folder) as made:
        made.write_text(format_places(said), encoding="utf-8", newline="")


def format_places(places: Mapping[str, Place]) -> str:
    """Return the text of the file."""
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows((name, *place) for name, place in sorted(places.items()))
    return text.getvalue()


def _unreadable(path: Path, error: Exception) -> CaptureError:
    return CaptureError(f"{path}: cannot be read as UTF-8 CSV ({error}): write it again")

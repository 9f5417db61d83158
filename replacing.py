"""Replacing an earlier result in its folder: what we wrote there goes, what the user added stays.

The folder holds a list of what was written, ``.zerotap-files``, as ``sha256sum -c`` reads it. Folders of 0.1
have none; there a rule says which files were ours.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path, PurePosixPath

from zerotap.contents import Bounds, read_text, text_fault
from zerotap.errors import ModelError, OutputError
from zerotap.real_places import real_folder
from zerotap.writing import (
    check_new_folder,
    check_no_links,
    check_writable,
    folder_for,
    move_all,
    new_file,
    new_folder,
)

LIST_FILE = ".zerotap-files"
_BOUNDS = Bounds(OutputError, 1 << 26, "remove it", text_fault)
_BEGINS = "# What zerotap"
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")

_log = logging.getLogger(__name__)

Listed = Mapping[str, frozenset[str]]
"""Files by their path in the folder, with the SHA-256 that each may have; none is any."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What makes folders that it may replace.

    ``name`` is the word for such a folder, as in "an earlier NAME". ``was_ours(folder, file)``: whether it
    wrote the file of that relative path in a folder without a list; ``is_earlier(folder)``: whether such a
    folder is one of its own at all. ``by`` is what replaces it.
    """

    name: str
    is_earlier: Callable[[Path], bool]
    was_ours: Callable[[Path, str], bool]
    by: str = "--force"


def check_replaceable(out: str | Path, kind: Kind, force: bool) -> None:
    """Raise ModelError where ``out`` holds anything but, with ``force``, an earlier result of that kind.

    To be asked before the work. Raises OutputError where nothing can be written there.
    """
    target = Path(out)
    if not _holds_something(target):
        check_new_folder(target)
        return
    if not target.is_dir() or not (_header(kind) == _first_line(target) or _is_unlisted(target, kind)):
        raise ModelError(
            f"{target} holds other things than an earlier {kind.name}: give a new folder with --out"
        )
    if not force:
        raise ModelError(
            f"{target} holds an earlier {kind.name}: add --force (force=True in Python) to "
            "replace it, or give another --out"
        )
    for file in (LIST_FILE, *_earlier(target, kind)):
        check_no_links(target / file, target)
    check_writable(target / LIST_FILE)


@contextmanager
def replaceable_folder(
    out: str | Path, kind: Kind, *, force: bool = False, keep: bool = False, beside: Path | None = None
) -> Iterator[Path]:
    """Give a folder to fill, which becomes ``out``, with a list of its files, when the block ends.

    With ``force`` an earlier result's files make room; a file of it that was changed since is kept under
    another name, "NAME.yours", and a warning says so. For ``keep``, ``beside`` and what is raised see
    ``new_folder`` and ``check_replaceable``.
    """
    target = Path(out)
    check_replaceable(target, kind, force)
    if _holds_something(target):
        folder = real_folder(target)
        filled = folder_for(folder, lambda made: _replace(made, folder, kind), keep=keep, beside=beside)
    else:
        filled = new_folder(target, keep=keep, beside=beside)
    with filled as made:
        yield made
        (made / LIST_FILE).write_text(_text(_header(kind), _hashes(made)), encoding="utf-8")


def list_again(folder: Path, files: Iterable[str]) -> None:
    """Have the list of a ``replaceable_folder`` name ``files`` as they are now, after we wrote them anew.

    ``files``: paths in the folder. A folder without such a list stays as it is. Raises OutputError.
    """
    header = _first_line(folder)
    if not header.startswith(_BEGINS):
        return
    now = {file: frozenset({_sha256(folder / file)}) for file in files}
    with new_file(folder / LIST_FILE, replace=True, below=folder) as made:
        made.write_text(_text(header, {**_read_list(folder), **now}), encoding="utf-8")


def _replace(made: Path, target: Path, kind: Kind) -> None:
    """Move the earlier files out and the new ones in, all or nothing."""
    earlier, fresh = _earlier(target, kind), _read_list(made)
    for file in fresh:
        check_no_links(target / file, target)
    # Until all is done, what is old and what is new is ours: a power cut does not make it the user's.
    both = {
        file: earlier.get(file, frozenset()) | fresh.get(file, frozenset()) for file in {*earlier, *fresh}
    }
    (made.parent / "both").write_text(_text(_header(kind), both), encoding="utf-8")
    (made.parent / "both").replace(target / LIST_FILE)
    gone = {file for file, sums in earlier.items() if _is_unchanged(target, file, sums)}
    aside = made.parent / "gone"
    out = [(target / file, aside / file) for file in sorted(gone)]
    yours = list(_making_room(target, fresh, gone))
    into = [(made / file, target / file) for file in sorted(fresh)]
    move_all(chain(out, yours, into))
    (made / LIST_FILE).replace(target / LIST_FILE)
    _remove_empty(target, gone)
    for old, new in yours:
        _log.warning("%s was not as zerotap wrote it: it is kept as %s", old, new.name)


def _making_room(target: Path, fresh: Iterable[str], gone: Iterable[str]) -> Iterator[tuple[Path, Path]]:
    """The user's files that have the name of a new file, or of a folder of one, and their other names."""
    ours = set(gone)
    ways = {way for file in fresh for way in (file, *map(str, PurePosixPath(file).parents))} - {"."}
    folders = {way for way in ways if way not in set(fresh)}
    for way in sorted(ways - ours):
        place = target / way
        if os.path.lexists(place) and not (way in folders and place.is_dir()):
            names = chain([f"{place.name}.yours"], (f"{place.name}.yours{n}" for n in count(2)))
            yield place, next(place.with_name(n) for n in names if not os.path.lexists(place.with_name(n)))


def _earlier(target: Path, kind: Kind) -> Listed:
    """What of ``target`` we wrote; lists in folders within count where the outer list names them."""
    if not (target / LIST_FILE).is_file():
        return {file: frozenset() for file in _files(target) if kind.was_ours(target, file)}
    listed = _read_list(target)
    for inner in [file for file in listed if PurePosixPath(file).name == LIST_FILE]:
        folder = PurePosixPath(inner).parent
        for file, sums in _read_list(target / folder).items():
            listed[f"{folder}/{file}"] = listed.get(f"{folder}/{file}", frozenset()) | sums
        listed[inner] = frozenset()
    return listed


def _read_list(folder: Path) -> dict[str, frozenset[str]]:
    """The list of a folder; a line that leads out of the folder, or is none, names nothing."""
    listed: dict[str, frozenset[str]] = {}
    try:
        check_no_links(folder / LIST_FILE, folder)
        lines = read_text(folder / LIST_FILE, _BOUNDS, inside=True).splitlines()
    except (OSError, ValueError, OutputError):
        return listed
    for match in filter(None, map(_LINE.fullmatch, lines)):
        file = PurePosixPath(match[2])
        if not file.is_absolute() and ".." not in file.parts:
            listed[str(file)] = listed.get(str(file), frozenset()) | {match[1]}
    return listed


def _is_unchanged(target: Path, file: str, sums: frozenset[str]) -> bool:
    """Whether it is there, no link leads to it, and it is what was written."""
    try:
        check_no_links(target / file, target)
    except OutputError:
        return False
    return (target / file).is_file() and (not sums or _sha256(target / file) in sums)


def _text(header: str, listed: Listed) -> str:
    lines = sorted((file, line) for file, sums in listed.items() for line in sums)
    return "\n".join([header, *(f"{line}  {file}" for file, line in lines), ""])


def _hashes(folder: Path) -> Listed:
    return {file: frozenset({_sha256(folder / file)}) for file in _files(folder)}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> list[str]:
    """Every file of a folder but its list, by its path in the folder."""
    found = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(file for file in found if file != LIST_FILE)


def _header(kind: Kind) -> str:
    return f"{_BEGINS} {kind.name} wrote here; {kind.by} replaces these files and no others."


def _first_line(folder: Path) -> str:
    try:
        return read_text(folder / LIST_FILE, _BOUNDS, inside=True).partition("\n")[0]
    except (OSError, ValueError, OutputError):
        return ""


def _is_unlisted(folder: Path, kind: Kind) -> bool:
    return not os.path.lexists(folder / LIST_FILE) and kind.is_earlier(folder)


def _holds_something(target: Path) -> bool:
    try:
        return os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir()))
    except OSError as error:
        raise OutputError(f"{target} cannot be read ({error.strerror}): choose another place") from error


def _remove_empty(target: Path, gone: Iterable[str]) -> None:
    """Remove the folders that held nothing but what is gone."""
    folders = {str(way) for file in gone for way in PurePosixPath(file).parents} - {"."}
    for folder in sorted(folders, key=len, reverse=True):
        if (target / folder).is_dir() and not any((target / folder).iterdir()):
            (target / folder).rmdir()

"""A library as a ZIP file with one folder, as the IDE's "Add .ZIP Library" and all others take it."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Final

from zerotap.errors import ModelError
from zerotap.replacing import LIST_FILE
from zerotap.writing import check_writable, new_file

from .exporting import Library

_MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # the same library is the same ZIP
_MODE: Final = 0o100644 << 16


def zip_path(folder: str | Path) -> Path:
    """Where the ZIP of a library's folder goes: beside it."""
    out = Path(folder)
    return out.with_name(f"{out.resolve().name}.zip")


def check_zip(folder: str | Path, *, force: bool) -> None:
    """Raise ModelError or OutputError where zip_library() of a folder would: to be asked before the work."""
    path = zip_path(folder)
    if not path.exists() and not path.is_symlink():
        return
    if not force or not _is_ours(path):
        way = "add --force to replace it" if _is_ours(path) else "move it, or give another --out"
        raise ModelError(f"{path} is there already: {way}")
    check_writable(path)


def zip_library(library: Library, *, force: bool = False) -> Path:
    """Write a library as a ZIP beside its folder, all in one folder of its name; return the ZIP's path.

    ``force`` replaces an earlier library's ZIP, nothing else. Raises ModelError or OutputError.
    """
    folder, path = library.folder, zip_path(library.folder)
    check_zip(folder, force=force)
    with new_file(path, replace=force) as made, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(each for each in folder.rglob("*") if each.is_file()):
            entry = zipfile.ZipInfo(f"{library.name}/{file.relative_to(folder).as_posix()}", _MOMENT)
            entry.external_attr, entry.compress_type = _MODE, zipfile.ZIP_DEFLATED
            archive.writestr(entry, file.read_bytes())
    return path


def _is_ours(path: Path) -> bool:
    """Whether a file is the ZIP of a library that we wrote."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(each.count("/") == 1 and each.endswith(f"/{LIST_FILE}") for each in archive.namelist())
    except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError):
        return False

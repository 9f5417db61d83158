"""The folder of a dataset before it is one: what may be in it, and who begins it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zerotap.capture.labels import RECORDINGS
from zerotap.errors import OutputError, way_out
from zerotap.writing import LOCK_FILE, SCRATCH, check_new_folder, locked

from .manifest import MANIFEST
from .secret import private_folder


@contextmanager
def made_folder(folder: Path) -> Iterator[None]:
    """Make a folder where there is none, and let nobody else begin a dataset in it meanwhile."""
    check_room(folder)
    try:
        private_folder(folder)
        with locked(folder):
            yield
    except OSError as error:
        other = way_out(error, "choose another folder")
        raise OutputError(f"{folder} cannot be made ({error.strerror}): {other}") from error


def check_room(folder: Path) -> None:
    """Raise OutputError where ``folder`` is no dataset and holds what no beginning dataset has."""
    try:
        if not has_manifest(folder):
            check_free(folder)
    except OutputError:
        if not has_manifest(folder):  # else somebody has just made it
            raise


def check_free(folder: Path) -> None:
    """Raise OutputError where ``folder`` holds anything but what another beginning dataset may have left."""
    if not os.path.lexists(folder):
        return
    if not folder.is_dir() or has_manifest(folder) or any(map(_is_content, folder.iterdir())):
        check_new_folder(folder, tries=False)


def has_manifest(folder: Path) -> bool:
    """Whether a dataset is there, damaged or not."""
    return os.path.lexists(folder / MANIFEST)


def _is_content(path: Path) -> bool:
    if not path.is_dir() or path.is_symlink():
        return path.name != LOCK_FILE
    return not path.name.startswith(SCRATCH) and (path.name != RECORDINGS or any(path.iterdir()))

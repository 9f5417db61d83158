"""Files and folders that appear whole or not at all: every writer of this package goes through here."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zerotap.errors import OutputError


@contextmanager
def new_file(path: str | Path, *, private: bool = False, replace: bool = False) -> Iterator[Path]:
    """Give a path to write a file to, which becomes ``path`` when the block ends and vanishes if it raises.

    It lies in a scratch folder of an unpredictable name beside ``path``. ``private`` files are readable by
    their owner alone (mode 0600); ``replace`` allows an earlier file of that name. Raises OutputError where
    the name is taken or the folder does not take it.
    """
    target = Path(path)
    if not replace and os.path.lexists(target):
        raise OutputError(f"{target} exists: choose another name, or remove it first")
    with _scratch(target) as made:
        yield made
        if private:
            made.chmod(0o600)
        _sync(made)
        made.replace(target)


@contextmanager
def new_folder(path: str | Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill, which becomes ``path`` when the block ends and vanishes if it raises.

    Raises OutputError where ``path`` holds anything, unless ``replace`` allows an earlier folder of that
    name, or cannot be made.
    """
    target = Path(path)
    if not replace:
        check_new_folder(target)
    with _scratch(target) as made:
        made.mkdir()
        yield made
        _take_place(made, target)


def _take_place(made: Path, target: Path) -> None:
    """Put a folder where another may be; the other one comes back if that fails."""
    earlier = made.with_name(f"{made.name}.earlier")
    if target.is_dir():
        target.replace(earlier)
    try:
        made.replace(target)
    except OSError:
        if earlier.is_dir():
            earlier.replace(target)
        raise


def check_new_folder(path: str | Path) -> None:
    """Raise OutputError where ``path`` is no new or empty folder: to be asked before any work is done."""
    target = Path(path)
    if os.path.lexists(target) and (not target.is_dir() or any(target.iterdir())):
        raise OutputError(f"{target} is not an empty folder: choose another, or remove it first")


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A path of ``target``'s name in a folder beside it that is removed with all that is left in it."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".zerotap-", dir=target.parent) as folder:
            yield Path(folder) / target.name
    except OSError as error:
        raise OutputError(f"{target} cannot be written ({error.strerror}): choose another place") from error


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())

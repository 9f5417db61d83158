"""Files and folders that appear whole or not at all: every writer of this package goes through here.

What is being made lies in a scratch folder of an unpredictable name beside its target, closed to everyone
else; it takes its name by one rename once it is on the disk. A fault or an interrupt leaves nothing behind.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from zerotap.errors import OutputError

PRIVATE = 0o600
"""The mode of files that hold or describe recordings: what was typed is nobody else's."""


@contextmanager
def new_file(path: str | Path, *, private: bool = False, replace: bool = False) -> Iterator[Path]:
    """Give a path to write a file to, which becomes ``path`` when the block ends and vanishes if it raises.

    ``private`` files are readable by their owner alone (mode 0600). ``replace`` allows an earlier file of
    that name; a link of that name is then replaced itself, what it points to stays as it is. Folders above
    ``path`` are made. Raises OutputError where the name is taken or the folder does not take it.
    """
    target = Path(path)
    if not replace and os.path.lexists(target):
        raise _taken(target)
    with _scratch(target) as made:
        yield made
        if private:
            made.chmod(PRIVATE)
        _sync_file(made)
        if replace:
            made.replace(target)
        else:
            _take_name(made, target)


@contextmanager
def new_folder(path: str | Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a folder to fill, which becomes ``path`` when the block ends and vanishes if it raises.

    ``replace`` allows an earlier folder of that name. Raises OutputError where ``path`` holds anything else
    or cannot be made.
    """
    target = Path(path)
    if not replace:
        check_new_folder(target)
    with _scratch(target) as made:
        made.mkdir()
        yield made
        _sync_files_in(made)
        if not replace:
            check_new_folder(target)
        _take_place(made, target)


def check_new_folder(path: str | Path) -> None:
    """Raise OutputError where ``path`` is no new or empty folder: to be asked before any work is done."""
    target = Path(path)
    try:
        is_free = not os.path.lexists(target) or (target.is_dir() and not any(target.iterdir()))
    except OSError as error:
        raise _refused(target, error) from error
    if not is_free:
        raise OutputError(f"{target} already holds something: choose a new folder, or remove it first")


def reserve_file(path: str | Path, content: str) -> bool:
    """Create the private file ``path`` with ``content`` in UTF-8; False, and nothing done, where it exists.

    Of several programs that ask for one name at the same time, one gets it. Raises OutputError where the
    folder does not take the file.
    """
    target = Path(path)
    try:
        number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    except FileExistsError:
        return False
    except OSError as error:
        raise _refused(target, error) from error
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(content)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise _refused(target, error) from error
    return True


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A path of ``target``'s name in a folder beside it that is removed with all that is left in it."""
    missing = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".zerotap-", dir=target.parent) as folder:
            yield Path(folder) / target.name
        _sync_folder(target.parent)
    except BaseException as error:
        for folder_made in missing:
            with suppress(OSError):
                folder_made.rmdir()
        if isinstance(error, OSError):
            raise _refused(target, error) from error
        raise


def _take_name(made: Path, target: Path) -> None:
    """Rename, but never over a file that came meanwhile."""
    try:
        os.link(made, target)
    except FileExistsError as error:
        raise _taken(target) from error
    except OSError:  # a file system without hard links
        if os.path.lexists(target):
            raise _taken(target) from None
        made.replace(target)


def _take_place(made: Path, target: Path) -> None:
    """Put a folder where another may be; the other one comes back if that fails."""
    earlier = made.with_name("earlier") if made.name != "earlier" else made.with_name("before")
    if target.is_dir():
        target.replace(earlier)
    try:
        made.replace(target)
    except OSError:
        if earlier.is_dir():
            earlier.replace(target)
        raise


def _taken(target: Path) -> OutputError:
    return OutputError(f"{target} exists and is not overwritten: choose another name, or remove it first")


def _refused(target: Path, error: OSError) -> OutputError:
    return OutputError(f"{target} cannot be written ({error.strerror or error}): choose another place")


def _sync_file(path: Path) -> None:
    # Windows flushes only what is open for writing; elsewhere a file may be read-only.
    with path.open("rb" if os.name == "posix" else "rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make a new name last; some systems know no such thing for folders, and the file is there already."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _sync_files_in(folder: Path) -> None:
    """Several at a time: a disk commits together what waits together, and there may be thousands."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    with ThreadPoolExecutor() as threads:
        list(threads.map(_sync_file, files))

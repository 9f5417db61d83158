"""Files and folders that appear whole or not at all: every writer of this package goes through here.

What is being made lies in a scratch folder of an unpredictable name beside its target, closed to everyone
else; it takes its name by one rename once it is on the disk. A fault or an interrupt leaves nothing behind.
Nothing is written through a symbolic link below a folder that the user named, and no input is written over.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from zerotap.errors import OutputError, ZerotapError, way_out
from zerotap.interrupts import held
from zerotap.real_places import real_file, real_folder

PRIVATE = 0o600
"""The mode of files that hold or describe recordings: what was typed is nobody else's."""
LOCK_FILE = ".zerotap.lock"
"""Is in a folder while someone changes what several programs write there."""
SCRATCH = ".zerotap-"
"""How the names of scratch folders begin; a power cut may leave one."""
PATIENCE_S = 60.0
BLOCK = 4096
"""What a disk is tried with, in bytes."""
_SHORT_WRITE = re.compile(r"(\d+) requested and (\d+) written")  # NumPy's words for a disk that fills up


@contextmanager
def new_file(
    path: str | Path, *, private: bool = False, replace: bool = False, below: Path | None = None
) -> Iterator[Path]:
    """Give a path to write a file to, which becomes ``path`` when the block ends and vanishes if it raises.

    ``private`` files are readable by their owner alone (mode 0600). ``replace`` allows an earlier file of
    that name; a link of that name is then replaced itself, what it points to stays as it is. ``below``: the
    folder that the user named, no link in which is followed or replaced. Folders above ``path`` are made.
    Raises OutputError where the name is taken or the folder does not take it.
    """
    target = Path(path)
    if below is not None:
        check_no_links(target, below)
    target = real_file(target)
    if not replace and os.path.lexists(target):
        raise _taken(target)
    with _scratch(target) as made:
        _try_name(made)
        try:
            yield made
        except ZerotapError as error:
            _of_target(error, made, target)
            raise
        if private:
            made.chmod(PRIVATE)
        _sync_file(made)
        with held():
            if replace:
                made.replace(target)
            else:
                _take_name(made, target)


@contextmanager
def new_folder(path: str | Path, *, keep: bool = False, beside: Path | None = None) -> Iterator[Path]:
    """Give a folder to fill, which becomes ``path`` when the block ends and vanishes if it raises.

    ``keep``: where ``path`` cannot be written after all, what was filled in is kept in a temporary folder,
    and the sentence says where. ``beside``: what it is filled in, on the same disk, instead of where ``path``
    is. Raises OutputError where ``path`` holds anything or cannot be made.
    """
    target = Path(path)
    check_new_folder(target)
    target = real_folder(target)

    def place(made: Path) -> None:
        check_new_folder(target, tries=False)
        _take_place(made, target)

    with folder_for(target, place, keep=keep, beside=beside) as made:
        yield made


@contextmanager
def folder_for(
    target: Path, place: Callable[[Path], None], *, keep: bool, beside: Path | None = None
) -> Iterator[Path]:
    """As ``new_folder``, but ``place`` puts it there once it is whole and on the disk."""
    with _scratch(target, beside) as made:
        made.mkdir()
        begun = made.stat()
        try:
            yield made
            if not os.path.samestat(begun, made.stat()):
                raise FileNotFoundError(f"{made.parent} was removed meanwhile")
            _sync_files_in(made)
            with held():
                place(made)
        except (OSError, ZerotapError) as error:
            fault = _of_target(error, made, target)
            if keep and isinstance(fault, OutputError):
                fault = _kept(made, target, fault)
            if fault is error:
                raise
            raise fault from error


def check_new_folder(path: str | Path, *, tries: bool = True) -> None:
    """Raise OutputError where ``path`` is no new or empty folder, or would not be taken.

    To be asked before any work is done: it ``tries`` to write there.
    """
    target = Path(path)
    try:
        is_free = not os.path.lexists(target) or (target.is_dir() and not any(target.iterdir()))
        if is_free and target.is_dir() and os.path.ismount(target):
            raise OutputError(f"{target} is where a disk is mounted: give a folder in it")
    except OSError as error:
        raise _refused(target, error) from error
    if not is_free:
        raise OutputError(f"{target} already holds something: choose a new folder, or remove it first")
    if tries:
        check_writable(real_folder(target))


def check_writable(path: str | Path, *, named: str | Path | None = None) -> None:
    """Raise OutputError where nothing can be written as ``path``: it is tried, and nothing is left of it.

    ``named``: what the error calls it, the path itself without.
    """
    target = real_file(Path(path))
    above = next(folder for folder in target.absolute().parents if os.path.lexists(folder))
    try:
        with scratch_folder(SCRATCH, above) as scratch:
            (scratch / target.absolute().relative_to(above)).mkdir(parents=True)
            (scratch / "block").write_bytes(bytes(BLOCK))  # a full disk may still take names
    except OSError as error:
        raise _refused(target if named is None else Path(named), error) from error


def check_apart(out: str | Path, inputs: Mapping[str, object], *, but: Path | None = None) -> None:
    """Raise OutputError where ``out`` is one of the ``inputs``, or would be written over a file in one.

    ``inputs``: files or folders by what they are, as in ``{"model": model, "dataset": folder}``; values that
    are no path, as an array or None, are nowhere on the disk. A new name in an input's folder is fine.
    ``but``: the one file in an input that may be replaced.
    """
    target = Path(out)
    for what, path in inputs.items():
        if not isinstance(path, str | os.PathLike) or not os.path.lexists(path):
            continue
        if _is_same(target, Path(path)):
            raise OutputError(f"{target} is the {what} itself: choose another place")
        is_file = os.path.lexists(target) and target.is_file()
        if is_file and _is_below(target, Path(path)) and not (but and _is_same(target, but)):
            raise OutputError(f"{target} is part of the {what} {path}: choose another place")


def check_no_links(path: Path, below: Path) -> None:
    """Raise OutputError where ``path``, or a folder on the way to it from ``below``, is a symbolic link.

    Someone else's folder may hold links; whatever was written through one would land elsewhere.
    """
    place = below
    for part in path.relative_to(below).parts:
        place = place / part
        if place.is_symlink():
            raise OutputError(
                f"{place} is a symbolic link, through which nothing is written: "
                "remove it, or put what it points to in its place"
            )


def write_or_keep(path: str | Path, write: Callable[[Path], object]) -> None:
    """Let finished work be written by ``write(path)``, or, where that does not go, in a temporary folder.

    Raises OutputError that then says both.
    """
    target = Path(path)
    try:
        write(target)
    except OutputError as error:
        kept = Path(tempfile.mkdtemp(prefix="zerotap-kept-")) / (target.name or "out")
        try:
            write(kept)
        except (OSError, ZerotapError):
            shutil.rmtree(kept.parent, ignore_errors=True)
            raise error from None
        raise _said_kept(error, kept) from error


@contextmanager
def locked(folder: str | Path) -> Iterator[None]:
    """Let one program at a time change what several write in ``folder``; the others wait.

    It ends with the program, however that ends. Raises OutputError where ``folder`` is not there, cannot be
    written, or was in use for a minute.
    """
    from filelock import FileLock, Timeout

    path = Path(folder) / LOCK_FILE
    check_no_links(path, Path(folder))
    if not path.parent.is_dir():
        raise OutputError(f"{folder} is not there any more: nothing can be written in it")
    lock = FileLock(path, timeout=PATIENCE_S, mode=PRIVATE, poll_interval=0.01)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError(
            f"{folder} is being changed by another program: try again when it is done"
        ) from error
    except OSError as error:
        raise _refused(Path(folder), error, "make it writable, or change a copy of it") from error
    try:
        yield
    finally:
        with suppress(OSError):  # who waits for the file that is gone takes a new one
            path.unlink()
        lock.release()


def reserve_file(path: str | Path, content: str, *, sync: bool = True) -> bool:
    """Create the private file ``path`` with ``content`` in UTF-8; False, and nothing done, where it exists.

    Of several programs that ask for one name at the same time, one gets it. Without ``sync`` it is not yet
    forced to the disk. Raises OutputError where the folder does not take the file.
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
            file.flush()
            if sync:
                os.fsync(number)
    except OSError as error:
        target.unlink(missing_ok=True)
        raise _refused(target, error) from error
    return True


@contextmanager
def scratch_folder(prefix: str = "zerotap-", beside: Path | None = None) -> Iterator[Path]:
    """Give a new folder, in ``beside`` or where the system keeps what is temporary, that goes with the block.

    No signal comes between its making, or its removal, and what tells that it was.
    """
    folder = ""
    try:
        with held():
            folder = tempfile.mkdtemp(prefix=prefix, dir=beside)
        yield Path(folder)
    finally:
        with held():
            if folder:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _scratch(target: Path, beside: Path | None = None) -> Iterator[Path]:
    """A path of ``target``'s name in a folder beside it that is removed with all that is left in it."""
    missing = [folder for folder in (target.parent, *target.parent.parents) if not folder.exists()]
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with scratch_folder(SCRATCH, beside or target.parent) as folder:
            yield folder / target.name
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
    """Put a folder where an empty one may be; that one comes back if it fails."""
    if not target.is_dir():
        made.replace(target)
    elif Path.cwd().is_relative_to(target.resolve()):
        move_all([(file, target / file.name) for file in made.iterdir()])  # nobody's feet are pulled away
    else:
        target.rmdir()
        try:
            made.replace(target)
        except BaseException:
            if not target.exists():
                target.mkdir()
            raise


def move_all(moves: Iterable[tuple[Path, Path]]) -> None:
    """Rename each of ``moves`` (from, to) in turn, all or none; folders above the new names are made."""
    done: list[tuple[Path, Path]] = []
    try:
        for old, new in moves:
            new.parent.mkdir(parents=True, exist_ok=True)
            done.append((old, new))
            old.replace(new)
    except BaseException:
        for old, new in reversed(done):
            if os.path.lexists(new) and not os.path.lexists(old):
                new.replace(old)
        raise


def _try_name(path: Path) -> None:
    """Whether the disk takes the name is known before the work, and not after it."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
    path.unlink()


def _is_same(one: Path, other: Path) -> bool:
    # A name too long is nothing to lexists, and an error to exists.
    return all(os.path.lexists(path) and path.exists() for path in (one, other)) and one.samefile(other)


def _is_below(path: Path, folder: Path) -> bool:
    return folder.is_dir() and path.resolve().is_relative_to(folder.resolve())


def _of_target(error: OSError | ZerotapError, made: Path, target: Path) -> ZerotapError:
    """The error with the name that the user knows, and not that of a scratch folder."""
    if isinstance(error, OSError):
        return _refused(target, error)
    error.args = tuple(str(part).replace(str(made), str(target)) for part in error.args)
    return error


def _kept(made: Path, target: Path, fault: OutputError) -> OutputError:
    """Copy what was made to a temporary folder, and say so; where that does not go, say what went wrong."""
    if not made.is_dir() or not any(made.iterdir()):
        return fault
    kept = Path(tempfile.mkdtemp(prefix="zerotap-kept-"))
    try:
        shutil.copytree(made, kept / target.name)
    except OSError:
        shutil.rmtree(kept, ignore_errors=True)
        return fault
    return _said_kept(fault, kept / target.name)


def _said_kept(error: OutputError, kept: Path) -> OutputError:
    return OutputError(f"{error}; what was made is in {kept}")


def _taken(target: Path) -> OutputError:
    return OutputError(f"{target} exists and is not overwritten: choose another name, or remove it first")


def _refused(target: Path, error: OSError, otherwise: str = "choose another place") -> OutputError:
    reason = error.strerror or _SHORT_WRITE.sub(r"the disk took \2 of \1 numbers", str(error))
    return OutputError(f"{target} cannot be written ({reason}): {way_out(error, otherwise)}")


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

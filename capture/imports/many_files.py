"""Which files are meant by names, patterns and folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from glob import glob, has_magic
from pathlib import Path

from zerotap.capture.datasets.manifest import MANIFEST
from zerotap.capture.file_names import natural_order
from zerotap.contents import is_stream
from zerotap.errors import CaptureError


def files_of(given: Sequence[str | Path], dataset_dir: str | Path) -> list[Path]:
    """Return the files: of a folder all in it and below, of a pattern all that it fits, each once, in order.

    Hidden files and those of datasets are none, unless they are named. Raises CaptureError where a pattern
    or a folder gives none.
    """
    found: dict[Path, None] = {}
    for one in map(Path, given):
        files = list(_files(one, Path(dataset_dir).resolve()))
        if not files:
            raise CaptureError(f"{one}: no file is there: check the name")
        found.update(dict.fromkeys(files))
    return list(found)


def _files(path: Path, dataset_dir: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from _below(path, dataset_dir)
    elif has_magic(str(path)) and not path.exists() and not is_stream(path):
        whole = glob(str(path), recursive=True)  # noqa: PTH207  (Path.glob takes no absolute pattern)
        for one in in_order(map(Path, whole)):
            yield from _below(one, dataset_dir) if one.is_dir() else [one]
    else:
        yield path


def _below(folder: Path, dataset_dir: Path) -> Iterator[Path]:
    if folder.resolve() == dataset_dir or (folder / MANIFEST).exists():
        return
    try:
        inside = in_order(one for one in folder.iterdir() if not one.name.startswith("."))
    except OSError as error:
        why = f"{error.strerror}; check the permissions"
        raise CaptureError(f"{folder}: cannot be listed: {why}, or name the files") from error
    for one in inside:
        if one.is_dir() and not one.is_symlink():
            yield from _below(one, dataset_dir)
        elif one.is_file():
            yield one


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Sort files as a person counts them: take 2 before take 10."""
    return sorted(paths, key=natural_order)

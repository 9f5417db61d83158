"""Taking back: recordings that were just stored leave a dataset again, where storing all of them failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from zerotap.capture.datasets.dataset import Dataset
from zerotap.capture.datasets.loading import read_each
from zerotap.capture.datasets.manifest import Manifest
from zerotap.capture.labels import labels_path, read_labels
from zerotap.errors import CaptureError, OutputError
from zerotap.interrupts import held

from .removing import classes_gone


@contextmanager
def all_or_none(folder: str | Path, stored: Callable[[], Iterable[Path]]) -> Iterator[None]:
    """Delete what is ``stored`` in the dataset ``folder`` by then, where what is done meanwhile fails.

    Classes that came with it go too. The dataset itself stays: somebody else may have opened it.
    """
    known = set(_classes(Path(folder)))
    try:
        yield
    except BaseException:
        with held():
            _take_back(Path(folder), list(stored()), known)
        raise


def _classes(folder: Path) -> tuple[str, ...]:
    with suppress(CaptureError, OutputError):
        return Dataset.open(folder).classes
    return ()


def _take_back(folder: Path, files: list[Path], known: set[str]) -> None:
    labelled, _ = read_each(read_labels, files)
    came = {span.label for _, labels in labelled for span in labels} - known
    for path in files:
        path.unlink(missing_ok=True)
        labels_path(path).unlink(missing_ok=True)
    if came:
        with suppress(CaptureError, OutputError):  # the failure that is told is the first one
            _drop(Dataset.open(folder), came)


def _drop(dataset: Dataset, labels: set[str]) -> None:
    def without(manifest: Manifest) -> Manifest:
        gone = classes_gone(dataset, (), labels)
        return replace(manifest, classes=tuple(one for one in manifest.classes if one not in gone))

    dataset.change(without)

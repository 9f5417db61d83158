"""OUT.unfinished: what a comparison keeps while it goes on, and how it goes again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from zerotap.errors import OutputError
from zerotap.models import remove_checkpoints
from zerotap.writing import SCRATCH, locked

KEY_LETTERS: Final = 12
"""Of the key that names a model's folder."""
TRAINED: Final = "trained"
"""In it: models that were not on the board yet."""
_OURS: Final = re.compile(rf"[0-9a-f]{{{KEY_LETTERS}}}|{re.escape(SCRATCH)}.+")


@contextmanager
def place_of(unfinished: Path) -> Iterator[None]:
    """OUT.unfinished, for one comparison at a time; empty it goes again, with the folders made for it.

    Raises OutputError where it cannot be made, or another comparison is under way there.
    """
    missing = [folder for folder in (unfinished, *unfinished.parents) if not folder.exists()]
    try:
        unfinished.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{unfinished} cannot be written ({error.strerror}): choose another place"
        ) from error
    try:
        with locked(unfinished):
            yield
    finally:
        for folder in (unfinished / TRAINED, *(missing or [unfinished])):
            with suppress(OSError):  # there is something in it
                folder.rmdir()


def remove_unfinished(folder: Path) -> None:
    """Remove what comparisons left there, and nothing else that may be in it; raises OutputError."""
    if not folder.is_dir():
        return
    try:
        for path in (*folder.iterdir(), *(folder / TRAINED).glob("*")):
            if path.is_dir() and not path.is_symlink() and _is_ours(path):
                shutil.rmtree(path)
        if (folder / TRAINED).is_dir() and not any((folder / TRAINED).iterdir()):
            (folder / TRAINED).rmdir()
    except OSError as error:
        raise OutputError(f"{folder} cannot be removed ({error.strerror}): remove it by hand") from error
    remove_checkpoints(folder)


def _is_ours(path: Path) -> bool:
    """What is named for a key, or a scratch folder that a power cut left."""
    return bool(_OURS.fullmatch(path.name))

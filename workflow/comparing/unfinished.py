"""OUT.unfinished: what a comparison keeps while it goes on, and how it goes again."""

from __future__ import annotations

import shutil
from pathlib import Path

from zerotap.errors import OutputError
from zerotap.models import remove_checkpoints
from zerotap.writing import SCRATCH

from .finished import COMPARED_FILE

TRAINED = "trained"
"""In it: models that were not on the board yet."""


def remove_unfinished(folder: Path) -> None:
    """Remove what comparisons left there, and nothing else that may be in it; raises OutputError."""
    if not folder.is_dir():
        return
    try:
        for path in folder.iterdir():
            if path.is_dir() and not path.is_symlink() and _is_ours(path):
                shutil.rmtree(path)
    except OSError as error:
        raise OutputError(f"{folder} cannot be removed ({error.strerror}): remove it by hand") from error
    remove_checkpoints(folder)


def _is_ours(path: Path) -> bool:
    return path.name == TRAINED or path.name.startswith(SCRATCH) or any(path.glob(f"*/{COMPARED_FILE}"))

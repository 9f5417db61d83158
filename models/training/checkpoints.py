"""Checkpoints: what a training that is killed leaves, so that the same command goes on from there.

One lies in a private file, named for what is trained: the same windows, family and settings find it again,
others do not. It holds the tables of words before they get decoys, so it is removed once the model is there.
"""

from __future__ import annotations

import json
import logging
import time
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import OutputError
from zerotap.writing import new_file

if TYPE_CHECKING:
    from numpy.typing import NDArray

EVERY_S: Final = 5.0
"""Between two checkpoints: a training that is shorter needs none."""
_FAULTS: Final = (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile)
_KEY_BYTES: Final = 12
_log = logging.getLogger(__name__)
_PREFIX: Final = "training-"


@dataclass(slots=True, eq=False)
class TrainingState:
    """``rounds`` that were run, the best of them, and the losses of each by name in ``curves``.

    ``waited``: rounds since the best one. ``variables`` are the model's and the optimiser's, as a checkpoint
    has them; those of a training that goes on in this process are Keras's own.
    """

    rounds: int = 0
    waited: int = 0
    best_loss: float = inf
    best_weights: list[NDArray[Any]] = field(default_factory=list)
    curves: dict[str, list[float]] = field(default_factory=dict)
    variables: list[NDArray[Any]] = field(default_factory=list)


def training_key(told: Sequence[str], arrays: Sequence[NDArray[Any]]) -> str:
    """A name for a training: of what is told of it, and of the arrays that it learns from."""
    digest = blake2b(digest_size=_KEY_BYTES)
    for word in told:
        digest.update(word.encode() + b"\0")
    for array in arrays:
        digest.update(f"{array.dtype} {array.shape}".encode())
        digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


class Checkpoint:
    """The file of one training in ``folder``; without a folder nothing is kept."""

    def __init__(self, folder: Path | None, key: str) -> None:
        self.path = None if folder is None else folder / f"{_PREFIX}{key}.npz"
        self._next_s = time.monotonic() + EVERY_S

    def is_due(self) -> bool:
        """Whether it is time to write."""
        return self.path is not None and time.monotonic() >= self._next_s

    def write(self, state: TrainingState) -> None:
        """Put ``state``, with its variables, in the place of an earlier one.

        Where that cannot be written, a warning says so, and the training goes on without.
        """
        if self.path is None:
            return
        try:
            self._write(self.path, state)
        except OutputError as error:
            _log.warning("%s; training goes on, and cannot be gone on with if it is killed", error)
            self.path = None
        self._next_s = time.monotonic() + EVERY_S

    def _write(self, path: Path, state: TrainingState) -> None:
        facts = {"rounds": state.rounds, "waited": state.waited, "best_loss": state.best_loss}
        told = json.dumps({**facts, "curves": state.curves}).encode()
        arrays = {f"variable_{n}": array for n, array in enumerate(state.variables)}
        arrays |= {f"best_{n}": array for n, array in enumerate(state.best_weights)}
        with new_file(path, private=True, replace=True) as made, made.open("wb") as file:
            np.savez(file, told=np.frombuffer(told, np.uint8), **arrays)  # type: ignore[arg-type]

    def read(self) -> TrainingState | None:
        """What an earlier run left, None where there is none or it cannot be read: it is begun anew then."""
        if self.path is None or not self.path.is_file():
            return None
        try:
            with np.load(self.path, allow_pickle=False) as arrays:
                return _state(dict(arrays))
        except _FAULTS:
            return None


def _state(arrays: dict[str, NDArray[Any]]) -> TrainingState:
    told = json.loads(arrays.pop("told").tobytes())
    variables = [array for name, array in arrays.items() if name.startswith("variable_")]
    best = [array for name, array in arrays.items() if name.startswith("best_")]
    return TrainingState(**told, best_weights=best, variables=variables)


def remove_checkpoints(folder: Path) -> None:
    """Remove a folder of checkpoints, and nothing else that may be in it; raises OutputError."""
    if not folder.is_dir():
        return
    try:
        for file in folder.glob(f"{_PREFIX}*.npz"):
            file.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()
    except OSError as error:
        raise OutputError(f"{folder} cannot be removed ({error.strerror}): remove it by hand") from error

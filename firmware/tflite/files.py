"""Where a model's .tflite lies, and writing one."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Final

from zerotap.errors import ModelError, OutputError
from zerotap.writing import new_file

from .c_array import CArray
from .model_bytes import ModelFile, is_tflite

TFLITE_FILE: Final = "model.tflite"
"""The int8 model in a model's folder."""
SAVED_MODEL: Final = "saved_model.pb"
"""In a SavedModel's folder."""


def tflite_file(model: ModelFile) -> Path | CArray:
    """The .tflite or C source that ``model`` is, or the .tflite in the model folder ``model``.

    Raises ModelError where there is none.
    """
    path = Path(model)
    if path.is_dir():
        if not (path / TFLITE_FILE).is_file():
            given = "--samples X.npy --trust" if (path / SAVED_MODEL).is_file() else "--dataset DIR"
            command = f"zerotap quantise {shlex.quote(str(path))} {given}"
            raise ModelError(f"{path} has no {TFLITE_FILE}: make it with `{command}`")
        path = path / TFLITE_FILE
    elif not path.exists():
        raise ModelError(f"{path}: there is no such file; give a .tflite, C source or a model's folder")
    return CArray(path, model.name) if isinstance(model, CArray) else path


def write_tflite(content: bytes, out: str | Path, *, replace: bool = True) -> None:
    """Write a .tflite whole or not at all, with ``replace`` over an earlier one and nothing else.

    Raises OutputError where it cannot be written, or something else has the name.
    """
    if Path(out).exists() and not is_tflite_file(Path(out)):
        raise OutputError(f"{out} is taken by what is no .tflite to replace: choose another name")
    with new_file(out, replace=replace) as made:
        made.write_bytes(content)


def is_tflite_file(path: Path) -> bool:
    """Whether a file is a .tflite, by its first bytes."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return is_tflite(file.read(8))

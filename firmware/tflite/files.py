"""Where a model's .tflite lies, and writing one."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from zerotap.errors import ModelError, OutputError
from zerotap.writing import new_file

TFLITE_FILE: Final = "model.tflite"
"""The int8 model in a model's folder."""
_IDENTIFIER: Final = b"TFL3"


def tflite_file(model: str | Path) -> Path:
    """The .tflite that ``model`` is, or that lies in the model folder ``model``.

    Raises ModelError where there is none.
    """
    path = Path(model)
    if path.is_dir():
        if not (path / TFLITE_FILE).is_file():
            raise ModelError(
                f"{path} has no {TFLITE_FILE}: make it with `zerotap quantise {path} --dataset DIR`"
            )
        return path / TFLITE_FILE
    if not path.exists():
        raise ModelError(f"{path}: there is no such file; give a .tflite, or a model's folder")
    return path


def write_tflite(content: bytes, out: str | Path, *, replace: bool = True) -> None:
    """Write a .tflite whole or not at all, with ``replace`` over an earlier one and nothing else.

    Raises OutputError where it cannot be written, or something else has the name.
    """
    if Path(out).exists() and not _is_tflite(Path(out)):
        raise OutputError(f"{out} is taken by what is no .tflite to replace: choose another name")
    with new_file(out, replace=replace) as made:
        made.write_bytes(content)


def _is_tflite(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(8)[4:] == _IDENTIFIER

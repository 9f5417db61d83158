"""What to type after a command of capture, as far as it can be told."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.contents import is_stream

if TYPE_CHECKING:
    from zerotap.capture.datasets.dataset import Dataset


def after_recording(folder: Path, again: str) -> str:
    """Return the command that follows new recordings in the dataset ``folder``.

    A model wants two classes: until there are, ``again`` is run with another label.
    """
    from zerotap.capture.datasets.dataset import Dataset

    dataset = shlex.quote(str(folder))
    if len(Dataset.open(folder).classes) < 2:
        return f"zerotap {again} --label ANOTHER --dataset {dataset}"
    return f"zerotap info {dataset}"


def after_info(kind: str, path: Path) -> str:
    """Return the command that follows what `zerotap info` found: a capture, dataset, model or tflite."""
    name = "FILE" if is_stream(path) else shlex.quote(str(path))
    if kind == "dataset":
        return after_dataset(path)
    return {"capture": _after_capture, "model": _after_model}.get(kind, _analyse)(path, name)


def _after_capture(path: Path, name: str) -> str:
    """A recording of a dataset has labels to look at; any other capture wants to be in one."""
    if not is_stream(path) and (path.resolve().parent.parent / "zerotap.toml").is_file():
        return f"zerotap label {name}"
    return f"zerotap import {name} --label LABEL --dataset DIR"


def after_dataset(path: Path) -> str:
    """Return the command that follows a dataset, its model the one to try first (docs: Models)."""
    from zerotap.capture.datasets.dataset import Dataset

    dataset, name = Dataset.open(path), shlex.quote(str(path))
    if not dataset.classes:
        return f"zerotap record DEVICE --label LABEL --dataset {name}"
    return f"zerotap train --dataset {name} --model {_first_model(dataset)} --out MODEL"


def _first_model(dataset: Dataset) -> str:
    """Of a sensor a dense model takes statistics of windows, which few recordings train."""
    from zerotap.capture.boot_reports import BOOT_REPORT_BYTES, is_keyboard

    if dataset.manifest.sensors:
        return "dense"
    first = dataset.first()
    is_typed = first is not None and is_keyboard(first.reports(BOOT_REPORT_BYTES))
    return "linear" if is_typed else "conv"


def _after_model(path: Path, name: str) -> str:
    """What computes in integers is exported; a model of floats is quantised before."""
    from zerotap.features import find_integer_file

    if (path / "model.tflite").is_file() or find_integer_file(path):
        return f"zerotap export {name} --out LIBRARY --name NAME"
    return f"zerotap quantise {name} --dataset DIR"


def _analyse(_path: Path, name: str) -> str:
    return f"zerotap analyse {name}"


def after_convert(target: Path) -> str:
    """Return the command that reads the file ``target``."""
    name = shlex.quote(str(target))
    return f"edge-impulse-uploader {name}" if target.suffix.lower() == ".json" else f"zerotap info {name}"

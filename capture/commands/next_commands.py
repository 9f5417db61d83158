"""What to type after a command of capture, as far as it can be told."""

from __future__ import annotations

import shlex
from pathlib import Path


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
    name = shlex.quote(str(path))
    is_quantised = (path / "model.tflite").is_file()
    return {
        "capture": f"zerotap import {name} --label LABEL --dataset DIR",
        "dataset": f"zerotap train --dataset {name} --model conv --out MODEL",
        "model": f"zerotap export {name} --out LIBRARY --name NAME"
        if is_quantised
        else f"zerotap quantise {name} --dataset DIR",
        "tflite": f"zerotap analyse {name}",
    }[kind]


def after_convert(target: Path) -> str:
    """Return the command that reads the file ``target``."""
    name = shlex.quote(str(target))
    return f"edge-impulse-uploader {name}" if target.suffix.lower() == ".json" else f"zerotap info {name}"

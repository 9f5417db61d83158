"""The pipeline beside a model, in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE, Pipeline

if TYPE_CHECKING:
    from zerotap.firmware.tflite.model_bytes import ModelFile


def as_folder(model: ModelFile | bytes) -> Path:
    """The folder that a model is or lies in; raises ModelError for a .tflite's content."""
    if isinstance(model, bytes):
        raise ModelError("a model's content has no pipeline beside it: give its folder")
    path = Path(model)
    return path if path.is_dir() else path.parent


def read_pipeline(folder: str | Path) -> Pipeline:
    """The pipeline of a model's folder; raises ModelError where it has none, FeatureError for a wrong one."""
    path = Path(folder) / PIPELINE_FILE
    if not path.is_file():
        raise ModelError(f"{path} is missing: give the .tflite itself, or train the model again")
    return Pipeline.read(path, inside=True)

"""What SelfTest holds of a dataset's recordings, where whose they are agrees."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture import open_dataset
from zerotap.errors import ModelError
from zerotap.features import PIPELINE_FILE
from zerotap.firmware import Recorded, is_integer_file, model_file, read_pipeline
from zerotap.models import cut_windows, model_input, split_recordings
from zerotap.reporting import no_progress

if TYPE_CHECKING:
    from zerotap.capture import Dataset
    from zerotap.firmware import ModelFile


def recorded_vectors(model: ModelFile, dataset: Dataset | str | Path) -> Recorded:
    """Training windows of ``dataset``, cut by the pipeline in a model's folder, and one recording's items.

    Whoever gets a library with them can read them. Raises ModelError, FeatureError or CaptureError.
    """
    folder = Path(model)
    model_file(folder)
    if not (folder / PIPELINE_FILE).is_file():
        raise ModelError(f"{folder} has no pipeline to cut recordings with: give a model's folder")
    pipeline = read_pipeline(folder)
    opened = open_dataset(dataset)
    split = split_recordings(opened, no_progress)
    train, _ = cut_windows(split, pipeline, no_progress)
    windows = train.x if is_integer_file(folder) else model_input(train.x)
    pieces = pipeline.pieces(split.train[0][0])
    return Recorded(windows, pieces[0] if pieces else None, opened.path.name)

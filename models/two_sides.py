"""The two sides of a dataset: what a model learns from, and what it is tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.capture import GUARD_PACKETS
from zerotap.features import Pipeline, Windows
from zerotap.reporting import no_progress

if TYPE_CHECKING:
    from zerotap.capture import Dataset, Split
    from zerotap.reporting import Progress


def split_recordings(dataset: Dataset, on_progress: Progress) -> Split:
    """Read a dataset and divide its recordings by its rule; every model of one comparison shares the result.

    Raises CaptureError for a dataset that cannot be divided; where its labels alone tell, before
    ``on_progress(stage, 0, 0)`` is called.
    """
    entries = dataset.checked_entries()
    on_progress("reading recordings", 0, 0)
    return dataset.split(guard_reports=GUARD_PACKETS, entries=entries)


def split_windows(
    dataset: Dataset, pipeline: Pipeline, on_progress: Progress = no_progress
) -> tuple[Windows, Windows, str]:
    """Cut a dataset's two sides into windows: training, test, and a note that says how it was divided."""
    split = split_recordings(dataset, on_progress)
    return *cut_windows(split, pipeline, on_progress), split.note


def fitted_pipeline(pipeline: Pipeline, dataset: Dataset, on_progress: Progress = no_progress) -> Pipeline:
    """``pipeline`` with what it leaves out measured on the training side of ``dataset``."""
    if pipeline.is_fitted:
        return pipeline
    return pipeline.fitted(split_recordings(dataset, on_progress).train)


def cut_windows(split: Split, pipeline: Pipeline, on_progress: Progress) -> tuple[Windows, Windows]:
    """Cut both sides into windows, no group on both: training, test.

    Raises FeatureError for a channel that is constant in training, or a recording with nothing to cut.
    """
    on_progress(f"cutting windows of {pipeline.name}", 0, 0)
    pipeline.check(split.train)
    train = pipeline.transform(split.train)
    return train, pipeline.transform(split.test, first_group=len(split.train))

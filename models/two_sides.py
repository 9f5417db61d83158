"""The two sides of a dataset: what a model learns from, and what it is tested on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from zerotap.features import Pipeline, Windows, bags
from zerotap.reporting import no_progress

if TYPE_CHECKING:
    from zerotap.capture import Dataset, Split
    from zerotap.reporting import Progress

TEST_FRACTION = 0.2
GUARD_REPORTS = 96  # the longest window of any model: one split serves them all


def split_recordings(dataset: Dataset, on_progress: Progress) -> Split:
    """Read a dataset and divide its recordings; every model of one comparison shares the result.

    Raises CaptureError for a dataset that cannot be divided; where its labels alone tell, before
    ``on_progress(stage, 0, 0)`` is called.
    """
    entries = dataset.checked_entries()
    on_progress("reading recordings", 0, 0)
    return dataset.split(TEST_FRACTION, GUARD_REPORTS, entries)


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

    Of a pipeline that ends in ids a window is a recording's bag of them, see ``features.bags``. Raises
    FeatureError for a channel that is constant in training, or a recording with nothing to cut.
    """
    on_progress(f"cutting windows of {pipeline.name}", 0, 0)
    pipeline.check(split.train)
    train = pipeline.transform(split.train)
    test = pipeline.transform(split.test, first_group=len(split.train))
    return (bags(train), bags(test)) if pipeline.gives_ids else (train, test)


def no_windows(pipeline: Pipeline) -> Windows:
    """No window at all of what ``pipeline`` gives."""
    shape = (0, 0) if pipeline.gives_ids else (0, *pipeline.input_shape)
    return Windows(np.empty(shape), np.empty(0, np.int64), np.empty(0, np.int64))

"""The two sides of a dataset: what a model learns from, and what it is tested on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture import GUARD_PACKETS
from zerotap.features import Pipeline, Windows, as_boot_reports, bags
from zerotap.reporting import no_progress

if TYPE_CHECKING:
    from zerotap.capture import Dataset, Recording, Split
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
    return pipeline if pipeline.is_fitted else fitted_on(split_recordings(dataset, on_progress), pipeline)


def fitted_on(split: Split, pipeline: Pipeline) -> Pipeline:
    """``pipeline`` with what it leaves out measured on the training side."""
    return pipeline if pipeline.is_fitted else pipeline.fitted(_as_taken(split, pipeline).train)


def cut_windows(split: Split, pipeline: Pipeline, on_progress: Progress) -> tuple[Windows, Windows]:
    """Cut both sides into windows, no group on both: training, test.

    Of a pipeline that ends in ids a window is a recording's bag of them, see ``features.bags``. Raises
    FeatureError for a channel that is constant in training, or a recording with nothing to cut.
    """
    on_progress(f"cutting windows of {pipeline.name}", 0, 0)
    split = _as_taken(split, pipeline)
    train = _cut_training(split, pipeline)
    test = pipeline.transform(split.test, first_group=len(split.train))
    return train, bags(test) if pipeline.gives_ids else test


def cut_training(split: Split, pipeline: Pipeline, on_progress: Progress) -> Windows:
    """Cut the training side as ``cut_windows`` does; the other one is not looked at."""
    on_progress(f"cutting windows of {pipeline.name}", 0, 0)
    return _cut_training(_as_taken(replace(split, test=[]), pipeline), pipeline)


def training_recordings(split: Split, pipeline: Pipeline) -> list[Recording]:
    """The recordings to train on as ``pipeline`` takes them: of keyboards of any form their boot reports."""
    taken = _as_taken(replace(split, test=[]), pipeline)
    return [recording for recording, _ in taken.train]


def _cut_training(split: Split, pipeline: Pipeline) -> Windows:
    pipeline.check(split.train)
    train = pipeline.transform(split.train)
    return _with_kin(bags(train) if pipeline.gives_ids else train, split)


def _with_kin(train: Windows, split: Split) -> Windows:
    """Windows to train on that know which groups they are of, where the dataset has any."""
    if not split.train_groups:
        return train
    kin = np.unique(split.train_groups, return_inverse=True)[1]
    return replace(train, kin=kin[train.groups].astype(np.int64))


def _as_taken(split: Split, pipeline: Pipeline) -> Split:
    return with_boot_reports(split) if pipeline.takes_boot_reports else split


def with_boot_reports(split: Split) -> Split:
    """Both sides with the boot reports of keyboards of any form, which all show together."""
    labelled = [*split.train, *split.test]
    made = as_boot_reports([recording for recording, _ in labelled])
    both = [(recording, number) for recording, (_, number) in zip(made, labelled, strict=True)]
    trained = len(split.train)
    return replace(split, train=both[:trained], test=both[trained:])


def no_windows(pipeline: Pipeline) -> Windows:
    """No window at all of what ``pipeline`` gives."""
    shape = (0, 0) if pipeline.gives_ids else (0, *pipeline.input_shape)
    return Windows(np.empty(shape), np.empty(0, np.int64), np.empty(0, np.int64))

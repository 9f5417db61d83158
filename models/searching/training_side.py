"""What a search learns from: the training side of a dataset, its windows, and what tells it from another."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.errors import FeatureError
from zerotap.features import Windows
from zerotap.models.families.decoy_secret import secret_for
from zerotap.models.training.one_fit import Fitter
from zerotap.models.two_sides import cut_training

if TYPE_CHECKING:
    from zerotap.capture import Dataset, Recording, Split
    from zerotap.features import Pipeline
    from zerotap.models.families.family import Family
    from zerotap.reporting import Progress

_KEPT: Final = 12
"""Pipelines whose windows are kept."""


class TrainingSide:
    """The recordings to train on, without those to test on; windows are cut once a pipeline."""

    def __init__(self, dataset: Dataset, split: Split) -> None:
        self.dataset = dataset
        self.split = replace(split, test=[])
        self.classes: Sequence[str] = tuple(dataset.classes)
        self._cut: dict[str, Windows] = {}

    def windows(self, pipeline: Pipeline, on_progress: Progress) -> Windows:
        """Windows of the training recordings; those of the last pipelines are kept."""
        key = replace(pipeline, name="").to_toml()
        found = self._cut.pop(key, None)
        self._cut[key] = found if found is not None else cut_training(self.split, pipeline, on_progress)
        while len(self._cut) > _KEPT:
            del self._cut[next(iter(self._cut))]
        return self._cut[key]

    def fitter(self, spec: Family, on_progress: Progress) -> Fitter:
        """What fits a family on this side."""
        return Fitter(spec, tuple(self.classes), partial(secret_for, self.dataset), on_progress)

    def majority(self) -> float:
        """Macro-F1 of saying the most frequent class of everything."""
        counts = np.bincount([label for _, label in self.split.train], minlength=len(self.classes))
        most = int(counts.max())
        return float(2 * most / (most + counts.sum()) / (counts > 0).sum())

    def digest(self) -> str:
        """A hash of classes, of every recording's packets and class, and of how they were divided."""
        parts = sorted(_digest(recording, label) for recording, label in self.split.train)
        told = "\n".join([*self.classes, self.split.note, *parts])
        return hashlib.sha256(told.encode()).hexdigest()


def _digest(recording: Recording, label: int) -> str:
    said = hashlib.sha256(recording.lengths.astype("<i8").tobytes())
    said.update(recording.payload.tobytes())
    return f"{label} {said.hexdigest()}"


def drawn_windows(pipeline: Pipeline, count: int, seed: int) -> Windows:
    """Windows (count, ...) that no recording gave, over all that a pipeline can give."""
    rng, signal = np.random.default_rng(seed), pipeline.signals[-1]
    shape = (count, *signal.shape)
    limits = np.iinfo(signal.dtype)
    least, most = max(limits.min, -(1 << 15)), min(limits.max, (1 << 15) - 1)
    with suppress(FeatureError):
        least, most = 0, pipeline.buckets - 1
    x = rng.integers(least, most, shape, endpoint=True).astype(signal.dtype)
    return Windows(x, np.arange(count) % 2, np.arange(count))

"""Which model is trained: its name, the pipeline given or a sensor's, and what the dataset holds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError
from zerotap.features import Pipeline, is_of_sensor, sensor_pipeline
from zerotap.models.families.family import Family, ModelSpec
from zerotap.models.families.registry import model_spec, without_words

if TYPE_CHECKING:
    from zerotap.capture import Split

_SENSOR_STEPS: Final = 20
"""An epoch: a sensor gives few windows, two a second."""


def chosen_spec(model: str, pipeline: Pipeline | str | Path | None = None) -> Family:
    """Look a model up, with ``pipeline`` in its own's place; ModelError where there is none that fits.

    A name that stands for a model of words and for one of features is that of what the pipeline gives.
    """
    spec = model_spec(model)
    if pipeline is not None:
        pipeline = pipeline if isinstance(pipeline, Pipeline) else Pipeline.read(pipeline)
        spec = spec if pipeline.kind == "text" else without_words(spec)
        spec = dataclasses.replace(spec, pipeline=pipeline)
    spec.check()
    return spec


def suited(spec: Family, split: Split) -> Family:
    """``spec`` with the pipeline of a sensor where the recordings are of one, else as it is.

    Raises ModelError for a model of words on a sensor's samples.
    """
    if not holds_samples(split):
        return spec
    spec = without_words(spec)
    if spec.words:
        raise ModelError(
            f"model {spec.name} reads words that are typed, this dataset holds a sensor's samples: "
            "choose dense or conv"
        )
    pipeline = sensor_pipeline(spec.name, split.train, spec.statistics, *spec.least_shape[:1])
    if isinstance(spec, ModelSpec):
        spec = dataclasses.replace(spec, least_steps=_SENSOR_STEPS)
    return dataclasses.replace(spec, pipeline=pipeline)


def takes_samples(spec: Family) -> bool:
    """Whether a model can be trained on a sensor's dataset."""
    return not without_words(spec).words


def holds_samples(split: Split) -> bool:
    """Whether a dataset is of a sensor: its first training recording tells."""
    return bool(split.train) and is_of_sensor(split.train[0][0])

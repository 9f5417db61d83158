"""Which model is trained: its name, the pipeline given or a sensor's, and what the dataset holds."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError
from zerotap.features import HOP, WINDOW_S, Pipeline, is_of_sensor, sensor_pipeline
from zerotap.models.families.family import Family, ModelSpec
from zerotap.models.families.registry import model_spec, without_words
from zerotap.models.families.variants import chosen_variant

if TYPE_CHECKING:
    from zerotap.capture import Split

_SENSOR_STEPS: Final = 20
"""An epoch: a sensor gives few windows, two a second."""


def chosen_spec(
    model: str,
    pipeline: Pipeline | str | Path | None = None,
    preset: str | None = None,
    layers: tuple[int, ...] = (),
) -> Family:
    """Look a model up, in the size asked for, with ``pipeline`` in its own's place.

    Raises ModelError where there is no such model or size, or the pipeline does not fit it.

    A name that stands for a model of words and for one of features is that of what the pipeline gives.
    """
    spec = model_spec(model)
    if pipeline is not None:
        pipeline = pipeline if isinstance(pipeline, Pipeline) else Pipeline.read(pipeline)
        spec = spec if pipeline.kind == "text" else without_words(spec)
    spec = chosen_variant(spec, preset, layers)
    if pipeline is not None:
        spec = dataclasses.replace(spec, pipeline=pipeline)
    spec.check()
    return spec


def suited(spec: Family, split: Split, window_s: float = WINDOW_S, hop: float = HOP) -> Family:
    """``spec`` with the pipeline of a sensor where the recordings are of one, else as it is.

    Its windows are of about ``window_s``, a share ``hop`` of each new. Raises ModelError for a model of words
    on a sensor's samples.
    """
    if not holds_samples(split):
        return spec
    on_features = without_words(spec)
    if on_features is not spec and (spec.preset or spec.layers):
        chosen_variant(on_features, spec.preset or None, spec.layers)
    spec = on_features
    if not takes_samples(spec):
        raise ModelError(
            f"model {spec.name} reads what is typed, this dataset holds a sensor's samples: "
            "choose dense or conv"
        )
    least = spec.least_shape[0] if spec.least_shape else 1
    pipeline = sensor_pipeline(spec.name, split.train, spec.statistics, least, window_s=window_s, hop=hop)
    if isinstance(spec, ModelSpec):
        spec = dataclasses.replace(spec, least_steps=_SENSOR_STEPS)
    return dataclasses.replace(spec, pipeline=pipeline)


def takes_samples(spec: Family) -> bool:
    """Whether a model can be trained on a sensor's dataset."""
    spec = without_words(spec)
    return not (spec.words or (isinstance(spec, ModelSpec) and spec.keys))


def holds_samples(split: Split) -> bool:
    """Whether a dataset is of a sensor: its first training recording tells."""
    return bool(split.train) and is_of_sensor(split.train[0][0])

"""The models that can be trained, each with the pipeline that suits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import keras

from zerotap.errors import ModelError
from zerotap.features import Pipeline

from .raw import build_conv, build_dense
from .text import build_text


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's builder (pipeline, number of classes) -> keras.Model, and how it is trained."""

    build: Callable[[Pipeline, int], keras.Model]
    pipeline: Pipeline
    epochs: int
    batch: int
    learning_rate: float

    @property
    def path(self) -> str:
        """Return "raw" or "text"."""
        return self.pipeline.kind


MODELS = {
    # Six letters at a time: a dense layer cannot find a word that has moved, so every place is a window.
    "dense": ModelSpec(build_dense, Pipeline.raw("dense", length=12, hop=4), 30, 128, 8e-3),
    # A short message whole.
    "conv": ModelSpec(build_conv, Pipeline.raw("conv", length=96, hop=48), 40, 64, 8e-3),
    "text": ModelSpec(build_text, Pipeline.text("text", length=32, hop=32, buckets=4096), 40, 64, 5e-3),
}


def model_spec(name: str) -> ModelSpec:
    """Look a model up; an unknown name raises ModelError with the known ones."""
    if name not in MODELS:
        raise ModelError(f"model {name!r} is unknown: choose one of {', '.join(MODELS)}")
    return MODELS[name]

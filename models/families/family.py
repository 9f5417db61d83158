"""What a family of models provides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zerotap.features import Pipeline

if TYPE_CHECKING:
    import keras


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

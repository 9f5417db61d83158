"""What a family of models provides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from zerotap.errors import ModelError
from zerotap.features import Pipeline

if TYPE_CHECKING:
    import keras

LEAST_BATCH: Final = 8
LAYERS_MAX: Final = 8


@dataclass(frozen=True, slots=True)
class Preset:
    """A family in another size: ``about`` says in a line what it is."""

    about: str
    spec: ModelSpec


@dataclass(frozen=True, slots=True)
class Variants:
    """What a family can be besides its default.

    ``sized``(widths) gives it with layers of those widths, None where it takes none; ``layers`` says what
    they are, and how many there may be.
    """

    presets: Mapping[str, Preset] = field(default_factory=lambda: MappingProxyType({}))
    sized: Callable[[tuple[int, ...]], ModelSpec] | None = None
    layers: str = ""
    most: int = LAYERS_MAX


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's builder (pipeline, number of classes) -> keras.Model, and how it is trained.

    ``least_shape`` is the smallest input that ``build`` takes, dimension by dimension; () takes any.
    ``words``: its inputs are ids of words. ``statistics``: what it takes of a sensor's window in place of the
    samples; none, the samples. ``least_steps``: so many an epoch at least, by batches smaller than ``batch``.
    ``layers``: the widths that it is built with, of ``preset``, "" for none. ``family`` is what it is of, as
    the registry calls it. ``about``: its module's docstring; ``variants``: what else it can be.
    """

    name: str
    build: Callable[[Pipeline, int], keras.Model]
    pipeline: Pipeline
    epochs: int
    batch: int
    learning_rate: float
    least_shape: tuple[int, ...] = ()
    words: bool = False
    statistics: tuple[str, ...] = ()
    least_steps: int = 1
    layers: tuple[int, ...] = ()
    preset: str = ""
    family: str = ""
    about: str = ""
    variants: Variants = field(default_factory=Variants)

    @property
    def kind(self) -> str:
        """Return "raw" or "text"."""
        return self.pipeline.kind

    def batch_of(self, windows: int) -> int:
        """How many of so many training windows make a step."""
        return max(LEAST_BATCH, min(self.batch, windows // self.least_steps))

    def check(self) -> None:
        """Raise ModelError or FeatureError where the pipeline gives what ``build`` does not take.

        One that is not fitted yet tells when it is.
        """
        if not self.pipeline.is_fitted:
            return
        if self.words:
            self.pipeline.buckets  # noqa: B018  (raises where there are no ids)
        shape, least = self.pipeline.input_shape, self.least_shape
        fits = len(shape) == len(least) and all(size >= few for size, few in zip(shape, least, strict=True))
        if least and not fits:
            raise ModelError(
                f"model {self.name} takes no windows of shape {shape}, but of {least} or more: "
                "choose longer windows, or another model"
            )

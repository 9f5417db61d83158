"""What a family of models provides: a network that Keras trains, or a fit that gives a model at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from zerotap.errors import ModelError
from zerotap.features import IntegerModel, Pipeline, Windows
from zerotap.models.label_targets import Labels
from zerotap.reporting import Progress, no_progress

from .space import Ask, Value

if TYPE_CHECKING:
    import keras
    import numpy as np
    from numpy.typing import NDArray

LEAST_BATCH: Final = 8
WEIGHT_BITS: Final = (8, 6, 5, 4)
"""That a search gives a network's weights."""
LAYERS_MAX: Final = 8
RUN_STEPS: Final = 400
"""Of a training where a family does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A family in another size: ``about`` says in a line what it is."""

    about: str
    spec: Family


@dataclass(frozen=True, slots=True)
class Space:
    """What a search draws of a family.

    ``size(ask)`` gives it in some size; ``pipeline(ask)`` is what stands in front of it on the data that its
    own pipeline is for: windows of a sensor are drawn by the search itself, for every family alike.
    ``starts``: what the family is as it is, "default", and in each preset, as answers. ``weight_bits``: which
    a network can have, none where ``size`` asks for them, or there is no choice.
    What one asks may depend on what another answer was.
    """

    size: Callable[[Ask], Family]
    pipeline: Callable[[Ask], Pipeline]
    starts: Mapping[str, Mapping[str, Value]]
    weight_bits: tuple[int, ...] = WEIGHT_BITS


@dataclass(frozen=True, slots=True)
class Variants:
    """What a family can be besides its default.

    ``sized`` (widths) gives it with layers of those widths, None where it takes none; ``layers`` says what
    they are, and how many there may be. ``space``: what a search draws, None where it draws nothing.
    """

    presets: Mapping[str, Preset] = field(default_factory=lambda: MappingProxyType({}))
    sized: Callable[[tuple[int, ...]], Family] | None = None
    layers: str = ""
    most: int = LAYERS_MAX
    space: Space | None = None


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model's builder (pipeline, number of classes) -> keras.Model, and how it is trained.

    ``least_shape`` is the smallest input that ``build`` takes, dimension by dimension; () takes any.
    ``words``: its inputs are ids of words, ``keys``: of keys. ``statistics``: what it takes of a sensor's
    window in place of the samples; none, the samples. ``least_steps``: so many an epoch at least, by smaller
    batches than ``batch``; ``run_steps``: so many in all at least, by several passes over the windows,
    however few these are, and ``most_steps`` at most, however many; None for as many as its epochs have.
    ``layers``: the widths that it is built with, of ``preset``, "" for none.
    ``family`` is what it is of, as the registry calls it. ``about``: its module's docstring; ``variants``:
    what else it can be.
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
    run_steps: int = RUN_STEPS
    most_steps: int | None = None
    keys: bool = False

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
        if not self.pipeline.input_shape:
            raise ModelError(
                f"model {self.name} takes windows, and pipeline {self.pipeline.name!r} gives single items: "
                "end it with windows, or with pad_ids"
            )
        if self.words or self.keys:
            self.pipeline.buckets  # noqa: B018  (raises where there are no ids)
        _check_shape(self)


@dataclass(frozen=True, slots=True, eq=False)
class FitSettings:
    """What a fit is told besides its windows, classes and seed.

    ``class_weights`` float64 (classes,): what a window of each class weighs. ``secret``: what decoys of words
    that were not typed are drawn by, see ``families.decoys``; it is the dataset's and stays out of the model.
    ``buckets``: ids are 1 to so many, 0 where there are no ids. ``labels``: None where there is an output a
    class, of which the greatest is meant; else outputs are as many as ``labels`` has, each with a threshold.
    """

    class_weights: NDArray[np.float64]
    secret: bytes
    buckets: int = 0
    on_progress: Progress = no_progress
    labels: Labels | None = None


Fit: TypeAlias = "Callable[[Windows, int, int, FitSettings], IntegerModel | keras.Model]"
Blank: TypeAlias = "Callable[[Pipeline, int], IntegerModel | keras.Model]"
Validated: TypeAlias = "Callable[[Windows, int, int, FitSettings], tuple[IntegerModel, NDArray[np.float64]]]"


@dataclass(frozen=True, slots=True)
class FittedSpec:
    """A model that is fitted at once: ``fit`` (training windows, number of classes, seed, settings) gives it.

    With ``words`` its windows are bags of ids, see ``features.bags``: the pipeline ends in ids, int32 ().
    Without, they are what the pipeline gives, integers of any shape. ``least_shape`` and what follows as of
    a ModelSpec. A fit that gives a Keras model goes by model.keras and its int8 .tflite as trained ones do.
    ``seeds_hash``: a training's seed is its pipeline's hash seed too, see ``of_seed``.
    ``blank`` (pipeline, number of classes) gives a model of the shape that any fit has, None where the shape
    depends on the windows. ``validated``: as ``fit``, and outputs (n, classes) of the training windows, each
    by models that did not learn from it; None where they are to be had by fitting again alone.
    """

    name: str
    fit: Fit
    pipeline: Pipeline
    least_shape: tuple[int, ...] = ()
    words: bool = False
    statistics: tuple[str, ...] = ()
    layers: tuple[int, ...] = ()
    preset: str = ""
    family: str = ""
    about: str = ""
    variants: Variants = field(default_factory=Variants)
    seeds_hash: bool = False
    blank: Blank | None = None
    validated: Validated | None = None

    @property
    def kind(self) -> str:
        """Return "raw" or "text"."""
        return self.pipeline.kind

    def of_seed(self, seed: int) -> FittedSpec:
        """Itself as a training by ``seed`` has it: with other buckets where the seed is the hash's."""
        return replace(self, pipeline=self.pipeline.hashed_by(seed)) if self.seeds_hash else self

    def check(self) -> None:
        """Raise ModelError where the pipeline, once it is fitted, gives what ``fit`` does not take."""
        if not self.pipeline.is_fitted:
            return
        if self.words != self.pipeline.gives_ids:
            wanted = (
                "ids: end it with typed_words or typed_grams"
                if self.words
                else "features: end it with windows of them"
            )
            raise ModelError(f"model {self.name} takes of pipeline {self.pipeline.name!r} {wanted}")
        _check_shape(self)


Family: TypeAlias = ModelSpec | FittedSpec


def _check_shape(spec: Family) -> None:
    shape, least = spec.pipeline.input_shape, spec.least_shape
    fits = len(shape) == len(least) and all(size >= few for size, few in zip(shape, least, strict=True))
    if least and not fits:
        raise ModelError(
            f"model {spec.name} takes no windows of shape {shape}, but of {least} or more: "
            "choose longer windows, or another model"
        )

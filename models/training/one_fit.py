"""One fit of a family on windows, whatever the family is: trained by steps, or fitted at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

from zerotap.features import IntegerModel, Windows
from zerotap.models.families.decoy_secret import has_tables
from zerotap.models.families.family import Family, FitSettings, FittedSpec, ModelSpec
from zerotap.models.heads import Head, LabelsHead
from zerotap.models.scaling import model_input
from zerotap.reporting import LOADING

from .batches import Examples
from .class_weights import BALANCED, NONE, labels_to_fit, weights_by_class
from .fitting import Sides, fit, seeded_model, without_optimiser
from .validation import validation_mask

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from zerotap.reporting import Progress

    from .settings import TrainingSettings

FitNetwork: TypeAlias = "keras.Model | IntegerModel"


class Secret(Protocol):
    """What gives the secret that decoys are drawn by; the dataset's where it ``is_needed``."""

    def __call__(self, *, is_needed: bool) -> bytes:
        """Give it, of any length."""


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A network in this process, the rounds that it took, and the losses of each by name."""

    network: FitNetwork
    rounds: int = 0
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def meaning(self) -> str:
        """What its outputs are: "logits", or what an integer model says of its scores."""
        return self.network.meaning if isinstance(self.network, IntegerModel) else "logits"


@dataclass(frozen=True, slots=True, eq=False)
class Fitter:
    """What fits one family again and again: on all training windows, on those of a fold, by several seeds.

    ``classes``: their names, in the order of the windows' labels. ``spec`` has a fitted pipeline.
    """

    spec: Family
    classes: tuple[str, ...]
    secret: Secret
    on_progress: Progress

    def fit(self, windows: Windows, settings: TrainingSettings) -> Fit:
        """Fit the family on ``windows``; raises ModelError for settings that it cannot use."""
        settings.check_for(self.spec)
        settings.augmentation.check(self.spec.name, windows)
        if isinstance(self.spec, FittedSpec):
            return Fit(self._at_once(self.spec, windows, settings))
        return self._by_steps(self.spec, windows, settings)

    def of_seed(self, seed: int) -> Fitter:
        """Itself for a training by ``seed``, whose pipeline may be another."""
        return replace(self, spec=self.spec.of_seed(seed)) if isinstance(self.spec, FittedSpec) else self

    def head_of(self, settings: TrainingSettings) -> Head:
        """What the outputs mean."""
        return settings.head.of(self.classes)

    def _at_once(self, spec: FittedSpec, windows: Windows, settings: TrainingSettings) -> FitNetwork:
        self.on_progress(f"fitting {spec.name}", 0, 0)
        head, balanced = self.head_of(settings), settings.class_weight == BALANCED
        weights = self._class_weights(windows.y, settings)
        labels = labels_to_fit(head, windows.y, weights, balanced) if head.has_thresholds else None
        buckets = spec.pipeline.buckets - 1 if spec.words else 0
        told = FitSettings(weights, self.secret(is_needed=spec.words), buckets, self.on_progress, labels)
        return spec.fit(windows, len(self.classes), settings.seed, told)

    def _class_weights(self, y: NDArray[np.int64], settings: TrainingSettings) -> NDArray[np.float64]:
        """What each class weighs; where labels are balanced each of them is, not the classes."""
        balanced = settings.class_weight == BALANCED
        of_labels = balanced and self.head_of(settings).kind == LabelsHead.kind
        return weights_by_class(y, self.classes, NONE if of_labels else settings.class_weight)

    def _by_steps(self, spec: ModelSpec, windows: Windows, settings: TrainingSettings) -> Fit:
        held_out = validation_mask(windows, settings.seed)
        head, balanced = self.head_of(settings), settings.class_weight == BALANCED
        weights = self._class_weights(windows.y[~held_out], settings)
        targets = head.targets(windows.y)
        examples = Examples(model_input(windows.x), targets, weights[windows.y].astype(np.float32))
        sides = Sides(examples.only(~held_out), examples.only(held_out))
        self.on_progress(LOADING, 0, 0)
        loss = head.loss(windows.y[~held_out], balanced)
        model = seeded_model(spec, len(head.labels), settings.seed)
        secret = self.secret(is_needed=has_tables(model))
        state = fit(model, spec, sides, settings, secret, loss, self.on_progress)
        return Fit(without_optimiser(model), state.rounds, state.curves)

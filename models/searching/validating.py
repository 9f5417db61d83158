"""One configuration from its plan to its score: what does not fit is not trained, what is beaten but once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from zerotap.features import IntegerModel, Windows
from zerotap.models.evaluation.readings import Reading
from zerotap.models.evaluation.scoring import score
from zerotap.models.families.family import Family, FitSettings, FittedSpec, ModelSpec
from zerotap.models.training.class_weights import weights_by_class
from zerotap.models.training.fitting import seeded_model
from zerotap.models.training.folds import subset
from zerotap.models.training.one_fit import Fit
from zerotap.models.training.settings import TrainingSettings
from zerotap.models.training.validation import validation_mask

from .limits import PlannedCosts, SearchLimits
from .training_side import TrainingSide, drawn_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.models.training.one_fit import FitNetwork, Fitter
    from zerotap.reporting import Progress

    from .configurations import Configuration

ROUNDS: Final = 3
"""Seeds that a configuration is trained by, each with other recordings held out."""
_BLANKS: Final = 32


class BoardModel(Protocol):
    """A model as the board computes it: an int8 network or an integer model."""

    @property
    def content(self) -> bytes:
        """The int8 .tflite, b"" of an integer model."""

    def outputs(self, x: NDArray[Any]) -> NDArray[np.floating[Any]]:
        """Real scores (n, classes) of a pipeline's windows, from the board's bits."""

    def planned(self, pipeline: Pipeline) -> PlannedCosts:
        """What it takes behind a pipeline, by the plan: a little less than when it is linked."""

    def costs(self, pipeline: Pipeline) -> PlannedCosts:
        """What it takes behind a pipeline, linked, where the plan is not far beyond the limits already."""


class Board(Protocol):
    """What makes models the board's: the firmware, which this room does not know."""

    def model(self, network: FitNetwork, windows: Windows, weight_bits: int) -> BoardModel:
        """Quantise a network by ``windows``; take an integer model as it is."""


class DoesNotFit(Exception):  # noqa: N818  (it is an answer, no fault)
    """The plan says that it is more than the limits allow."""

    def __init__(self, costs: PlannedCosts) -> None:
        super().__init__("does not fit")
        self.costs = costs


class Beaten(Exception):  # noqa: N818
    """Another is better by far and no dearer."""

    def __init__(self, costs: PlannedCosts, score: float) -> None:
        super().__init__("beaten")
        self.costs, self.score = costs, score


@dataclass(frozen=True, slots=True, eq=False)
class Validated:
    """A configuration's model, fitted to the training side, and what it comes to.

    ``score``: macro-F1 by recording on recordings that the model, or its likes, did not learn from, computed
    as the board does; ``each`` of the rounds that it is the mean of.
    """

    spec: Family
    fit: Fit
    model: BoardModel
    pipeline: Pipeline
    windows: Windows
    seed: int
    costs: PlannedCosts
    score: float
    each: tuple[float, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Validator:
    """What validates configurations on one training side, for one board, within limits.

    ``is_beaten(costs, score)`` says whether going on with it is no use.
    """

    side: TrainingSide
    board: Board
    limits: SearchLimits
    seed: int
    is_beaten: Callable[[PlannedCosts, float], bool]
    on_progress: Progress

    def validate(self, chosen: Configuration) -> Validated:
        """Plan, train and score; raises DoesNotFit or Beaten, and what training raises."""
        fitter = self.side.fitter(chosen.spec, self.on_progress).of_seed(self.seed)
        self._check_blank(fitter, chosen.weight_bits)
        windows = self.side.windows(fitter.spec.pipeline, self.on_progress)
        settings = TrainingSettings(self.seed)
        if isinstance(fitter.spec, FittedSpec) and fitter.spec.validated and windows.kin is None:
            done = self._by_its_folds(fitter, fitter.spec, windows, settings)
            if done is not None:
                return done
        return self._by_rounds(fitter, windows, settings, chosen.weight_bits)

    def _check_blank(self, fitter: Fitter, weight_bits: int) -> None:
        """Raise DoesNotFit where its shape alone says so."""
        network = _blank(fitter, self.seed)
        if network is None:
            return
        pipeline = fitter.spec.pipeline
        self.on_progress(f"planning {fitter.spec.name}", 0, 0)
        drawn = Windows(np.empty((0, 0)), np.empty(0, np.int64), np.empty(0, np.int64))
        if not isinstance(network, IntegerModel):
            drawn = drawn_windows(pipeline, _BLANKS, self.seed)
        self._check(self.board.model(network, drawn, weight_bits).costs(pipeline))

    def _check(self, costs: PlannedCosts) -> PlannedCosts:
        if not self.limits.fit(costs):
            raise DoesNotFit(costs)
        return costs

    def _by_its_folds(
        self, fitter: Fitter, spec: FittedSpec, windows: Windows, settings: TrainingSettings
    ) -> Validated | None:
        """By the folds that its fit made anyhow; None where there are too few recordings for any."""
        assert spec.validated is not None
        weights = weights_by_class(windows.y, fitter.classes, settings.class_weight)
        buckets = spec.pipeline.buckets - 1 if spec.words else 0
        told = FitSettings(weights, fitter.secret(is_needed=spec.words), buckets, fitter.on_progress)
        network, outputs = spec.validated(windows, len(fitter.classes), settings.seed, told)
        if len(outputs) != len(windows):
            return None
        model = self.board.model(network, windows, network_bits(network))
        found = _score(outputs, windows, fitter, Fit(network))
        costs = self._check(model.costs(spec.pipeline))
        fit, seed = Fit(network), settings.seed
        return Validated(spec, fit, model, spec.pipeline, windows, seed, costs, found, (found,))

    def _by_rounds(
        self, fitter: Fitter, windows: Windows, settings: TrainingSettings, weight_bits: int
    ) -> Validated:
        """By several seeds, each with other recordings held out; the median's model is kept."""
        made: list[Validated] = []
        for number in range(ROUNDS):
            one = replace(settings, seed=settings.seed + number)
            made.append(self._one_round(fitter, windows, one, weight_bits))
            scores = tuple(each.score for each in made)
            mean = float(np.mean(scores))
            if self.is_beaten(made[-1].costs, mean):
                raise Beaten(made[-1].costs, mean)
        kept = sorted(made, key=lambda each: (each.score, -each.seed))[(ROUNDS - 1) // 2]
        kept = self._on_everything(kept, fitter, windows, weight_bits)
        return replace(kept, score=mean, each=scores)

    def _one_round(
        self, fitter: Fitter, windows: Windows, settings: TrainingSettings, weight_bits: int
    ) -> Validated:
        held_out = validation_mask(windows, settings.seed)
        learnt = subset(windows, ~held_out) if isinstance(fitter.spec, FittedSpec) else windows
        fit = fitter.fit(learnt, settings)  # a network holds them out itself
        model = self.board.model(fit.network, learnt, weight_bits)
        costs = self._check(model.planned(fitter.spec.pipeline))
        held = subset(windows, held_out)
        found = _score(model.outputs(held.x), held, fitter, fit)
        spec, seed = fitter.spec, settings.seed
        return Validated(spec, fit, model, spec.pipeline, windows, seed, costs, found, (found,))

    def _on_everything(
        self, kept: Validated, fitter: Fitter, windows: Windows, weight_bits: int
    ) -> Validated:
        """What is fitted at once is fitted to all recordings in the end, as `zerotap train` does."""
        if not isinstance(fitter.spec, FittedSpec):
            return replace(kept, costs=self._check(kept.model.costs(kept.pipeline)))
        fit = fitter.fit(windows, TrainingSettings(kept.seed))
        model = self.board.model(fit.network, windows, weight_bits)
        return replace(kept, fit=fit, model=model, costs=self._check(model.costs(kept.pipeline)))


def network_bits(network: object) -> int:
    """Bits of an integer model's weights, 8 where it does not say."""
    return int(getattr(network, "weight_bits", 8))


def _score(outputs: NDArray[Any], windows: Windows, fitter: Fitter, fit: Fit) -> float:
    reading = Reading.by_greatest(fitter.classes, fit.meaning)
    return score(outputs, windows, reading).macro_f1


def _blank(fitter: Fitter, seed: int) -> FitNetwork | None:
    """An untrained model of the shape that a trained one has; None where the shape is not known before."""
    spec, classes = fitter.spec, len(fitter.classes)
    if isinstance(spec, ModelSpec):
        return seeded_model(spec, classes, seed)
    return None if spec.blank is None else spec.blank(spec.pipeline, classes)

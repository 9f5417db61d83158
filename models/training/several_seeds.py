"""Several seeds: how much of a score is luck, and a model that is neither the luckiest nor the unluckiest."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import ModelError
from zerotap.models.evaluation.readings import Reading
from zerotap.models.evaluation.scores import Scores
from zerotap.models.evaluation.scoring import score
from zerotap.models.families.family import FittedSpec
from zerotap.models.networks import network_outputs
from zerotap.models.seeds import SEED_MAX

from .folds import subset
from .validation import validation_mask

if TYPE_CHECKING:
    from zerotap.features import Pipeline, Windows
    from zerotap.models.heads import Head

    from .one_fit import Fit, Fitter
    from .settings import TrainingSettings


@dataclass(frozen=True, slots=True, eq=False)
class Seeded:
    """A fit by one seed, its macro-F1 on the recordings that validate, and its scores on those that test.

    ``pipeline`` is what it was fitted behind, and ``sides`` are the training and the test windows of it.
    """

    seed: int
    pipeline: Pipeline
    sides: tuple[Windows, Windows]
    fit: Fit
    validation: float
    test: Scores


def fit_seeds(
    fitter: Fitter,
    cut: Callable[[Pipeline], tuple[Windows, Windows]],
    settings: TrainingSettings,
    count: int,
    thresholds: tuple[float, ...] = (),
    *,
    validates: bool = False,
) -> list[Seeded]:
    """Fit by ``count`` seeds from the settings' on; ``cut`` gives a pipeline's training and test windows,
    ``thresholds`` are of the head. Of one seed the validation is not a number, unless ``validates``.

    Raises ModelError for no seed, or one above SEED_MAX.
    """
    if count < 1 or settings.seed + count - 1 > SEED_MAX:
        raise ModelError(f"{count} seeds from {settings.seed} on are none to train by: give 1 or more")
    made = []
    for number in range(count):
        one = dataclasses.replace(settings, seed=settings.seed + number)
        if count > 1:
            fitter.on_progress(f"seed {one.seed}", number, count)
        mine = fitter.of_seed(one.seed)
        sides = cut(mine.spec.pipeline)
        fit = mine.fit(sides[0], one)
        reading = reading_of_fit(mine.head_of(one), thresholds, fit)
        is_asked = count > 1 or validates
        validation = _validation(mine, fit, sides[0], one, reading) if is_asked else float("nan")
        outputs = network_outputs(fit.network, sides[1].x)
        test = score(outputs, sides[1], reading)
        made.append(Seeded(one.seed, mine.spec.pipeline, sides, fit, validation, test))
    return made


def median(seeded: Sequence[Seeded]) -> Seeded:
    """The one in the middle by validation, of two the worse; by equal scores the first seed's."""
    ordered = sorted(seeded, key=lambda one: (one.validation, -one.seed))
    return ordered[(len(ordered) - 1) // 2]


def seeds_report(seeded: Sequence[Seeded], kept: Seeded) -> dict[str, Any]:
    """What metrics.json says of several seeds: the mean and the worst on the test side, and each."""
    test = [one.test.macro_f1 for one in seeded]
    return {
        "kept": kept.seed,
        "macro_f1_mean": float(np.mean(test)),
        "macro_f1_worst": min(test),
        "each": [
            {
                "seed": one.seed,
                "validation_macro_f1": one.validation,
                "macro_f1": one.test.macro_f1,
                "accuracy": one.test.accuracy,
            }
            for one in seeded
        ],
    }


def reading_of_fit(head: Head, thresholds: tuple[float, ...], fit: Fit) -> Reading:
    """How the outputs of a network are read, those of an integer model times their scale."""
    return Reading(head, thresholds, fit.meaning)


def _validation(
    fitter: Fitter, fit: Fit, windows: Windows, settings: TrainingSettings, reading: Reading
) -> float:
    """Macro-F1 on the recordings that validate.

    What is fitted at once has learnt from them, so it is fitted once more, without.
    """
    held_out = validation_mask(windows, settings.seed)
    if isinstance(fitter.spec, FittedSpec):
        fit = fitter.fit(subset(windows, ~held_out), settings)
    outputs = network_outputs(fit.network, windows.x[held_out])
    return score(outputs, subset(windows, held_out), reading).macro_f1

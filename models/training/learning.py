"""Learning curves: what a family would score, had it learnt from fewer recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.models.evaluation.readings import Reading
from zerotap.models.evaluation.scoring import score
from zerotap.models.networks import network_outputs
from zerotap.reporting import no_progress

from .folds import subset
from .several_seeds import reading_of_fit
from .train_models import Cut, fitter_on

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Dataset, Split
    from zerotap.features import Windows
    from zerotap.models.families.family import Family
    from zerotap.reporting import Progress

    from .one_fit import Fitter
    from .settings import TrainingSettings

FEWEST: Final = 2
"""Recordings of a class: one that is learnt from and one that says when to stop."""


@dataclass(frozen=True, slots=True)
class LearningScore:
    """Macro-F1 on the test recordings, 0 to 1, in floats, of a model that learnt from ``recordings``."""

    recordings: int
    macro_f1: float


def learning_scores(
    split: Split,
    dataset: Dataset,
    spec: Family,
    settings: TrainingSettings,
    cut: Cut,
    shares: Sequence[float],
    on_progress: Progress = no_progress,
) -> list[LearningScore]:
    """Train ``spec`` on each of ``shares`` (above 0, below 1) of every class's training recordings.

    A smaller share's recordings are among a larger one's; the seed draws them. Ranges that the pipeline has
    measured are those of the whole training side. A share that leaves a class less than FEWEST recordings is
    left out. ``cut`` gives the windows of ``split``.
    """
    fitter = fitter_on(split, dataset, spec, on_progress).of_seed(settings.seed)
    train, test = cut(fitter.spec.pipeline)
    scores = []
    for share in shares:
        drawn = draw_share(train, share, settings.seed)
        if drawn is not None:
            scores.append(LearningScore(*_learn(fitter, settings, subset(train, drawn), test)))
    return scores


def draw_share(windows: Windows, share: float, seed: int) -> NDArray[np.bool_] | None:
    """The windows of a share of each class's recordings, bool (n,); None where a class has too few."""
    rng = np.random.default_rng(seed)
    chosen = np.zeros(len(windows), np.bool_)
    for label in np.unique(windows.y):
        mine = windows.y == label
        groups = rng.permutation(np.unique(windows.groups[mine]))
        count = round(share * len(groups))
        if count < FEWEST:
            return None
        chosen |= mine & np.isin(windows.groups, groups[:count])
    return chosen


def _learn(fitter: Fitter, settings: TrainingSettings, train: Windows, test: Windows) -> tuple[int, float]:
    fit = fitter.fit(train, settings)
    reading: Reading = reading_of_fit(fitter.head_of(settings), (), fit)
    scores = score(network_outputs(fit.network, test.x), test, reading)
    return len(np.unique(train.groups)), scores.macro_f1

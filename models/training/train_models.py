"""From a dataset to a trained model: split, cut, fitted, and what is known of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from zerotap.capture import Dataset, open_dataset
from zerotap.features import IntegerModel, Pipeline, Windows, parameter_count
from zerotap.models.evaluation.readings import Reading
from zerotap.models.evaluation.scores import Scores
from zerotap.models.evaluation.scoring import by_recording
from zerotap.models.families.decoy_secret import secret_for
from zerotap.models.families.family import Family
from zerotap.models.heads import ClassesHead, HeadChoice
from zerotap.models.trained import CURVES_FILE, METRICS_FILE, Facts, Trained
from zerotap.models.two_sides import cut_windows, fitted_on, split_recordings
from zerotap.reporting import no_progress

from .augmentation import Augmentation
from .choosing import chosen_spec, suited
from .class_weights import BALANCED, ClassWeight
from .folds import out_of_fold
from .one_fit import FitNetwork, Fitter
from .settings import TrainingSettings
from .several_seeds import Seeded, fit_seeds, median, seeds_report

if TYPE_CHECKING:
    from zerotap.capture import Split
    from zerotap.reporting import Progress

Cut: TypeAlias = "Callable[[Pipeline], tuple[Windows, Windows]]"
"""What gives a pipeline's training and test windows."""
THRESHOLD_FOLDS: Final = 4
"""That fit the thresholds of a head where no number of folds is asked for."""


def train(
    dataset: Dataset | str | Path,
    model: str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    steps: int | None = None,
    class_weight: ClassWeight = BALANCED,
    augment: Augmentation | str = "",
    seeds: int = 1,
    folds: int = 0,
    pipeline: Pipeline | str | Path | None = None,
    preset: str | None = None,
    layers: Sequence[int] = (),
    head: str = ClassesHead.kind,
    positive: str | None = None,
    checkpoints: str | Path | None = None,
    on_progress: Progress = no_progress,
) -> Trained:
    """Train a registered model on a dataset's training recordings, and score it on its test recordings.

    ``dataset``: itself or its folder. The same ``seed``, 0 to SEED_MAX, on the same data gives the same
    weights. The rows of words that were not typed are drawn by a secret that stays in the dataset's folder,
    so that the table does not say which words were typed, nor do two models of one dataset; where the folder
    takes no secret, by randomness that is kept nowhere, with a warning. The model comes without its
    optimiser, whose state would say so too.

    ``pipeline`` is itself or its TOML, the model's own default where None: of a sensor's dataset windows of
    about a second, see ``features.sensor_pipeline``. What a pipeline leaves out is measured on the training
    recordings.

    ``model`` is a name of the registry, or the path of a Python file with build(pipeline, outputs) ->
    keras.Model, whose code runs as yours. ``preset`` or ``layers``: the family in another size, see `zerotap
    models`. ``head``: "classes", "binary" (one logit, of the class ``positive``, the second where None) or
    "labels" (classes are labels joined by "+", as toxic+insult, or none); the thresholds of the latter two
    are fitted out of fold, by ``folds`` or 4.

    How long: ``epochs`` or ``steps`` at most, else the model's own, which is at least as many steps as its
    family needs, however few the windows are; the learning rate falls along a cosine, and it ends early where
    recordings that are held out gain nothing more. ``class_weight``: "balanced", "none", or what some classes
    weigh by name. ``augment``: "jitter=.3,scale=.1,warp=.1", see ``Augmentation``; of raw windows alone.

    ``seeds``: train by so many, from ``seed`` on, and keep the median by the recordings that are held out.
    ``folds``: cross-validate within the training recordings before; 0 does not. What came of both, and of the
    test, is in the model's ``records``. ``checkpoints``: a folder in which a training that is killed leaves
    what it needs; the same call goes on from there, to the same weights.

    ``on_progress(stage, done, total)``, where a stage "training conv: ..." has a total of epochs. Raises
    ModelError for an unknown name, a number out of range or a pipeline that the model cannot take,
    CaptureError for a dataset that cannot be split: before TensorFlow is loaded.
    """
    augmentation = Augmentation.read(augment) if isinstance(augment, str) else augment
    folder = None if checkpoints is None else Path(checkpoints)
    choice = HeadChoice(head, positive)
    settings = TrainingSettings(seed, epochs, steps, class_weight, augmentation, folder, choice)
    spec = chosen_spec(model, pipeline, preset, tuple(layers))
    settings.check_for(spec)
    opened = open_dataset(dataset)
    split = split_recordings(opened, on_progress)
    spec = suited(spec, split) if pipeline is None else spec
    return train_on(split, opened, spec, settings, seeds=seeds, folds=folds, on_progress=on_progress)


def train_on(
    split: Split,
    dataset: Dataset,
    spec: Family,
    settings: TrainingSettings,
    *,
    seeds: int = 1,
    folds: int = 0,
    validates: bool = False,
    cut: Cut | None = None,
    on_progress: Progress = no_progress,
) -> Trained:
    """Train ``spec`` on a ``split`` of ``dataset``, as ``train`` does.

    ``validates``: what it scores on recordings that are held out is in the records of one seed too. ``cut``
    gives the windows of ``split`` where they are known already.
    """
    if cut is None:
        # The last cut is kept: only seeds that are hash seeds need more than one.
        cut = lru_cache(1)(partial(cut_windows, split, on_progress=on_progress))
    fitter = fitter_on(split, dataset, spec, on_progress)
    spec = fitter.spec
    head = fitter.head_of(settings)
    thresholds: tuple[float, ...] = ()
    report: dict[str, Any] = {}
    if folds or head.has_thresholds:
        mine = fitter.of_seed(settings.seed)
        found = out_of_fold(mine, cut(mine.spec.pipeline)[0], settings, folds or THRESHOLD_FOLDS)
        recordings = by_recording(found.outputs, found.windows)
        reading = Reading(head, (), found.meaning).fitted(recordings.x, recordings.y)
        thresholds = reading.thresholds
        report["folds"] = _folds_report(found.scores(reading))
    made = fit_seeds(fitter, cut, settings, seeds, thresholds, validates=validates)
    kept = median(made)
    if seeds > 1 or validates:
        report["seeds"] = seeds_report(made, kept)
    facts = _facts(kept, spec, Reading(head, thresholds), dataset, split.note)
    records = {METRICS_FILE: {"test": kept.test.to_json(), **report}}
    if kept.fit.curves:
        records[CURVES_FILE] = {name: list(values) for name, values in kept.fit.curves.items()}
    return Trained(facts, kept.fit.network, kept.pipeline, *kept.sides, records=records)


def fitter_on(split: Split, dataset: Dataset, spec: Family, on_progress: Progress = no_progress) -> Fitter:
    """What fits ``spec``, with what its pipeline leaves out measured on the training side of ``split``."""
    spec = dataclasses.replace(spec, pipeline=fitted_on(split, spec.pipeline))
    spec.check()
    return Fitter(spec, tuple(dataset.classes), partial(secret_for, dataset), on_progress)


def _facts(kept: Seeded, spec: Family, reading: Reading, dataset: Dataset, note: str) -> Facts:
    network = kept.fit.network
    return Facts(
        spec.name,
        tuple(dataset.classes),
        dataset.synthetic,
        kept.seed,
        kept.fit.rounds,
        _parameters(network),
        note,
        family=spec.family or spec.name,
        head=reading.head.kind,
        labels=reading.head.labels if reading.head.has_thresholds else (),
        thresholds=reading.thresholds,
        scores=kept.fit.meaning,
        preset=spec.preset,
        layers=spec.layers,
    )


def _folds_report(scores: list[Scores]) -> dict[str, Any]:
    """What metrics.json says of folds: mean and worst, and each."""
    shares = [one.macro_f1 for one in scores]
    return {
        "macro_f1_mean": float(np.mean(shares)),
        "macro_f1_worst": min(shares),
        "each": [one.to_json() for one in scores],
    }


def _parameters(network: FitNetwork) -> int:
    return parameter_count(network) if isinstance(network, IntegerModel) else int(network.count_params())

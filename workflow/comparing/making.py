"""A model that is compared, as it is made: trained or loaded, its folder written, its float side measured."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zerotap import foreign
from zerotap.features import IntegerModel
from zerotap.firmware import QUANTISING, TFLITE_FILE, write_tflite
from zerotap.models import (
    CURVES_FILE,
    METRICS_FILE,
    CurvePoint,
    Family,
    LearningPoint,
    Scores,
    SeedScores,
    Trained,
    TrainingSettings,
    evaluate,
    learning_scores,
    load_trained,
    read_records,
    train_on,
)

from .content_keys import folder_hashes

if TYPE_CHECKING:
    from zerotap.reporting import Progress

    from .entrants import Entrant
    from .task import Asked, Sides


@dataclass(frozen=True, slots=True, eq=False)
class Made:
    """A model in ``folder``, as the board takes it, with what is known of it before the board is asked.

    ``floats`` are its scores in floats, None of a model of integers. ``seeds``: what each training scored, ()
    where that is not known.
    """

    folder: Path
    trained: Trained
    floats: Scores | None
    seeds: tuple[SeedScores, ...]
    curves: tuple[CurvePoint, ...]
    learning: tuple[LearningPoint, ...]


def make(
    entrant: Entrant, sides: Sides, asked: Asked, folder: Path, checkpoints: Path, on_progress: Progress
) -> Made:
    """Train an entrant, or load it, and write it into the new ``folder``, quantised where it needs it.

    Raises what training, loading and quantising raise.
    """
    if entrant.spec is None:
        return _loaded(entrant, sides, asked, folder, on_progress)
    settings = TrainingSettings(asked.seed, checkpoints=checkpoints)
    spec = entrant.spec
    trained = train_on(
        sides.split,
        sides.dataset,
        spec,
        settings,
        seeds=asked.seeds,
        validates=True,
        cut=sides.cut,
        on_progress=on_progress,
    )
    trained.save(folder)
    floats = evaluate(trained)
    learning = _learning(spec, sides, asked, on_progress) if asked.shares else ()
    _quantise(trained, folder, asked, on_progress)
    return _made(folder, trained, floats, trained.records, learning)


def _learning(spec: Family, sides: Sides, asked: Asked, on_progress: Progress) -> tuple[LearningPoint, ...]:
    settings = TrainingSettings(asked.seed)
    found = learning_scores(
        sides.split, sides.dataset, spec, settings, sides.cut, asked.shares, on_progress=on_progress
    )
    return tuple(LearningPoint(one.recordings, one.macro_f1) for one in found)


def _loaded(entrant: Entrant, sides: Sides, asked: Asked, folder: Path, on_progress: Progress) -> Made:
    """A copy of a model's folder: its model.tflite is taken as it is, where there is one."""
    source = entrant.folder or folder
    folder.mkdir(parents=True)
    for name in folder_hashes(source):
        shutil.copyfile(source / name, folder / name)
    trained = load_trained(source, sides.dataset, on_progress=on_progress)
    floats = evaluate(trained, isolation=asked.options.isolation)
    if not (folder / TFLITE_FILE).is_file():
        _quantise(trained, folder, asked, on_progress)
    return _made(folder, trained, floats, read_records(folder), ())


def _quantise(trained: Trained, folder: Path, asked: Asked, on_progress: Progress) -> None:
    if isinstance(trained.network, IntegerModel):
        return
    on_progress(QUANTISING, 0, 0)
    write_tflite(foreign.quantise_trained(trained, isolation=asked.options.isolation), folder / TFLITE_FILE)


def _made(
    folder: Path,
    trained: Trained,
    floats: Scores,
    records: Mapping[str, Any],
    learning: tuple[LearningPoint, ...],
) -> Made:
    is_integer = isinstance(trained.network, IntegerModel)
    if learning:
        learning = (*learning, LearningPoint(_trained_on(trained), floats.macro_f1))
    seeds = _seeds(records.get(METRICS_FILE, {}), trained, floats)
    curves = _curves(records.get(CURVES_FILE, {}))
    return Made(folder, trained, None if is_integer else floats, seeds, curves, learning)


def _trained_on(trained: Trained) -> int:
    return len(set(trained.train.groups.tolist()))


def _seeds(metrics: Mapping[str, Any], trained: Trained, floats: Scores) -> tuple[SeedScores, ...]:
    """What each training scored, by metrics.json; the kept one alone where that does not say."""
    kept = trained.facts.seed
    try:
        seeds = tuple(map(_seed, metrics["seeds"]["each"]))
    except (KeyError, TypeError, ValueError):
        seeds = ()
    if kept in [one.seed for one in seeds]:
        return seeds
    return (SeedScores(kept, None, floats.macro_f1, floats.accuracy, "float"),)


def _seed(one: Mapping[str, Any]) -> SeedScores:
    validation = float(one["validation_macro_f1"])
    macro_f1, accuracy = float(one["macro_f1"]), float(one["accuracy"])
    return SeedScores(
        int(one["seed"]), None if isnan(validation) else validation, macro_f1, accuracy, "float"
    )


def _curves(record: Mapping[str, Any]) -> tuple[CurvePoint, ...]:
    """Losses by epoch, of curves.json; () of a model that was fitted at once, or where it does not say."""
    try:
        pairs = zip(record["loss"], record["val_loss"], strict=True)
        points = [
            CurvePoint(epoch, float(loss), float(held_out)) for epoch, (loss, held_out) in enumerate(pairs, 1)
        ]
    except (KeyError, TypeError, ValueError):
        return ()
    return tuple(points) if all(isfinite(one.loss) for one in points) else ()

"""From a dataset to a trained model: split, cut, fitted, and what is known of it."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from zerotap.capture import Dataset, open_dataset
from zerotap.errors import ModelError
from zerotap.features import IntegerModel, Pipeline, Windows, parameter_count
from zerotap.models.families.family import Family, FitSettings, FittedSpec, ModelSpec
from zerotap.models.scaling import model_input
from zerotap.models.seeds import check_seed
from zerotap.models.trained import Facts, Trained
from zerotap.models.two_sides import cut_windows, split_recordings
from zerotap.reporting import LOADING, no_progress

from .choosing import chosen_spec, suited
from .class_weights import weights_by_class
from .decoy_secret import has_tables, secret_for
from .fitting import fit, seeded_model, without_optimiser
from .validation import validation_mask

if TYPE_CHECKING:
    import keras

    from zerotap.capture import Split
    from zerotap.reporting import Progress


def train(
    dataset: Dataset | str | Path,
    model: str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    pipeline: Pipeline | str | Path | None = None,
    on_progress: Progress = no_progress,
) -> Trained:
    """Train a registered model on a dataset's training recordings.

    ``dataset``: itself or its folder. The same ``seed``, 0 to SEED_MAX, on the same data gives the same
    weights. The rows of words that were not typed are drawn by a secret that stays in the dataset's folder,
    so that the table does not say which words were typed, nor do two models of one dataset; where the folder
    takes no secret, by randomness that is kept nowhere, with a warning. The model comes without its
    optimiser, whose state would say so too.

    ``epochs`` is at most how many, and ``pipeline`` which (itself or its TOML), the model's own default where
    None: of a sensor's dataset windows of about a second, see ``features.sensor_pipeline``. What a pipeline
    leaves out is measured on the training recordings. Classes weigh the same however many windows they have.
    ``on_progress(stage, done, total)``, where a stage "training conv: ..." has a total of epochs. Raises
    ModelError for an unknown name, a number out of range or a pipeline that the model cannot take,
    CaptureError for a dataset that cannot be split: before TensorFlow is loaded.
    """
    check_seed(seed)
    spec = chosen_spec(model, pipeline)
    if epochs is not None and epochs < 1:
        raise ModelError(f"{epochs} epochs train nothing: give 1 or more, or none for the model's own")
    opened = open_dataset(dataset)
    split = split_recordings(opened, on_progress)
    spec = suited(spec, split) if pipeline is None else spec
    return train_on(split, opened, spec, seed=seed, epochs=epochs, on_progress=on_progress)


def train_on(
    split: Split,
    dataset: Dataset,
    spec: Family,
    *,
    seed: int = 0,
    epochs: int | None = None,
    on_progress: Progress = no_progress,
) -> Trained:
    """Train ``spec`` on a ``split`` of ``dataset``, as ``train`` does."""
    spec = spec.of_seed(seed) if isinstance(spec, FittedSpec) else spec
    spec = dataclasses.replace(spec, pipeline=spec.pipeline.fitted(split.train))
    spec.check()
    train_windows, test_windows = cut_windows(split, spec.pipeline, on_progress)
    if isinstance(spec, FittedSpec):
        network, done = _fitted(spec, train_windows, dataset, seed, on_progress), 0
    else:
        network, done = _trained(spec, train_windows, dataset, seed, epochs, on_progress)
    facts = Facts(
        spec.name,
        tuple(dataset.classes),
        dataset.synthetic,
        seed,
        done,
        _parameters(network),
        split.note,
        family=spec.family or spec.name,
        scores=network.meaning if isinstance(network, IntegerModel) else "logits",
    )
    return Trained(facts, network, spec.pipeline, train_windows, test_windows)


def _fitted(
    spec: FittedSpec, windows: Windows, dataset: Dataset, seed: int, on_progress: Progress
) -> keras.Model | IntegerModel:
    on_progress(f"fitting {spec.name}", 0, 0)
    classes = len(dataset.classes)
    weights = weights_by_class(windows.y, classes)
    buckets = spec.pipeline.buckets - 1 if spec.words else 0
    settings = FitSettings(weights, secret_for(dataset, is_needed=spec.words), buckets, on_progress)
    return spec.fit(windows, classes, seed, settings)


def _trained(
    spec: ModelSpec,
    windows: Windows,
    dataset: Dataset,
    seed: int,
    epochs: int | None,
    on_progress: Progress,
) -> tuple[keras.Model, int]:
    """The network, and how many epochs it took."""
    held_out = validation_mask(windows, seed)
    examples = (model_input(windows.x), windows.y, held_out)
    on_progress(LOADING, 0, 0)
    model = seeded_model(spec, len(dataset.classes), seed)
    secret = secret_for(dataset, is_needed=has_tables(model))
    done = fit(model, examples, spec, epochs or spec.epochs, secret, on_progress)
    return without_optimiser(model), done


def _parameters(network: keras.Model | IntegerModel) -> int:
    return parameter_count(network) if isinstance(network, IntegerModel) else int(network.count_params())

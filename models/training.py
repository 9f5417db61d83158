"""Training: seeded, with early stopping on recordings that are neither trained nor tested on."""

from __future__ import annotations

import dataclasses
import logging
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from zerotap.capture import Dataset, open_dataset
from zerotap.errors import ModelError, OutputError
from zerotap.features import Pipeline, Windows, is_of_sensor, sensor_pipeline
from zerotap.reporting import LOADING, no_progress

from .families.family import ModelSpec
from .families.registry import model_spec
from .scaling import model_input
from .seeds import check_seed
from .trained import Facts, Trained
from .two_sides import cut_windows, split_recordings

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from zerotap.capture import Split
    from zerotap.reporting import Progress

VALIDATION_FRACTION = 0.15
_PATIENCE_EPOCHS = 12
_SECRET_BYTES = 32
_SENSOR_STEPS = 20
"""An epoch: a sensor gives few windows, two a second."""

_log = logging.getLogger(__name__)


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


def chosen_spec(model: str, pipeline: Pipeline | str | Path | None = None) -> ModelSpec:
    """Look a model up, with ``pipeline`` in its own's place; ModelError where there is none that fits."""
    spec = model_spec(model)
    if pipeline is not None:
        pipeline = pipeline if isinstance(pipeline, Pipeline) else Pipeline.read(pipeline)
        spec = dataclasses.replace(spec, pipeline=pipeline)
    spec.check()
    return spec


def suited(spec: ModelSpec, split: Split) -> ModelSpec:
    """``spec`` with the pipeline of a sensor where the recordings are of one, else as it is.

    Raises ModelError for a model of words on a sensor's samples.
    """
    if not holds_samples(split):
        return spec
    if spec.words:
        raise ModelError(
            f"model {spec.name} reads words that are typed, this dataset holds a sensor's samples: "
            "choose dense or conv"
        )
    pipeline = sensor_pipeline(spec.name, split.train, spec.statistics, *spec.least_shape[:1])
    return dataclasses.replace(spec, pipeline=pipeline, least_steps=_SENSOR_STEPS)


def holds_samples(split: Split) -> bool:
    """Whether a dataset is of a sensor: its first training recording tells."""
    return bool(split.train) and is_of_sensor(split.train[0][0])


def train_on(
    split: Split,
    dataset: Dataset,
    spec: ModelSpec,
    *,
    seed: int = 0,
    epochs: int | None = None,
    on_progress: Progress = no_progress,
) -> Trained:
    """Train ``spec`` on a ``split`` of ``dataset``, as ``train`` does."""
    spec = dataclasses.replace(spec, pipeline=spec.pipeline.fitted(split.train))
    spec.check()
    train_windows, test_windows = cut_windows(split, spec.pipeline, on_progress)
    held_out = validation_mask(train_windows, seed)
    x = model_input(train_windows.x)
    on_progress(LOADING, 0, 0)
    model = _seeded_model(spec, len(dataset.classes), seed)
    secret = secret_for(model, dataset)
    done = fit(model, (x, train_windows.y, held_out), spec, epochs or spec.epochs, secret, on_progress)
    model = _without_optimiser(model)
    facts = Facts(
        spec.name,
        tuple(dataset.classes),
        dataset.synthetic,
        seed,
        done,
        int(model.count_params()),
        split.note,
    )
    return Trained(facts, model, spec.pipeline, train_windows, test_windows)


def _seeded_model(spec: ModelSpec, classes: int, seed: int) -> keras.Model:
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    return spec.build(spec.pipeline, classes)


def secret_for(model: keras.Model, dataset: Dataset) -> bytes:
    """Return what decoys are drawn by: the dataset's secret where ``model`` has a table of words.

    Where the dataset's folder takes none it is drawn for this once, and a warning says so.
    """
    from .families.decoys import tables_of

    if tables_of(model):
        try:
            return dataset.secret()
        except OutputError as error:
            _log.warning(
                "%s; as the dataset cannot keep a secret, words that were not typed are hidden anew in every "
                "model: give only one model of this dataset away",
                error,
            )
    return secrets.token_bytes(_SECRET_BYTES)


def fit(
    model: keras.Model,
    examples: tuple[NDArray[np.generic], NDArray[np.int64], NDArray[np.bool_]],
    spec: ModelSpec,
    epochs: int,
    secret: bytes,
    on_progress: Progress = no_progress,
) -> int:
    """Fit ``model`` and give it its best epoch's weights; returns how many epochs were run.

    ``examples`` are the model's inputs, the class of each, and which of them only say when to stop. Tables of
    words get decoys, drawn by ``secret``, for the words that were not among them, see ``families.decoys``.
    """
    import keras

    from .families.decoys import hide_unseen_words, level_tables

    x, y, held_out = examples
    starts = level_tables(model)
    model.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(spec.learning_rate, _steps(held_out, spec, epochs))
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    history = model.fit(
        x[~held_out],
        y[~held_out],
        batch_size=spec.batch_of(int((~held_out).sum())),
        epochs=epochs,
        validation_data=(x[held_out], y[held_out]),
        class_weight=class_weight(y[~held_out]),
        callbacks=_callbacks(spec.name, epochs, on_progress),
        verbose=0,
    )
    hide_unseen_words(model, starts, secret)
    return len(history.history["loss"])


def _without_optimiser(model: keras.Model) -> keras.Model:
    """The same model, never compiled: the optimiser's moments of a row are zero where nothing was typed."""
    bare: keras.Model = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare


def validation_mask(windows: Windows, seed: int) -> NDArray[np.bool_]:
    """Choose the windows to stop early by: bool (n,), some whole recordings of every class.

    A class with a single recording gives its last windows. These may share packets with training windows;
    the test set never does. Raises ModelError where no class has two windows.
    """
    rng = np.random.default_rng(seed)
    mask = np.zeros(len(windows), np.bool_)
    for label in np.unique(windows.y):
        of_class = np.flatnonzero(windows.y == label)
        groups = np.unique(windows.groups[of_class])
        if len(groups) > 1:
            count = max(1, round(len(groups) * VALIDATION_FRACTION))
            chosen = rng.choice(groups, count, replace=False)
            mask[of_class] = np.isin(windows.groups[of_class], chosen)
        elif len(of_class) > 1:
            mask[of_class[-max(1, round(len(of_class) * VALIDATION_FRACTION)) :]] = True
    if not mask.any():
        raise ModelError("there is one training window a class, too few to stop training by: record more")
    return mask


def _steps(held_out: NDArray[np.bool_], spec: ModelSpec, epochs: int) -> int:
    windows = int((~held_out).sum())
    return epochs * -(-windows // spec.batch_of(windows))


def class_weight(y: NDArray[np.int64]) -> dict[int, float]:
    """Weigh the classes of labels int (n,) so that each counts the same in all, 1 on average."""
    from sklearn.utils.class_weight import compute_class_weight

    classes = np.unique(y)
    weights = compute_class_weight("balanced", classes=classes, y=y)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


def _callbacks(name: str, epochs: int, on_progress: Progress) -> list[keras.callbacks.Callback]:
    import keras

    def tell(epoch: int, logs: dict[str, float]) -> None:
        state = f"epoch {epoch + 1} of {epochs}, loss {logs['loss']:.2f}"
        on_progress(f"training {name}: {state}", epoch + 1, epochs)

    return [
        keras.callbacks.EarlyStopping(patience=_PATIENCE_EPOCHS, restore_best_weights=True),
        keras.callbacks.LambdaCallback(on_epoch_end=tell),
    ]

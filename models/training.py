"""Training: seeded, with early stopping on recordings that are neither trained nor tested on."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

import keras
import numpy as np
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

from zerotap.errors import ModelError
from zerotap.features import Pipeline, Windows

from .families.family import ModelSpec
from .families.registry import model_spec
from .trained import Facts, Trained, model_input, split_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.capture import Dataset

VALIDATION_FRACTION = 0.15
_PATIENCE_EPOCHS = 12

Progress = Callable[[int, int], None]


def train(
    dataset: Dataset,
    model_name: str,
    *,
    seed: int = 0,
    epochs: int | None = None,
    pipeline: Pipeline | None = None,
    on_progress: Progress | None = None,
) -> Trained:
    """Train a registered model on a dataset's training recordings.

    The same seed on the same data gives the same weights. ``epochs`` is at most how many, and ``pipeline``
    which, the model's own default where None. Classes weigh the same however many windows they have.
    ``on_progress(done, epochs)`` is called after every epoch. Raises ModelError for an unknown name or a
    pipeline that the model cannot take, CaptureError for a dataset that cannot be split.
    """
    spec = model_spec(model_name)
    if pipeline is not None:
        spec = dataclasses.replace(spec, pipeline=pipeline)
    train_windows, test_windows, note = split_windows(dataset, spec.pipeline)
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    model = _build(spec, model_name, len(dataset.classes))
    epochs = epochs or spec.epochs
    done = fit(model, train_windows, spec, seed, epochs, on_progress)
    facts = Facts(
        model_name, tuple(dataset.classes), dataset.synthetic, seed, done, int(model.count_params()), note
    )
    return Trained(facts, model, spec.pipeline, train_windows, test_windows)


def _build(spec: ModelSpec, name: str, classes: int) -> keras.Model:
    try:
        return spec.build(spec.pipeline, classes)
    except (ValueError, IndexError) as error:
        raise ModelError(
            f"model {name} takes no windows of shape {spec.pipeline.input_shape} "
            f"({str(error).splitlines()[0]}): choose longer windows, or another model"
        ) from error


def fit(
    model: keras.Model,
    windows: Windows,
    spec: ModelSpec,
    seed: int,
    epochs: int,
    on_progress: Progress | None = None,
) -> int:
    """Fit ``model`` and give it its best epoch's weights; returns how many epochs were run."""
    held_out = validation_mask(windows, seed)
    x, y = model_input(windows.x), windows.y
    model.compile(
        keras.optimizers.Adam(
            keras.optimizers.schedules.CosineDecay(spec.learning_rate, _steps(held_out, spec, epochs))
        ),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    history = model.fit(
        x[~held_out],
        y[~held_out],
        batch_size=spec.batch,
        epochs=epochs,
        validation_data=(x[held_out], y[held_out]),
        class_weight=class_weight(y[~held_out]),
        callbacks=_callbacks(epochs, on_progress),
        verbose=0,
    )
    return len(history.history["loss"])


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
    return epochs * -(-int((~held_out).sum()) // spec.batch)


def class_weight(y: NDArray[np.int64]) -> dict[int, float]:
    """Weigh the classes of labels int (n,) so that each counts the same in all, 1 on average."""
    classes = np.unique(y)
    weights = compute_class_weight("balanced", classes=classes, y=y)
    return dict(zip(classes.tolist(), weights.tolist(), strict=True))


def _callbacks(epochs: int, on_progress: Progress | None) -> list[keras.callbacks.Callback]:
    callbacks: list[keras.callbacks.Callback] = [
        keras.callbacks.EarlyStopping(patience=_PATIENCE_EPOCHS, restore_best_weights=True)
    ]
    if on_progress is not None:
        callbacks.append(
            keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, _: on_progress(epoch + 1, epochs))
        )
    return callbacks

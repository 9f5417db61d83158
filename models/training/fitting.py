"""Fitting a Keras model: seeded, its best epoch kept, without a trace of what was not among the examples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.reporting import no_progress

from .class_weights import weights_by_class

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray

    from zerotap.models.families.family import ModelSpec
    from zerotap.reporting import Progress

_PATIENCE_EPOCHS: Final = 12


def seeded_model(spec: ModelSpec, classes: int, seed: int) -> keras.Model:
    """Build ``spec``'s model for so many classes; from here on Keras and TensorFlow draw by ``seed``."""
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    return spec.build(spec.pipeline, classes)


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

    from zerotap.models.families.decoys import hide_unseen_words, level_tables

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
        class_weight=dict(enumerate(weights_by_class(y[~held_out], model.output.shape[-1]).tolist())),
        callbacks=_callbacks(spec.name, epochs, on_progress),
        verbose=0,
    )
    hide_unseen_words(model, starts, secret)
    return len(history.history["loss"])


def without_optimiser(model: keras.Model) -> keras.Model:
    """The same model, never compiled: the optimiser's moments of a row are zero where nothing was typed."""
    bare: keras.Model = type(model).from_config(model.get_config())
    bare.set_weights(model.get_weights())
    return bare


def _steps(held_out: NDArray[np.bool_], spec: ModelSpec, epochs: int) -> int:
    windows = int((~held_out).sum())
    return epochs * -(-windows // spec.batch_of(windows))


def _callbacks(name: str, epochs: int, on_progress: Progress) -> list[keras.callbacks.Callback]:
    import keras

    def tell(epoch: int, logs: dict[str, float]) -> None:
        state = f"epoch {epoch + 1} of {epochs}, loss {logs['loss']:.2f}"
        on_progress(f"training {name}: {state}", epoch + 1, epochs)

    return [
        keras.callbacks.EarlyStopping(patience=_PATIENCE_EPOCHS, restore_best_weights=True),
        keras.callbacks.LambdaCallback(on_epoch_end=tell),
    ]

"""Dense layers on one flattened window of report bytes (byte / 255); the board runs FULLY_CONNECTED only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features import Pipeline

from .family import ModelSpec
from .normalisation import normalised_relu

if TYPE_CHECKING:
    import keras


def build(pipeline: Pipeline, classes: int) -> keras.Model:
    """Two hidden layers, 64 and 32; float32 (time, channels), 0 to 1, in, logits float32 (classes,) out."""
    import keras
    from keras import layers

    window = keras.Input(pipeline.input_shape, name="window")
    x = normalised_relu(layers.Dense(64, use_bias=False)(layers.Flatten()(window)))
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(window, layers.Dense(classes)(x), name="dense")


# Six letters at a time: a dense layer cannot find a word that has moved, so every place is a window. Nor does
# it find a movement that began a little later: of a sensor's window it takes what the samples came to.
SPEC: ModelSpec = ModelSpec(
    "dense",
    build,
    Pipeline.raw("dense", length=12, hop=4),
    epochs=30,
    batch=128,
    learning_rate=8e-3,
    statistics=("mean", "deviation", "min", "max", "mean_crossings"),
)

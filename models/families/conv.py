"""Convolutions over time on windows of report bytes (byte / 255)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features import Pipeline

from .family import ModelSpec
from .normalisation import normalised_relu

if TYPE_CHECKING:
    import keras

_DROPOUT = 0.2


def build(pipeline: Pipeline, classes: int) -> keras.Model:
    """Two convolutions, each filter's strongest response; float32 (time, channels) in, logits (classes,) out.

    The windows must have at least 19 reports. Pooling by the maximum finds a word wherever it was typed;
    the mean would drown it.
    """
    import keras
    from keras import layers

    window = keras.Input(pipeline.input_shape, name="window")
    x = normalised_relu(layers.Conv1D(32, 4, use_bias=False)(window))
    x = normalised_relu(layers.Conv1D(48, 8, use_bias=False)(layers.MaxPooling1D(2)(x)))
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(window, layers.Dense(classes)(layers.Dropout(_DROPOUT)(x)), name="conv")


# A short message whole.
SPEC: ModelSpec = ModelSpec(
    "conv",
    build,
    Pipeline.raw("conv", length=96, hop=48),
    epochs=40,
    batch=64,
    learning_rate=8e-3,
    least_shape=(19, 1),
)

"""Models of the raw path: they see windows of report bytes as byte / 255, float32 (time, channels).

Batch normalisation gives small bytes a fair start in training; conversion folds it into the weights, so the
board runs FULLY_CONNECTED, CONV_2D and MAX_POOL_2D only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras
from keras import layers

if TYPE_CHECKING:
    from zerotap.features import Pipeline

_DROPOUT = 0.2


def build_dense(pipeline: Pipeline, classes: int) -> keras.Model:
    """Two hidden layers, 64 and 32, on one flattened window; outputs logits float32 (classes,)."""
    window = keras.Input(pipeline.input_shape, name="window")
    x = _normalised_relu(layers.Dense(64, use_bias=False)(layers.Flatten()(window)))
    x = layers.Dense(32, activation="relu")(x)
    return keras.Model(window, layers.Dense(classes)(x), name="dense")


def build_conv(pipeline: Pipeline, classes: int) -> keras.Model:
    """Two convolutions over time, each filter's strongest response; outputs logits float32 (classes,).

    The windows must have at least 19 reports. Pooling by the maximum finds a word wherever it was typed;
    the mean would drown it.
    """
    window = keras.Input(pipeline.input_shape, name="window")
    x = _normalised_relu(layers.Conv1D(32, 4, use_bias=False)(window))
    x = _normalised_relu(layers.Conv1D(48, 8, use_bias=False)(layers.MaxPooling1D(2)(x)))
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(window, layers.Dense(classes)(layers.Dropout(_DROPOUT)(x)), name="conv")


def _normalised_relu(x: keras.KerasTensor) -> keras.KerasTensor:
    # Bytes of key codes vary by some hundredths of the input's range: the usual epsilon would swallow that.
    return layers.ReLU()(layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x))

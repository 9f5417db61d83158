"""The model of the text that packets spell: a bag of hashed words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from zerotap.features import Pipeline

from .family import ModelSpec

if TYPE_CHECKING:
    import keras

_WIDTH = 8
_DROPOUT = 0.3


def build(pipeline: Pipeline, classes: int) -> keras.Model:
    """Mean of the words' rows, one hidden layer of 16; ids int32 (ids,) in, logits float32 (classes,) out."""
    import keras
    from keras import layers

    from .hashed_embedding import HashedEmbedding

    ids = keras.Input(pipeline.input_shape, dtype="int32", name="ids")
    rows = layers.Dropout(_DROPOUT)(HashedEmbedding(pipeline.buckets, _WIDTH)(ids))
    hidden = layers.Dense(16, activation="relu")(layers.GlobalAveragePooling1D()(rows))
    return keras.Model(ids, layers.Dense(classes)(layers.Dropout(_DROPOUT)(hidden)), name="text")


SPEC: ModelSpec = ModelSpec(
    "text",
    build,
    Pipeline.text("text", length=32, hop=32, buckets=4096),
    epochs=40,
    batch=64,
    learning_rate=5e-3,
    words=True,
)

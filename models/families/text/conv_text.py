"""Convolutions over the words of a text: short phrases, wherever they stand.

Kim: Convolutional neural networks for sentence classification (arXiv:1408.5882), of one filter length. It
tells "not good" from "good", which a bag cannot.

Shape: ids of words -> rows of 16 values of a table -> Conv1D of 3 words, ReLU -> maximum over the text ->
Dense.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 87,900 B, 1,970 B, 161,000
- small: 24,200 B, 1,900 B, 56,400
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from zerotap.features import Pipeline
from zerotap.models.families.family import ModelSpec, Preset, Space, Variants
from zerotap.models.families.space import Ask, as_widths, as_windows, drawn_widths, drawn_windows

if TYPE_CHECKING:
    import keras

_WIDTH: Final = 16
_WORDS: Final = 3  # that a filter sees
_DROPOUT: Final = 0.3
_MOST: Final = 2
_BUCKETS: Final = (512, 1024, 2048, 4096, 8192)


def build(pipeline: Pipeline, outputs: int, filters: tuple[int, ...]) -> keras.Model:
    """Convolutions of so many ``filters``; ids int32 (ids,) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    from zerotap.models.families.hashed_embedding import HashedEmbedding

    ids = keras.Input(pipeline.input_shape, dtype="int32", name="ids")
    x = layers.Dropout(_DROPOUT)(HashedEmbedding(pipeline.buckets, _WIDTH)(ids))
    for count in filters:
        x = layers.Conv1D(count, _WORDS, activation="relu")(x)
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(ids, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="conv-text")


def sized(filters: tuple[int, ...]) -> ModelSpec:
    """Convolutions of so many ``filters``."""
    return ModelSpec(
        "conv-text",
        partial(build, filters=filters),
        Pipeline.text("conv-text", length=32, hop=32, buckets=4096),
        epochs=30,
        batch=64,
        learning_rate=3e-3,
        least_shape=(1 + len(filters) * (_WORDS - 1),),
        words=True,
        layers=filters,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 64))


def _windows(ask: Ask) -> Pipeline:
    length, hop = drawn_windows(ask, (16, 32, 64))
    return Pipeline.text(
        "conv-text", length, hop, buckets=ask.among("buckets", (512, 1024, 2048, 4096, 8192))
    )


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": as_widths(48) | as_windows(32, 1.0) | {"buckets": 4096},
        "small": as_widths(16) | as_windows(32, 1.0) | {"buckets": 1024},
    },
)

_SMALL = replace(sized((16,)), pipeline=Pipeline.text("conv-text", length=32, hop=32, buckets=1024))

SPEC: ModelSpec = replace(
    sized((48,)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("16 filters, a table of 1,024 rows", replace(_SMALL, preset="small"))},
        sized,
        "the filters of each convolution",
        _MOST,
        space=_SPACE,
    ),
)

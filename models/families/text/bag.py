"""A bag of hashed words: the mean of their rows in a table, and a small network on it.

Joulin and others: Bag of tricks for efficient text classification (arXiv:1607.01759), with the hidden layer
of Iyyer and others (Deep unordered composition rivals syntactic methods, 2015) and the hashing of Weinberger
and others (arXiv:0902.2206). The order of words is lost; a word costs one row to add. `text` is the same.

Shape: ids of words -> rows of 8 values of a table -> their mean -> Dense, ReLU -> Dense.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 42,900 B, 318 B, 1,680
- small: 18,400 B, 318 B, 1,680
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

_WIDTH: Final = 8
_DROPOUT: Final = 0.3
_MOST: Final = 2
_BUCKETS: Final = (512, 1024, 2048, 4096, 8192)


def build(pipeline: Pipeline, outputs: int, widths: tuple[int, ...]) -> keras.Model:
    """Hidden layers of ``widths``; ids int32 (ids,) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    from zerotap.models.families.hashed_embedding import HashedEmbedding

    ids = keras.Input(pipeline.input_shape, dtype="int32", name="ids")
    rows = layers.Dropout(_DROPOUT)(HashedEmbedding(pipeline.buckets, _WIDTH)(ids))
    x = layers.GlobalAveragePooling1D()(rows)
    for width in widths:
        x = layers.Dense(width, activation="relu")(x)
    return keras.Model(ids, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="text")


def sized(widths: tuple[int, ...]) -> ModelSpec:
    """Hidden layers of ``widths``."""
    return ModelSpec(
        "bag",
        partial(build, widths=widths),
        Pipeline.text("text", length=32, hop=32, buckets=4096),
        epochs=40,
        batch=64,
        learning_rate=5e-3,
        words=True,
        layers=widths,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 32))


def _windows(ask: Ask) -> Pipeline:
    length, hop = drawn_windows(ask, (16, 32, 64))
    return Pipeline.text("text", length, hop, buckets=ask.among("buckets", _BUCKETS))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": as_widths(16) | as_windows(32, 1.0) | {"buckets": 4096},
        "small": as_widths(16) | as_windows(32, 1.0) | {"buckets": 1024},
    },
)

_SMALL = replace(sized((16,)), pipeline=Pipeline.text("text", length=32, hop=32, buckets=1024))

SPEC: ModelSpec = replace(
    sized((16,)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("a table of 1,024 rows", replace(_SMALL, preset="small"))},
        sized,
        "the width of each hidden layer",
        _MOST,
        space=_SPACE,
    ),
)

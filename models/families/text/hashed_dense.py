"""The ancestor's text model: words split at blanks, hashed into 8,192 buckets, and dense layers on them.

Feature hashing (Weinberger and others: Feature hashing for large scale multitask learning, arXiv:0902.2206)
with the ancestor's ids. Its own file, a float runtime around an int8 table of 8193 x 16, does not fit the
board; this does.

Shape: ids of words -> rows of 16 values of a table -> their mean -> Dense, ReLU -> Dense.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 142,000 B, 326 B, 2,520
- small: 43,800 B, 326 B, 2,520
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows, TypedWords
from zerotap.models.families.family import ModelSpec, Preset, Space, Variants
from zerotap.models.families.space import Ask, as_widths, drawn_widths

if TYPE_CHECKING:
    import keras

_WIDTH: Final = 16
_DROPOUT: Final = 0.3
_MOST: Final = 3


def build(pipeline: Pipeline, outputs: int, widths: tuple[int, ...]) -> keras.Model:
    """Hidden layers of ``widths``; ids int32 (ids,) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    from zerotap.models.families.hashed_embedding import HashedEmbedding

    ids = keras.Input(pipeline.input_shape, dtype="int32", name="ids")
    x = layers.GlobalAveragePooling1D()(HashedEmbedding(pipeline.buckets, _WIDTH)(ids))
    for width in widths:
        x = layers.Dense(width, activation="relu")(x)
    return keras.Model(ids, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="hashed-dense")


def ancestors_pipeline(buckets: int) -> Pipeline:
    """Windows of 32 ids of words as the ancestor splits and hashes them: 1 to ``buckets``, a power of two."""
    words = TypedWords(buckets, "mask", split="spaces")
    return Pipeline("hashed-dense", (words, CountWindows(32, 32)))


def sized(widths: tuple[int, ...], buckets: int = 8192) -> ModelSpec:
    """Hidden layers of ``widths``."""
    return ModelSpec(
        "hashed-dense",
        partial(build, widths=widths),
        ancestors_pipeline(buckets),
        epochs=30,
        batch=64,
        learning_rate=3e-3,
        words=True,
        layers=widths,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 32))


def _windows(ask: Ask) -> Pipeline:
    return ancestors_pipeline(ask.among("buckets", (512, 1024, 2048, 4096, 8192)))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {"default": as_widths(16) | {"buckets": 8192}, "small": as_widths(16) | {"buckets": 2048}},
)

SPEC: ModelSpec = replace(
    sized((16,)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("2,048 buckets", replace(sized((16,), 2048), preset="small"))},
        sized,
        "the width of each hidden layer",
        _MOST,
        space=_SPACE,
    ),
)

"""Key presses in their order: each key's row of a table, and filters that find sequences of seven.

Convolutions over characters (Zhang, Zhao, LeCun: Character-level convolutional networks for text
classification, arXiv:1509.01626) with the shape of Kim's over words (arXiv:1408.5882), on keys as they are
pressed: no word is split or hashed, and Backspace is a key like others. The best of what reads raw packets.

Shape: ids of the first 192 key presses -> rows of 16 values of a table -> Conv1D of 7 presses, ReLU ->
maximum over all -> Dense.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 44,000 B, 13,800 B, 1,660,000
- small: 29,400 B, 16,800 B, 704,000
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from zerotap.features import Pipeline
from zerotap.features.transforms import KeyIds, PadIds
from zerotap.models.families.family import ModelSpec, Preset, Space, Variants
from zerotap.models.families.space import Ask, as_widths, drawn_widths

if TYPE_CHECKING:
    import keras

_WIDTH: Final = 16
_PRESSES: Final = 7  # that a filter sees
_DROPOUT: Final = 0.3
_MOST: Final = 2


def build(pipeline: Pipeline, outputs: int, filters: tuple[int, ...]) -> keras.Model:
    """Convolutions of so many ``filters``; ids int32 (ids,) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    from zerotap.models.families.hashed_embedding import HashedEmbedding

    ids = keras.Input(pipeline.input_shape, dtype="int32", name="ids")
    x = HashedEmbedding(pipeline.buckets, _WIDTH)(ids)
    for count in filters:
        x = layers.Conv1D(count, _PRESSES, activation="relu")(x)
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(ids, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="keys")


def sized(filters: tuple[int, ...]) -> ModelSpec:
    """Convolutions of so many ``filters``, on the first 192 key presses."""
    return ModelSpec(
        "keys",
        partial(build, filters=filters),
        Pipeline("keys", (KeyIds(), PadIds(192))),
        epochs=14,
        batch=32,
        learning_rate=3e-3,
        least_shape=(1 + len(filters) * (_PRESSES - 1),),
        layers=filters,
        keys=True,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 64))


def _presses(ask: Ask) -> Pipeline:
    return Pipeline("keys", (KeyIds(), PadIds(ask.among("presses", (48, 96, 128, 192, 256)))))


_SPACE: Final = Space(
    _drawn,
    _presses,
    {"default": as_widths(48) | {"presses": 192}, "small": as_widths(16) | {"presses": 192}},
)

SPEC: ModelSpec = replace(
    sized((48,)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("16 filters", replace(sized((16,)), preset="small"))},
        sized,
        "the filters of each convolution",
        _MOST,
        space=_SPACE,
    ),
)

"""The ancestor's recurrent model: words in their order, read forwards and backwards.

Long short-term memory (Hochreiter, Schmidhuber, 1997) in both directions (Graves, Schmidhuber: Framewise
phoneme classification with bidirectional LSTM, 2005). The slowest of all: an LSTM looks at every word once a
direction, padding too.

Shape: ids of words -> rows of a table -> bidirectional LSTM, its last states -> Dense, ReLU -> Dense. Table,
LSTM and Dense have the same width.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 120,000 B, 1,690 B, 695,000
- 16: 120,000 B, 1,690 B, 695,000
- 64: 254,000 B, 5,810 B, 4,740,000
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from zerotap.features import Pipeline
from zerotap.models.families.family import ModelSpec, Preset, Space, Variants
from zerotap.models.families.space import Ask, as_windows, drawn_windows

if TYPE_CHECKING:
    import keras

_DROPOUT: Final = 0.3


def build(pipeline: Pipeline, outputs: int, widths: tuple[int, ...]) -> keras.Model:
    """A table and an LSTM a direction of that width; ids int32 (ids,) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    from zerotap.models.families.hashed_embedding import HashedEmbedding

    (width,) = widths
    ids = keras.Input(pipeline.input_shape, dtype="int32", name="ids")
    rows = layers.Dropout(_DROPOUT)(HashedEmbedding(pipeline.buckets, width)(ids))
    states = layers.Bidirectional(layers.LSTM(width))(rows)
    x = layers.Dense(width, activation="relu")(states)
    return keras.Model(ids, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="rnn")


def sized(widths: tuple[int, ...], buckets: int = 4096) -> ModelSpec:
    """Table, LSTM and Dense of one width."""
    return ModelSpec(
        "rnn",
        partial(build, widths=widths),
        Pipeline.text("rnn", length=16, hop=16, buckets=buckets),
        epochs=20,
        batch=64,
        learning_rate=3e-3,
        words=True,
        layers=widths,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized((ask.whole("width", 4, 64),))


def _windows(ask: Ask) -> Pipeline:
    length, hop = drawn_windows(ask, (8, 16, 32))
    return Pipeline.text("rnn", length, hop, buckets=ask.among("buckets", (512, 1024, 2048, 4096)))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": {"width": 16} | as_windows(16, 1.0) | {"buckets": 4096},
        "16": {"width": 16} | as_windows(16, 1.0) | {"buckets": 4096},
        "64": {"width": 64} | as_windows(16, 1.0) | {"buckets": 1024},
    },
)

SPEC: ModelSpec = replace(
    sized((16,)),
    about=__doc__,
    variants=Variants(
        {
            "16": Preset("width 16, a table of 4,096 rows: the default", replace(sized((16,)), preset="16")),
            "64": Preset("width 64, a table of 1,024 rows", replace(sized((64,), 1024), preset="64")),
        },
        sized,
        "the width of table, LSTM and Dense",
        1,
        space=_SPACE,
    ),
)

"""Dense layers on one flattened window: the values as they are, of packets or of features.

Multilayer perceptrons (Rumelhart, Hinton, Williams: Learning representations by back-propagating errors,
1986). They do not find what has moved: give them short windows of packets, or features of longer ones.

Shape: window -> Dense, batch normalisation, ReLU -> Dense, ReLU -> ... -> Dense of the outputs. The
normalisation is folded into the first Dense: the board runs FULLY_CONNECTED alone.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 51,400 B, 534 B, 23,500
- small: 10,800 B, 390 B, 5,110
- ancestor: 2,730 B, 126 B, 1,210
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final

from zerotap.features import Pipeline
from zerotap.models.families.family import ModelSpec, Preset, Space, Variants
from zerotap.models.families.normalisation import normalised_relu
from zerotap.models.families.space import Ask, as_widths, as_windows, drawn_widths, drawn_windows

if TYPE_CHECKING:
    import keras


def build(pipeline: Pipeline, outputs: int, widths: tuple[int, ...]) -> keras.Model:
    """Hidden layers of ``widths``; float32, 0 to 1, of any shape in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    window = keras.Input(pipeline.input_shape, name="window")
    x = normalised_relu(layers.Dense(widths[0], use_bias=False)(layers.Flatten()(window)))
    for width in widths[1:]:
        x = layers.Dense(width, activation="relu")(x)
    return keras.Model(window, layers.Dense(outputs)(x), name="dense")


def sized(widths: tuple[int, ...]) -> ModelSpec:
    """Hidden layers of ``widths``.

    Six letters at a time: a dense layer cannot find a word that has moved, so every place is a window. Nor
    does it find a movement that began a little later: of a sensor's window it takes what the samples came to.
    """
    return ModelSpec(
        "dense",
        partial(build, widths=widths),
        Pipeline.raw("dense", length=12, hop=4),
        epochs=30,
        batch=128,
        learning_rate=8e-3,
        statistics=("mean", "deviation", "min", "max", "mean_crossings"),
        layers=widths,
    )


_ANCESTOR = replace(sized((16, 8)), pipeline=Pipeline.raw("dense", length=1, hop=1), preset="ancestor")


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, 3, 4, 96))


def _windows(ask: Ask) -> Pipeline:
    return Pipeline.raw("dense", *drawn_windows(ask, (1, 6, 12, 24, 48)))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": as_widths(64, 32) | as_windows(12, 0.33),
        "small": as_widths(16, 8) | as_windows(12, 0.33),
        "ancestor": as_widths(16, 8) | as_windows(1, 1.0),
    },
)

SPEC: ModelSpec = replace(
    sized((64, 32)),
    about=__doc__,
    variants=Variants(
        {
            "small": Preset("hidden layers of 16 and 8", replace(sized((16, 8)), preset="small")),
            "ancestor": Preset("8-16-8-2: one packet of 8 bytes, hidden layers of 16 and 8", _ANCESTOR),
        },
        sized,
        "the width of each hidden layer",
        space=_SPACE,
    ),
)

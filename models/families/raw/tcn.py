"""Temporal convolutional network: causal convolutions whose reach doubles from block to block.

Bai, Kolter, Koltun: An empirical evaluation of generic convolutional and recurrent networks for sequence
modeling (arXiv:1803.01271). It sees a long past by few weights. The verdict is by the maximum over time, as
of conv, where the paper takes the last step.

Shape: window -> blocks -> maximum over time -> Dense. A block is a causal Conv1D of 3 steps that lie 1, 2,
4, ... apart, with batch normalisation and ReLU, added to what came in (through a Conv1D of 1 step where the
widths differ).

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 61,300 B, 14,400 B, 1,730,000
- small: 16,400 B, 7,190 B, 458,000
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

_DROPOUT: Final = 0.2
_STEPS: Final = 3  # that a filter sees
_MOST: Final = 6


def build(pipeline: Pipeline, outputs: int, filters: tuple[int, ...]) -> keras.Model:
    """Blocks of so many ``filters``; float32 (time, channels) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    x = window = keras.Input(pipeline.input_shape, name="window")
    for number, count in enumerate(filters):
        x = _block(x, count, 2**number)
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(window, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="tcn")


def _block(x: keras.KerasTensor, filters: int, dilation: int) -> keras.KerasTensor:
    from keras import layers

    seen = layers.Conv1D(filters, _STEPS, padding="causal", dilation_rate=dilation, use_bias=False)(x)
    past = x if x.shape[-1] == filters else layers.Conv1D(filters, 1)(x)
    return layers.Add()([normalised_relu(seen), past])


def sized(filters: tuple[int, ...]) -> ModelSpec:
    """Blocks of so many ``filters``, on a short message whole."""
    return ModelSpec(
        "tcn",
        partial(build, filters=filters),
        Pipeline.raw("tcn", length=96, hop=48),
        epochs=40,
        batch=64,
        learning_rate=5e-3,
        least_shape=(_STEPS, 1),
        layers=filters,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 48))


def _windows(ask: Ask) -> Pipeline:
    return Pipeline.raw("tcn", *drawn_windows(ask, (48, 72, 96, 144, 192)))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": as_widths(24, 24, 24, 24) | as_windows(96, 0.5),
        "small": as_widths(12, 12, 12) | as_windows(96, 0.5),
    },
)

SPEC: ModelSpec = replace(
    sized((24, 24, 24, 24)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("three blocks of 12 filters", replace(sized((12, 12, 12)), preset="small"))},
        sized,
        "the filters of each block",
        _MOST,
        space=_SPACE,
    ),
)

"""Convolutions over time on a window of packets or samples, then each filter's strongest response.

Time-delay networks (Waibel and others: Phoneme recognition using time-delay neural networks, 1989), with the
maximum over time of Collobert and others (Natural language processing (almost) from scratch, 2011): it finds
a word wherever it was typed; the mean would drown it.

Shape: window -> Conv1D of 4 steps -> maximum of pairs -> Conv1D of 8 steps -> ... -> maximum over time ->
Dense. Each convolution has batch normalisation, which is folded into it, and ReLU.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 95,200 B, 12,400 B, 836,000
- small: 13,500 B, 4,700 B, 144,000
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
_FIRST, _NEXT = 4, 8  # steps that a filter sees
_MOST: Final = 3
_MOST_STEPS: Final = 3200  # held-out recordings of 10,000 windows score the same after 5,300


def build(pipeline: Pipeline, outputs: int, filters: tuple[int, ...]) -> keras.Model:
    """Convolutions of so many ``filters``; float32 (time, channels) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    window = keras.Input(pipeline.input_shape, name="window")
    x = normalised_relu(layers.Conv1D(filters[0], _FIRST, use_bias=False)(window))
    for count in filters[1:]:
        x = normalised_relu(layers.Conv1D(count, _NEXT, use_bias=False)(layers.MaxPooling1D(2)(x)))
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(window, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="conv")


def sized(filters: tuple[int, ...]) -> ModelSpec:
    """Convolutions of so many ``filters``, on a short message whole."""
    steps = 1
    for _ in filters[1:]:
        steps = 2 * (steps + _NEXT - 1)
    return ModelSpec(
        "conv",
        partial(build, filters=filters),
        Pipeline.raw("conv", length=96, hop=48),
        epochs=40,
        batch=64,
        learning_rate=8e-3,
        most_steps=_MOST_STEPS,
        least_shape=(steps + _FIRST - 1, 1),
        layers=filters,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 64))


def _windows(ask: Ask) -> Pipeline:
    return Pipeline.raw("conv", *drawn_windows(ask, (72, 96, 144, 192)))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": as_widths(32, 48) | as_windows(96, 0.5),
        "small": as_widths(8, 16) | as_windows(96, 0.5),
    },
)

SPEC: ModelSpec = replace(
    sized((32, 48)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("8 and 16 filters", replace(sized((8, 16)), preset="small"))},
        sized,
        "the filters of each convolution; one more takes windows of twice the length",
        _MOST,
        space=_SPACE,
    ),
)

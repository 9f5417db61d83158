"""Depthwise separable convolutions: over time by channel, then across channels, at a fraction of the cost.

MobileNets (Howard and others, arXiv:1704.04861), as Hello Edge (Zhang and others, arXiv:1711.07128) put them
on microcontrollers: its DS-CNN. More layers for fewer cycles than conv; but what lies between them takes RAM.

Shape: window -> Conv1D of 5 steps by 2 -> DepthwiseConv1D of 5 steps, pointwise Conv1D -> ... -> maximum
over time -> Dense. Each but the depthwise ones has batch normalisation, which is folded into it, and ReLU.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 69,300 B, 7,010 B, 703,000
- small: 15,400 B, 3,230 B, 155,000
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
_STEPS: Final = 5  # that a filter sees
_MOST: Final = 6


def build(pipeline: Pipeline, outputs: int, filters: tuple[int, ...]) -> keras.Model:
    """Layers of so many ``filters``; float32 (time, channels) in, logits float32 (outputs,) out."""
    import keras
    from keras import layers

    window = keras.Input(pipeline.input_shape, name="window")
    x = normalised_relu(layers.Conv1D(filters[0], _STEPS, strides=2, use_bias=False)(window))
    for count in filters[1:]:
        x = normalised_relu(layers.SeparableConv1D(count, _STEPS, use_bias=False)(x))
    x = layers.Flatten()(layers.MaxPooling1D(x.shape[1])(x))
    return keras.Model(window, layers.Dense(outputs)(layers.Dropout(_DROPOUT)(x)), name="separable")


def sized(filters: tuple[int, ...]) -> ModelSpec:
    """Layers of so many ``filters``, on a short message whole."""
    steps = 1 + (len(filters) - 1) * (_STEPS - 1)
    return ModelSpec(
        "separable",
        partial(build, filters=filters),
        Pipeline.raw("separable", length=96, hop=48),
        epochs=40,
        batch=64,
        learning_rate=8e-3,
        least_shape=(2 * (steps - 1) + _STEPS, 1),
        layers=filters,
    )


def _drawn(ask: Ask) -> ModelSpec:
    return sized(drawn_widths(ask, _MOST, 4, 64))


def _windows(ask: Ask) -> Pipeline:
    return Pipeline.raw("separable", *drawn_windows(ask, (48, 72, 96, 144, 192)))


_SPACE: Final = Space(
    _drawn,
    _windows,
    {
        "default": as_widths(32, 48, 48) | as_windows(96, 0.5),
        "small": as_widths(16, 24) | as_windows(96, 0.5),
    },
)

SPEC: ModelSpec = replace(
    sized((32, 48, 48)),
    about=__doc__,
    variants=Variants(
        {"small": Preset("16 and 24 filters", replace(sized((16, 24)), preset="small"))},
        sized,
        "the filters of the first convolution and of each separable one",
        _MOST,
        space=_SPACE,
    ),
)

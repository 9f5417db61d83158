"""The Keras layers of docs/keras-layers.md, each in a small model: what keras_page.py converts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

IDS: Final = 10
"""Ids are below it."""

Shape = tuple[int, ...]
LINE: Final[Shape] = (12, 4)
MAP: Final[Shape] = (8, 8, 2)
ROW: Final[Shape] = (8,)
SOLID: Final[Shape] = (4, 4, 4, 2)
FILM: Final[Shape] = (3, 4, 4, 2)


@dataclass(frozen=True, slots=True)
class Case:
    """``ends`` inputs of one ``shape`` and ``dtype``; ``make`` is called with keras.layers and those."""

    shape: Shape
    make: Callable[..., Any]
    ends: int = 1
    dtype: str = "float32"


def _one(shape: Shape, name: str, *given: Any, **named: Any) -> Case:  # noqa: ANN401
    return Case(shape, lambda layers, x: getattr(layers, name)(*given, **named)(x))


def _ids(name: str, **named: Any) -> Case:  # noqa: ANN401
    return Case((6,), lambda layers, x: getattr(layers, name)(IDS, 4, **named)(x), dtype="int32")


def _two(name: str, **named: Any) -> Case:  # noqa: ANN401
    return Case(LINE, lambda layers, x, y: getattr(layers, name)(**named)([x, y]), ends=2)


def _cell(name: str) -> Case:
    return Case(LINE, lambda layers, x: layers.RNN(getattr(layers, name)(4))(x))


def _attention(name: str, called: dict[str, bool], **named: Any) -> Case:  # noqa: ANN401
    return Case(LINE, lambda layers, x: getattr(layers, name)(**named)(x, x, **called))


def _around(shape: Shape, name: str, inner: str, *given: Any) -> Case:  # noqa: ANN401
    return Case(shape, lambda layers, x: getattr(layers, name)(getattr(layers, inner)(*given))(x))


def _after_relu(shape: Shape, name: str, *given: Any) -> Case:  # noqa: ANN401
    return Case(shape, lambda layers, x: getattr(layers, name)(*given)(layers.ReLU()(x)))


def _doubled(x: Any) -> Any:  # noqa: ANN401
    return x * 2


SECTIONS: Final[dict[str, dict[str, Case]]] = {
    "Core": {
        "Dense": _one(ROW, "Dense", 4),
        "Dense of several rows": _one(LINE, "Dense", 4),
        "EinsumDense": _one(LINE, "EinsumDense", "abc,cd->abd", (None, 5)),
        "Embedding": _ids("Embedding"),
        "Embedding, mask_zero=True": Case(
            (6,), lambda layers, x: layers.LSTM(4)(layers.Embedding(IDS, 4, mask_zero=True)(x)), dtype="int32"
        ),
        "ReversibleEmbedding": _ids("ReversibleEmbedding"),
        "Activation": _one(ROW, "Activation", "sigmoid"),
        "Lambda": Case(ROW, lambda layers, x: layers.Lambda(_doubled)(x)),
        "Masking": _one(LINE, "Masking"),
    },
    "Convolutions": {
        "Conv1D": _one(LINE, "Conv1D", 4, 3),
        "Conv1D, padding='causal'": _one(LINE, "Conv1D", 4, 3, padding="causal"),
        "Conv1D, dilation_rate=2": _one(LINE, "Conv1D", 4, 3, dilation_rate=2),
        "Conv2D": _one(MAP, "Conv2D", 4, 3),
        "Conv2D, groups=2": _one(MAP, "Conv2D", 4, 3, groups=2),
        "Conv2D, dilation_rate=2": _one(MAP, "Conv2D", 4, 3, dilation_rate=2),
        "Conv3D": _one(SOLID, "Conv3D", 2, 2),
        "DepthwiseConv1D": _one(LINE, "DepthwiseConv1D", 3),
        "DepthwiseConv2D": _one(MAP, "DepthwiseConv2D", 3),
        "SeparableConv1D": _one(LINE, "SeparableConv1D", 4, 3),
        "SeparableConv2D": _one(MAP, "SeparableConv2D", 4, 3),
        "Conv1DTranspose": _one(LINE, "Conv1DTranspose", 4, 3, strides=2),
        "Conv2DTranspose": _one(MAP, "Conv2DTranspose", 4, 3, strides=2),
        "Conv3DTranspose": _one(SOLID, "Conv3DTranspose", 2, 2),
    },
    "Pooling": {
        "MaxPooling1D": _one(LINE, "MaxPooling1D", 2),
        "MaxPooling2D": _one(MAP, "MaxPooling2D", 2),
        "MaxPooling3D": _one(SOLID, "MaxPooling3D", 2),
        "AveragePooling1D": _one(LINE, "AveragePooling1D", 2),
        "AveragePooling2D": _one(MAP, "AveragePooling2D", 2),
        "AveragePooling3D": _one(SOLID, "AveragePooling3D", 2),
        "GlobalMaxPooling1D": _one(LINE, "GlobalMaxPooling1D"),
        "GlobalMaxPooling2D": _one(MAP, "GlobalMaxPooling2D"),
        "GlobalMaxPooling3D": _one(SOLID, "GlobalMaxPooling3D"),
        "GlobalAveragePooling1D": _one(LINE, "GlobalAveragePooling1D"),
        "GlobalAveragePooling2D": _one(MAP, "GlobalAveragePooling2D"),
        "GlobalAveragePooling3D": _one(SOLID, "GlobalAveragePooling3D"),
        "AdaptiveAveragePooling1D": _one(LINE, "AdaptiveAveragePooling1D", 3),
        "AdaptiveAveragePooling2D": _one(MAP, "AdaptiveAveragePooling2D", 4),
        "AdaptiveAveragePooling3D": _one(SOLID, "AdaptiveAveragePooling3D", 2),
        "AdaptiveMaxPooling1D": _one(LINE, "AdaptiveMaxPooling1D", 3),
        "AdaptiveMaxPooling2D": _one(MAP, "AdaptiveMaxPooling2D", 4),
        "AdaptiveMaxPooling3D": _one(SOLID, "AdaptiveMaxPooling3D", 2),
    },
    "Recurrent": {
        "LSTM": _one(LINE, "LSTM", 4),
        "LSTM, return_sequences=True": _one(LINE, "LSTM", 4, return_sequences=True),
        "LSTM, go_backwards=True": _one(LINE, "LSTM", 4, go_backwards=True),
        "GRU": _one(LINE, "GRU", 4),
        "GRU, return_sequences=True": _one(LINE, "GRU", 4, return_sequences=True),
        "GRU, reset_after=False": _one(LINE, "GRU", 4, reset_after=False),
        "SimpleRNN": _one(LINE, "SimpleRNN", 4),
        "Bidirectional of LSTM": _around(LINE, "Bidirectional", "LSTM", 4),
        "Bidirectional of GRU": _around(LINE, "Bidirectional", "GRU", 4),
        "RNN of LSTMCell": _cell("LSTMCell"),
        "RNN of GRUCell": _cell("GRUCell"),
        "RNN of SimpleRNNCell": _cell("SimpleRNNCell"),
        "RNN of StackedRNNCells": Case(
            LINE,
            lambda layers, x: layers.RNN(layers.StackedRNNCells([layers.GRUCell(4), layers.GRUCell(4)]))(x),
        ),
        "TimeDistributed of Dense": _around(LINE, "TimeDistributed", "Dense", 3),
        "TimeDistributed of Conv2D": _around(FILM, "TimeDistributed", "Conv2D", 3, 2),
        "ConvLSTM1D": _one(FILM[1:], "ConvLSTM1D", 2, 2),
        "ConvLSTM2D": _one(FILM, "ConvLSTM2D", 2, 2),
        "ConvLSTM3D": _one((2, *SOLID), "ConvLSTM3D", 2, 2),
    },
    "Attention": {
        "MultiHeadAttention": _attention("MultiHeadAttention", {}, num_heads=2, key_dim=4),
        "MultiHeadAttention, use_causal_mask=True": _attention(
            "MultiHeadAttention", {"use_causal_mask": True}, num_heads=2, key_dim=4
        ),
        "GroupQueryAttention": _attention(
            "GroupQueryAttention", {}, head_dim=4, num_query_heads=2, num_key_value_heads=1
        ),
        "Attention": _two("Attention"),
        "AdditiveAttention": _two("AdditiveAttention"),
    },
    "Normalisation": {
        "BatchNormalization": _one(LINE, "BatchNormalization"),
        "BatchNormalization after Conv2D": Case(
            MAP, lambda layers, x: layers.BatchNormalization()(layers.Conv2D(4, 3)(x))
        ),
        "LayerNormalization": _one(LINE, "LayerNormalization"),
        "GroupNormalization": _one(LINE, "GroupNormalization", 2),
        "RMSNormalization": _one(LINE, "RMSNormalization"),
        "UnitNormalization": _one(LINE, "UnitNormalization"),
        "SpectralNormalization of Dense": _around(ROW, "SpectralNormalization", "Dense", 3),
        "Normalization": _one(LINE, "Normalization", mean=0.5, variance=2.0),
        "Rescaling": _one(MAP, "Rescaling", 1 / 128, -1.0),
    },
    "Activations": {
        "ReLU": _one(ROW, "ReLU"),
        "LeakyReLU": _one(ROW, "LeakyReLU"),
        "PReLU": _one(ROW, "PReLU", alpha_initializer="random_normal"),
        "ELU": _one(ROW, "ELU"),
        "Softmax": _one(ROW, "Softmax"),
        "Softmax, axis=1": _one(LINE, "Softmax", axis=1),
    },
    "Shape": {
        "Flatten": _one(LINE, "Flatten"),
        "Reshape": _one(LINE, "Reshape", (6, 8)),
        "Permute": _one(LINE, "Permute", (2, 1)),
        "RepeatVector": _one(ROW, "RepeatVector", 3),
        "Cropping1D": _one(LINE, "Cropping1D", 1),
        "Cropping2D": _one(MAP, "Cropping2D", 1),
        "Cropping3D": _one(SOLID, "Cropping3D", 1),
        "CenterCrop": _one(MAP, "CenterCrop", 4, 4),
        "ZeroPadding1D": _one(LINE, "ZeroPadding1D", 1),
        "ZeroPadding2D": _one(MAP, "ZeroPadding2D", 1),
        "ZeroPadding3D": _one(SOLID, "ZeroPadding3D", 1),
        "UpSampling1D": _one(LINE, "UpSampling1D", 2),
        "UpSampling2D": _one(MAP, "UpSampling2D", 2),
        "UpSampling2D, interpolation='bilinear'": _one(MAP, "UpSampling2D", 2, interpolation="bilinear"),
        "UpSampling3D": _one(SOLID, "UpSampling3D", 2),
        "Resizing": _one(MAP, "Resizing", 6, 6),
        "Resizing, interpolation='nearest'": _one(MAP, "Resizing", 6, 6, interpolation="nearest"),
    },
    "Merging": {
        "Add": _two("Add"),
        "Subtract": _two("Subtract"),
        "Multiply": _two("Multiply"),
        "Average": _two("Average"),
        "Maximum": _two("Maximum"),
        "Minimum": _two("Minimum"),
        "Concatenate": _two("Concatenate"),
        "Dot": _two("Dot", axes=2),
    },
    "Signals": {
        "STFTSpectrogram": _one((64, 1), "STFTSpectrogram", frame_length=16, frame_step=8, fft_length=16),
        "MelSpectrogram": _one(
            (64,), "MelSpectrogram", num_mel_bins=4, sampling_rate=100, sequence_length=16, sequence_stride=8,
            fft_length=16, min_freq=1, max_freq=50,
        ),
    },
    "Gone at inference": {
        "Identity": _after_relu(ROW, "Identity"),
        "Dropout": _after_relu(ROW, "Dropout", 0.5),
        "AlphaDropout": _after_relu(ROW, "AlphaDropout", 0.5),
        "GaussianDropout": _after_relu(ROW, "GaussianDropout", 0.5),
        "GaussianNoise": _after_relu(ROW, "GaussianNoise", 0.5),
        "ActivityRegularization": _after_relu(ROW, "ActivityRegularization"),
        "SpatialDropout1D": _after_relu(LINE, "SpatialDropout1D", 0.5),
        "SpatialDropout2D": _after_relu(MAP, "SpatialDropout2D", 0.5),
        "SpatialDropout3D": _after_relu(SOLID, "SpatialDropout3D", 0.5),
    },
}  # fmt: skip

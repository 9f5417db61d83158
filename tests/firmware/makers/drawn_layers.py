"""Drawn layers of Keras, each valid for what comes before it: (t, c), an image (h, w, c) or a vector (n,).

A block is a function (rng, tensor) -> tensor. Everything that `quantise` takes is in one of the tuples below.
"""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers, ops

ACTIVATIONS = (
    *("celu", "elu", "exponential", "gelu", "hard_sigmoid", "hard_silu", "leaky_relu", "log_sigmoid", "mish"),
    *("relu", "relu6", "selu", "sigmoid", "silu", "softplus", "softsign", "tanh", "tanh_shrink"),
)
STEPS_MAX = 14
CHANNELS_MAX = 12


@keras.saving.register_keras_serializable("drawn_layers")
class Does(layers.Layer):
    """A function of a tensor as a layer."""

    def __init__(self, function: Callable):
        super().__init__()
        self.function = function

    def call(self, values):
        return self.function(values)


def pick(rng, *choices):
    return choices[int(rng.integers(len(choices)))]


def whole(rng, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``."""
    return int(rng.integers(low, high + 1))


def likely(rng, share: float) -> bool:
    return bool(rng.random() < share)


def activation(rng, *more: str):
    return pick(rng, None, "relu", "relu", "relu6", "tanh", "sigmoid", *more)


def divisor(rng, number: int) -> int:
    return pick(rng, *(each for each in range(1, number + 1) if number % each == 0))


def padding(rng, extents, kernels) -> str:
    """ "valid" only where the kernel lies within the input."""
    fits = all(extent >= kernel for extent, kernel in zip(extents, kernels, strict=True))
    return pick(rng, "same", "valid") if fits else "same"


def _window(rng, x, top: int):
    """A kernel, stride, dilation and padding for each axis of positions."""
    extents = x.shape[1:-1]
    kernel = [whole(rng, 1, top) for _ in extents]
    strides, dilation = [1] * len(extents), [1] * len(extents)
    if likely(rng, 0.4):
        strides = [whole(rng, 1, 3)] * len(extents)
    elif likely(rng, 0.4):
        dilation = [whole(rng, 2, 3)] * len(extents)
    reach = [(size - 1) * step + 1 for size, step in zip(kernel, dilation, strict=True)]
    return {"kernel_size": kernel, "strides": strides, "padding": padding(rng, extents, reach)}, dilation


def _of_rank(x, line, image):
    return line if len(x.shape) == 3 else image


def convolution(rng, x):
    """Several channels out: the converter leaves a lone channel's bias to an ADD."""
    window, dilation = _window(rng, x, 4)
    groups = divisor(rng, x.shape[-1]) if likely(rng, 0.3) else 1
    filters = groups * whole(rng, 1 if groups > 1 else 2, max(2, 8 // groups))
    kind = _of_rank(x, layers.Conv1D, layers.Conv2D)
    return kind(
        filters,
        **window,
        dilation_rate=dilation if groups == 1 else 1,
        groups=groups,
        activation=activation(rng, "gelu"),
        use_bias=likely(rng, 0.8),
    )(x)


def causal(rng, x):
    return layers.Conv1D(whole(rng, 2, 6), whole(rng, 2, 4), padding="causal", activation=activation(rng))(x)


def depthwise(rng, x):
    window, dilation = _window(rng, x, 3)
    kind = _of_rank(x, layers.DepthwiseConv1D, layers.DepthwiseConv2D)
    options = {"depth_multiplier": whole(rng, 1, 3), "activation": activation(rng)}
    return kind(**window, dilation_rate=dilation, **options, use_bias=likely(rng, 0.8))(x)


def separable(rng, x):
    window, dilation = _window(rng, x, 3)
    kind = _of_rank(x, layers.SeparableConv1D, layers.SeparableConv2D)
    return kind(whole(rng, 2, 6), **window, dilation_rate=dilation, activation=activation(rng))(x)


def transposed(rng, x):
    kind = _of_rank(x, layers.Conv1DTranspose, layers.Conv2DTranspose)
    options = {"strides": whole(rng, 1, 2), "padding": pick(rng, "same", "valid")}
    options |= {"activation": activation(rng), "use_bias": likely(rng, 0.8)}
    return kind(whole(rng, 1, 5), whole(rng, 1, 3), **options)(x)


def pooling(rng, x):
    extents = x.shape[1:-1]
    size = [whole(rng, 1, 3) for _ in extents]
    one = (layers.MaxPooling1D, layers.AveragePooling1D)
    two = (layers.MaxPooling2D, layers.AveragePooling2D)
    kind = pick(rng, *_of_rank(x, one, two))
    return kind(size, strides=[whole(rng, 1, 3)] * len(size), padding=padding(rng, extents, size))(x)


def upsampling(rng, x):
    if len(x.shape) == 3:
        return layers.UpSampling1D(whole(rng, 2, 3))(x)
    return layers.UpSampling2D((whole(rng, 1, 3), 2), interpolation=pick(rng, "nearest", "bilinear"))(x)


def resizing(rng, x):
    way = pick(rng, "nearest", "bilinear")
    return layers.Resizing(whole(rng, 3, 9), whole(rng, 3, 9), interpolation=way)(x)


def zeros_around(rng, x):
    edges = [(whole(rng, 0, 2), whole(rng, 0, 2)) for _ in x.shape[1:-1]]
    return layers.ZeroPadding1D(edges[0])(x) if len(edges) == 1 else layers.ZeroPadding2D(edges)(x)


def mirrored(rng, x):
    edges = [(0, 0), *((whole(rng, 0, 1), whole(rng, 1, 2)) for _ in x.shape[1:-1]), (0, 0)]
    mode = pick(rng, "reflect", "symmetric")
    if mode == "reflect" and min(x.shape[1:-1]) < 3:
        mode = "constant"
    return Does(lambda values: ops.pad(values, edges, mode))(x)


def cropping(rng, x):
    edges = [(0, 1) if extent > 2 else (0, 0) for extent in x.shape[1:-1]]
    edges = [pick(rng, edge, edge[::-1]) for edge in edges]
    return layers.Cropping1D(edges[0])(x) if len(edges) == 1 else layers.Cropping2D(edges)(x)


def recurrent(rng, x):
    """An LSTM, GRU or SimpleRNN, in one direction or both."""
    kind = pick(rng, layers.LSTM, layers.GRU, layers.SimpleRNN)
    x = x[:, :6] if x.shape[1] > 6 else x
    options = {"go_backwards": likely(rng, 0.2), "use_bias": likely(rng, 0.8)}
    if kind is layers.GRU:
        options["reset_after"] = likely(rng, 0.5)
    layer = kind(whole(rng, 1, 5), return_sequences=likely(rng, 0.5), **options)
    if likely(rng, 0.4) and not layer.go_backwards:
        layer = layers.Bidirectional(layer, merge_mode=pick(rng, "concat", "sum", "mul", "ave"))
    return layer(x)


def lstm(rng, x):
    return layers.LSTM(whole(rng, 1, 6), return_sequences=likely(rng, 0.5))(x)


def both_ways(rng, x):
    return layers.Bidirectional(layers.LSTM(whole(rng, 1, 4), return_sequences=likely(rng, 0.5)))(x)


def heads(rng, x):
    return layers.MultiHeadAttention(whole(rng, 1, 2), whole(rng, 1, 4))(x, x)


def attention(rng, x):
    kind = pick(rng, layers.Attention(use_scale=likely(rng, 0.5)), layers.Attention())
    return kind([x, layers.Dense(x.shape[-1])(x)])


def dense(rng, x):
    return layers.Dense(whole(rng, 1, 12), activation=activation(rng, "elu"), use_bias=likely(rng, 0.8))(x)


def each_step(rng, x):
    return layers.TimeDistributed(layers.Dense(whole(rng, 2, 6), activation=activation(rng)))(x)


def permuted(rng, x):
    order = 1 + rng.permutation(len(x.shape) - 1)
    return layers.Permute([int(axis) for axis in order])(x)


def reshaped(rng, x):
    """A sequence of the same values."""
    size = int(np.prod(x.shape[1:]))
    rows = divisor(rng, size)
    shape = (rows, size // rows) if size // rows <= CHANNELS_MAX else (size, 1)
    return layers.Reshape(shape)(x)


def repeated(rng, x):
    return layers.RepeatVector(whole(rng, 2, 4))(x)


def function(rng, x):
    return layers.Activation(pick(rng, *ACTIVATIONS))(x)


def function_layer(rng, x):
    made = (
        lambda: layers.ReLU(max_value=pick(rng, None, 2.0), negative_slope=pick(rng, 0.0, 0.2)),
        lambda: layers.LeakyReLU(negative_slope=0.3),
        lambda: layers.ELU(alpha=0.7),
        layers.Softmax,
        lambda: layers.Rescaling(1.5, offset=-0.25),
    )
    return pick(rng, *made)()(x)


def prelu(rng, x):
    shared = list(range(1, len(x.shape) - 1)) if likely(rng, 0.6) else None
    return layers.PReLU(shared_axes=shared or None)(x)


def batch_norm(rng, x):
    return layers.BatchNormalization(scale=likely(rng, 0.8), center=likely(rng, 0.8))(x)


def layer_norm(rng, x):
    return layers.LayerNormalization(center=likely(rng, 0.8))(x)


def other_norm(rng, x):
    kinds = [layers.RMSNormalization, layers.UnitNormalization]
    if len(x.shape) > 2:
        kinds.append(lambda: layers.GroupNormalization(divisor(rng, x.shape[-1])))
    return pick(rng, *kinds)()(x)


def ignored(rng, x):
    """What only training has."""
    return pick(rng, layers.Dropout(0.2), layers.GaussianNoise(0.1), layers.ActivityRegularization(l2=0.1))(x)


def merged(rng, x):
    """A tensor with what one layer makes of it."""
    other = layers.Dense(x.shape[-1], activation=activation(rng))(x)
    kinds = (layers.Add, layers.Subtract, layers.Multiply, layers.Average, layers.Maximum, layers.Minimum)
    return pick(rng, *kinds)()([x, other])


def joined(rng, x):
    parts = [layers.Dense(whole(rng, 1, 4), activation=activation(rng))(x) for _ in range(whole(rng, 1, 2))]
    return layers.Concatenate()([x, *parts])


def scaled(rng, x):
    """Squeeze and excitation: each channel times a number of its own."""
    pool = _of_rank(x, layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D)
    weights = layers.Dense(x.shape[-1], activation="sigmoid")(pool(keepdims=True)(x))
    return layers.Multiply()([x, weights])


def halves(rng, x):
    """Parts of the steps or rows, joined in another order."""
    if x.shape[1] % 2:
        return x
    return Does(lambda values: ops.concatenate(ops.split(values, 2, axis=1)[::-1], axis=1))(x)


def globally(rng, x):
    if likely(rng, 0.3):
        return layers.Flatten()(x)
    one = (layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D)
    two = (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D)
    return pick(rng, *_of_rank(x, one, two))()(x)


ANY = (dense, function, function_layer, prelu, batch_norm, layer_norm, other_norm, ignored, merged, joined)
PLACES = (
    convolution,
    depthwise,
    separable,
    transposed,
    pooling,
    upsampling,
    zeros_around,
    mirrored,
    cropping,
)
PLACES = (*PLACES, permuted, scaled, halves)
SEQUENCE = (causal, recurrent, lstm, both_ways, heads, attention, each_step, reshaped)
IMAGE = (resizing, reshaped)
VECTOR = (repeated, reshaped)

BLOCKS = {2: (*ANY, *VECTOR), 3: (*ANY, *PLACES, *SEQUENCE), 4: (*ANY, *PLACES, *IMAGE)}
"""By the rank of a tensor with its batch."""

LEADING = tuple((rank, block) for rank, blocks in BLOCKS.items() for block in blocks)
"""Every block once for each rank that it takes: a run of as many models has them all."""

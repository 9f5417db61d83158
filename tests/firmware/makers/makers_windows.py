"""Models with one operator that has weights or a window."""

import math

import numpy as np


def weighted(maker, source, shape, axis, output_shape, taps, options_type, options):
    """Activation, weights, perhaps a bias; the output's scale puts the multiplier between 1e-5 and 2."""
    channels = shape[axis]
    per_channel = bool(maker.rng.integers(2)) and channels > 1
    scale = np.float32(10 ** maker.rng.uniform(-3, -1, channels if per_channel else 1))
    product = np.float32(source.scale) * scale
    output_scale = float(np.float32(product.max() * taps * 10 ** maker.rng.uniform(-0.3, 2.5)))
    bias_limit = int(maker.rng.choice([1, 1000, 1 << 20]))
    bias = maker.tensor(
        (channels,), "int32", product, 0, maker.rng.integers(-bias_limit, bias_limit + 1, channels)
    )
    weights = maker.tensor(shape, "int8", scale, 0, maker.weights(shape), axis)
    options = {"fusedActivationFunction": int(maker.rng.integers(4)), **options}
    # TensorFlow wants a bias in every convolution.
    has_bias = maker.operator != "FULLY_CONNECTED" or bool(maker.rng.integers(3))
    tensors = [
        source,
        weights,
        maker.activation(output_shape, output_scale),
        *([bias] if has_bias else []),
    ]
    inputs = [0, 1, 3 if has_bias else -1]
    return maker.model(maker.operator, tensors, inputs, 2, 0, options_type, options)


def fully_connected(maker):
    rows, inputs, outputs = maker.size(3), maker.size(40), maker.size(12)
    return weighted(
        maker,
        maker.activation((rows, inputs)),
        (outputs, inputs),
        0,
        (rows, outputs),
        inputs,
        "FullyConnectedOptions",
        {},
    )


def geometry(maker, dilated: bool):
    """(input, kernel, stride, dilation, padding, output) of height and width."""
    while True:
        source = (int(maker.rng.choice([1, 4])), maker.size(12))
        kernel, stride = (maker.size(3), maker.size(5)), (maker.size(2), maker.size(3))
        dilation = (maker.size(2), maker.size(2)) if dilated else (1, 1)
        padding = int(maker.rng.integers(2))
        reach = [1 if padding == 0 else (k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        output = tuple((s + t - r) // t for s, t, r in zip(source, stride, reach, strict=True))
        if min(output) > 0:
            return source, kernel, stride, dilation, padding, output


def conv_options(maker, stride, dilation, padding):
    return {
        "padding": padding,
        "strideH": stride[0],
        "strideW": stride[1],
        "dilationHFactor": dilation[0],
        "dilationWFactor": dilation[1],
    }


def conv_2d(maker):
    source, kernel, stride, dilation, padding, output = geometry(maker, dilated=True)
    inputs, outputs = maker.size(5), maker.size(6)
    groups = maker.size(3) if maker.rng.integers(3) == 0 else 1
    outputs *= groups
    return weighted(
        maker,
        maker.activation((1, *source, inputs * groups)),
        (outputs, *kernel, inputs),
        0,
        (1, *output, outputs),
        math.prod(kernel) * inputs,
        "Conv2DOptions",
        conv_options(maker, stride, dilation, padding),
    )


def transpose_conv(maker):
    """The output's extents are any that the padding lets become the input's."""
    source, kernel = [maker.size(4), maker.size(4)], [maker.size(5), maker.size(5)]
    stride, padding = [maker.size(3), maker.size(3)], int(maker.rng.integers(2))
    inputs, outputs = maker.size(5), maker.size(6)
    output = [
        (extent - 1) * step + (tap if padding else 1) + int(maker.rng.integers(step))
        for extent, step, tap in zip(source, stride, kernel, strict=True)
    ]
    target = (1, *output, outputs)
    options = {"padding": padding, "strideH": stride[0], "strideW": stride[1]}
    spec = weighted(
        maker,
        maker.activation((1, *source, inputs)),
        (outputs, *kernel, inputs),
        0,
        target,
        math.prod(kernel) * inputs,
        "TransposeConvOptions",
        options,
    )
    shape = maker.tensor((4,), "int32", data=target)
    spec.tensors.append(shape)
    spec.inputs = [len(spec.tensors) - 1, 1, 0, 3]
    return spec


def depthwise_conv_2d(maker):
    source, kernel, stride, dilation, padding, output = geometry(maker, dilated=True)
    inputs, multiplier = maker.size(5), maker.size(3)
    stride = (stride[1], stride[1])
    reach = [1 if padding == 0 else (k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    output = tuple((s + t - r) // t for s, t, r in zip(source, stride, reach, strict=True))
    if min(output) < 1:
        return depthwise_conv_2d(maker)
    return weighted(
        maker,
        maker.activation((1, *source, inputs)),
        (1, *kernel, inputs * multiplier),
        3,
        (1, *output, inputs * multiplier),
        math.prod(kernel),
        "DepthwiseConv2DOptions",
        {**conv_options(maker, stride, dilation, padding), "depthMultiplier": multiplier},
    )


def pooling(maker):
    source, kernel, stride, _, padding, output = geometry(maker, dilated=False)
    channels, scale, zero_point = maker.size(6), maker.scale(), maker.zero_point()
    options = {
        "padding": padding,
        "strideH": stride[0],
        "strideW": stride[1],
        "filterHeight": kernel[0],
        "filterWidth": kernel[1],
        "fusedActivationFunction": int(maker.rng.integers(4)),
    }
    tensors = [
        maker.activation((1, *source, channels), scale, zero_point),
        maker.activation((1, *output, channels), scale, zero_point),
    ]
    return maker.model(maker.operator, tensors, [0], 1, 0, "Pool2DOptions", options)


MAKERS = {
    "AVERAGE_POOL_2D": pooling,
    "CONV_2D": conv_2d,
    "DEPTHWISE_CONV_2D": depthwise_conv_2d,
    "FULLY_CONNECTED": fully_connected,
    "MAX_POOL_2D": pooling,
    "TRANSPOSE_CONV": transpose_conv,
}

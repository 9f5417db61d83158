"""The drawn models varied: narrow weights, more channels, pairs that are one layer, inputs in the arena."""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from all_makers import MAKERS
from makers_core import Maker
from makers_windows import conv_options, weighted

# Operators with weights, or a table, and where their output is among the tensors.
WEIGHTED = {"FULLY_CONNECTED": 2, "CONV_2D": 2, "DEPTHWISE_CONV_2D": 2, "GATHER": 2}
LIMITS = (127, 63, 31, 7)


def narrowed(maker, spec, limit: int):
    """Weights of fewer bits, and an output that their sums still fill."""
    tensors = list(spec.tensors)
    for index, each in enumerate(tensors):
        if each.dtype == "int8" and each.data is not None:
            data = maker.rng.integers(-limit, limit + 1, each.shape)
            tensors[index] = replace(each, data=data.astype(np.int8))
    if maker.operator != "GATHER":
        target = tensors[WEIGHTED[maker.operator]]
        scale = float(np.float32(target.scale * (limit + 20) / 147))
        tensors[WEIGHTED[maker.operator]] = replace(target, scale=scale)
    return replace(spec, tensors=tensors)


def inside(spec):
    """A QUANTIZE before it, so that what it reads lies in the arena."""
    source = spec.tensors[spec.model_input]
    if source.dtype != "int8":
        return spec
    index = len(spec.tensors)
    given = replace(source, scale=float(np.float32(source.scale * 1.25)))
    before = [spec.one("QUANTIZE", [index], spec.model_input), *spec.before]
    return replace(spec, tensors=[*spec.tensors, given], before=before, model_input=index)


def followed(spec, operator: str, tensors, inputs, kind: str, options):
    """Another operator behind it; the first of ``tensors`` is its output."""
    fields = (spec.operator, spec.inputs, spec.output, spec.options_type, spec.options, spec.intermediates)
    return replace(
        spec,
        operator=operator,
        tensors=[*spec.tensors, *tensors],
        before=[*spec.before, spec.one(*fields)],
        inputs=inputs,
        output=len(spec.tensors),
        options_type=kind,
        options=options,
        intermediates=[],
    )


def pooled(maker, limit: int):
    """A convolution along a line, then the larger of every two or three columns."""
    width, inputs, outputs, kernel = (maker.size(high) for high in (20, 5, 9, 3))
    size, stride = int(maker.rng.integers(2, 4)), maker.size(2)
    width += kernel + stride * size
    columns = (width - kernel) // stride + 1
    first = weighted(
        maker,
        maker.activation((1, 1, width, inputs)),
        (outputs, 1, kernel, inputs),
        0,
        (1, 1, columns, outputs),
        kernel * inputs,
        "Conv2DOptions",
        conv_options(maker, (1, stride), (1, 1), 1),
    )
    first = narrowed(maker, first, limit)
    target = first.tensors[first.output]
    pool = {"padding": 1, "strideH": 1, "strideW": size, "filterHeight": 1, "filterWidth": size}
    result = replace(target, shape=(1, 1, columns // size, outputs))
    return followed(first, "MAX_POOL_2D", [result], [first.output], "Pool2DOptions", pool)


def averaged_line(maker, limit: int):
    """A convolution along a line, padded or not, then the mean of its positions, an even or an odd number."""
    inputs, outputs, kernel, same = (maker.size(5), maker.size(9), maker.size(4), int(maker.rng.integers(2)))
    width = maker.size(20) + kernel + 1
    columns = width if same else width - kernel + 1
    first = weighted(
        maker,
        maker.activation((1, 1, width, inputs)),
        (outputs, 1, kernel, inputs),
        0,
        (1, 1, columns, outputs),
        kernel * inputs,
        "Conv2DOptions",
        conv_options(maker, (1, 1), (1, 1), 1 - same),
    )
    first = narrowed(maker, first, limit)
    scale = first.tensors[first.output].scale
    first.options["fusedActivationFunction"] = int(maker.rng.integers(2))
    target = maker.activation((1, outputs), float(np.float32(scale * 10 ** maker.rng.uniform(-0.3, 0.2))))
    target = replace(target, zero_point=first.tensors[first.output].zero_point)
    last = [target, maker.tensor((2,), "int32", data=[1, 2])]
    inputs = [first.output, len(first.tensors) + 1]
    return followed(first, "MEAN", last, inputs, "ReducerOptions", {"keepDims": False})


def largest_line(maker, limit: int):
    """A convolution along a line, padded or not, then the largest of all its positions, as of Keras."""
    inputs, outputs, kernel, same = (maker.size(5), maker.size(9), maker.size(4), int(maker.rng.integers(2)))
    return _largest(maker, limit, (1, maker.size(20) + kernel + 1), (1, kernel), (inputs, outputs, same))


def largest_grid(maker, limit: int):
    """The same over rows and columns."""
    kernel, inputs, outputs = (maker.size(3), maker.size(3)), maker.size(5), maker.size(9)
    source = maker.size(6) + kernel[0], maker.size(6) + kernel[1]
    return _largest(maker, limit, source, kernel, (inputs, outputs, int(maker.rng.integers(2))))


def _largest(maker, limit: int, source, kernel, ends):
    inputs, outputs, same = ends
    reach = (1, 1) if same else kernel
    target = tuple(extent - taps + 1 for extent, taps in zip(source, reach, strict=True))
    first = weighted(
        maker,
        maker.activation((1, *source, inputs)),
        (outputs, *kernel, inputs),
        0,
        (1, *target, outputs),
        math.prod(kernel) * inputs,
        "Conv2DOptions",
        conv_options(maker, (1, 1), (1, 1), 1 - same),
    )
    first = narrowed(maker, first, limit)
    last = [
        replace(first.tensors[first.output], shape=(1, outputs)),
        maker.tensor((2,), "int32", data=[1, 2]),
    ]
    inputs = [first.output, len(first.tensors) + 1]
    return followed(first, "REDUCE_MAX", last, inputs, "ReducerOptions", {"keepDims": False})


def pooled_grid(maker, limit: int):
    """A convolution over rows and columns, padded or not, then any maximum: padded, apart or overlapping."""
    source, size, stride = ([maker.size(most) for _ in "hw"] for most in (9, 3, 3))
    kernel, step = ([maker.size(most) for _ in "hw"] for most in (3, 2))
    same = [int(maker.rng.integers(2)) for _ in "cp"]
    reach = [1 if same[0] else extent for extent in kernel]
    source = [extent + 3 * pool + taps for extent, pool, taps in zip(source, size, kernel, strict=True)]
    columns = [(s + t - r) // t for s, t, r in zip(source, step, reach, strict=True)]
    width = [1 if same[1] else extent for extent in size]
    pools = [(c + t - w) // t for c, t, w in zip(columns, stride, width, strict=True)]
    inputs, outputs = maker.size(5), maker.size(9)
    if maker.rng.integers(4) == 0:  # single positions, which are read where they lie
        kernel, inputs = [1, 1], 4
        columns = [(s + t - 1) // t for s, t in zip(source, step, strict=True)]
        pools = [(c + t - w) // t for c, t, w in zip(columns, stride, width, strict=True)]
    first = weighted(
        maker,
        maker.activation((1, *source, inputs)),
        (outputs, *kernel, inputs),
        0,
        (1, *columns, outputs),
        math.prod(kernel) * inputs,
        "Conv2DOptions",
        conv_options(maker, step, (1, 1), 1 - same[0]),
    )
    first = narrowed(maker, first, limit)
    pool = {"padding": 1 - same[1], "strideH": stride[0], "strideW": stride[1]}
    pool |= {"filterHeight": size[0], "filterWidth": size[1]}
    pool["fusedActivationFunction"] = int(maker.rng.integers(4))
    result = replace(first.tensors[first.output], shape=(1, *pools, outputs))
    return followed(first, "MAX_POOL_2D", [result], [first.output], "Pool2DOptions", pool)


def averaged(maker, limit: int):
    """A table whose rows have whole words, then the mean of the rows taken."""
    rows, width, ids = maker.size(50), 8 * maker.size(4), maker.size(12)
    scale, zero_point = maker.scale(), maker.zero_point()
    table = maker.tensor((rows, width), "int8", scale, zero_point, maker.weights((rows, width)))
    tensors = [table, maker.tensor((1, ids), "int32"), maker.activation((1, ids, width), scale, zero_point)]
    first = narrowed(maker, maker.model("GATHER", tensors, [0, 1], 2, 1, "GatherOptions", {"axis": 0}), limit)
    near = float(np.float32(scale * 10 ** maker.rng.uniform(-1, 0.3)))
    last = [maker.activation((1, width), near), maker.tensor((1,), "int32", data=[1])]
    return followed(first, "MEAN", last, [2, 4], "ReducerOptions", {"keepDims": False})


def wide_dense(maker, limit: int):
    """More outputs than the stack takes at once."""
    inputs, outputs = int(maker.rng.integers(40, 60)), int(maker.rng.integers(65, 75))
    ends = maker.activation((1, inputs)), (outputs, inputs), 0, (1, outputs)
    return narrowed(maker, weighted(maker, *ends, inputs, "FullyConnectedOptions", {}), limit)


def coarse_dense(maker, limit: int):
    """Several results to a step of a sum: factors above 1."""
    inputs, outputs = maker.size(4), maker.size(9)
    source = maker.activation((1, inputs))
    shapes = (outputs, inputs), 0, (1, outputs), inputs
    spec = narrowed(maker, weighted(maker, source, *shapes, "FullyConnectedOptions", {}), limit)
    weights, target = spec.tensors[1], spec.tensors[2]
    scale = np.float32(np.min(weights.scale))
    bias = [replace(each, scale=np.float32(source.scale) * scale) for each in spec.tensors[3:]]
    near = float(np.float32(source.scale * scale / maker.rng.uniform(1, 6)))
    weights = replace(weights, scale=scale, data=np.clip(weights.data, -2, 2))
    return replace(spec, tensors=[source, weights, replace(target, scale=near), *bias])


def deep_conv(maker, limit: int):
    """Sums far beyond what 18 bits hold, of both signs."""
    inputs, outputs = int(maker.rng.integers(24, 40)), maker.size(9)
    source = maker.activation((1, 1, 8, inputs))
    shapes = (outputs, 1, 3, inputs), 0, (1, 1, 6, outputs), 3 * inputs
    spec = weighted(maker, source, *shapes, "Conv2DOptions", conv_options(maker, (1, 1), (1, 1), 1))
    tensors = list(narrowed(maker, spec, limit).tensors)
    spec.options["fusedActivationFunction"] = 0
    # The real factor is 2^-12, or for narrow weights as much more as they are smaller.
    factor = 2.0**-12 * 127 / limit
    scale = float(np.float32(source.scale * float(np.min(tensors[1].scale)) / factor))
    tensors[2] = replace(tensors[2], scale=scale, zero_point=int(maker.rng.integers(-50, 50)))
    return replace(spec, tensors=tensors)


def deep_pooling(maker, _: int):
    """Whole windows over whole words of channels, from the arena to the arena."""
    kernel, outputs, channels = (
        (maker.size(3), maker.size(4)),
        (maker.size(3), maker.size(4)),
        4 * maker.size(4),
    )
    height, width = (math.prod(pair) for pair in zip(kernel, outputs, strict=True))
    source = maker.activation((1, height, width, channels))
    target = maker.activation((1, *outputs, channels), source.scale, source.zero_point)
    options = {"padding": 1, "strideH": kernel[0], "strideW": kernel[1]}
    options |= {"filterHeight": kernel[0], "filterWidth": kernel[1]}
    spec = inside(maker.model(maker.operator, [source, target], [0], 1, 0, "Pool2DOptions", options))
    last = [replace(target, shape=(1, outputs[0], channels)), maker.tensor((1,), "int32", data=[2])]
    inputs = [1, len(spec.tensors) + 1]
    return followed(spec, "REDUCE_MAX", last, inputs, "ReducerOptions", {"keepDims": False})


def means_of_words(maker, _: int):
    """Columns at whole words, from the arena: eights, or four more; each mean of several rows."""
    rows, columns = int(maker.rng.integers(1, 40)), 4 * int(maker.rng.integers(2, 8))
    source = maker.activation((1, rows, columns))
    near = float(np.float32(source.scale * 10 ** maker.rng.uniform(-1, 0.2)))
    tensors = [source, maker.tensor((1,), "int32", data=[1]), maker.activation((1, columns), near)]
    options = {"keepDims": False}
    return inside(maker.model(maker.operator, tensors, [0, 1], 2, 0, "ReducerOptions", options))


OTHERS = {
    "AVERAGE_POOL_2D": [deep_pooling],
    "CONV_2D": [deep_conv],
    "CONV_2D+MAX_POOL_2D": [pooled, pooled_grid],
    "CONV_2D+MEAN": [averaged_line],
    "CONV_2D+REDUCE_MAX": [largest_line, largest_grid],
    "FULLY_CONNECTED": [wide_dense, coarse_dense],
    "GATHER+MEAN": [averaged],
    "MAX_POOL_2D": [deep_pooling],
    "MEAN": [means_of_words],
}


def varied(writer, subject: str, seeds: int) -> Iterator[tuple[bytes, np.ndarray]]:
    """(file content, samples) of drawn models with an operator, or a pair of them."""
    for seed in range(seeds):
        limit = LIMITS[seed % len(LIMITS)]
        if subject in MAKERS:
            maker = Maker(writer, subject, seed)
            spec = MAKERS[subject](maker)
            spec = narrowed(maker, spec, limit) if subject in WEIGHTED and seed % 4 else spec
            yield written(maker, inside(spec) if seed % 2 else spec)
        for other in OTHERS.get(subject, []):
            maker = Maker(writer, subject.split("+")[0], seed)
            yield written(maker, other(maker, limit))


def written(maker, spec) -> tuple[bytes, np.ndarray]:
    """With five samples: two extreme ones."""
    source = spec.tensors[spec.model_input]
    low, high = (0, spec.tensors[0].shape[0] - 1) if source.dtype == "int32" else (-128, 127)
    samples = maker.rng.integers(low, high + 1, (5, *source.shape)).astype(source.dtype)
    samples[0], samples[1] = low, high
    return maker.write(spec), samples

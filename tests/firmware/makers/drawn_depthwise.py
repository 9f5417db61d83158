"""Depthwise convolutions as graphs, without TensorFlow: any geometry, and weights that are hard to sum."""

import numpy as np

from zerotap.firmware.graph import Graph, Operator, Tensor

LIMITS = (127, 127, 63, 31, 7, 1)


def tensor(index: int, shape: tuple[int, ...], scale, zero_point=0, data=None, axis: int = 0) -> Tensor:
    scale = np.atleast_1d(np.asarray(scale, np.float32).astype(np.float64))
    zeros = np.full(scale.size, zero_point, np.int64)
    dtype = "int8" if data is None else str(data.dtype)
    return Tensor(index, f"t{index}", shape, dtype, scale, zeros, data, axis)


def positions(extent: int, kernel: int, stride: int, dilation: int, is_valid: int) -> int:
    reach = (kernel - 1) * dilation + 1 if is_valid else 1
    return (extent + stride - reach) // stride


def weights(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Of all widths; some zero, channels without any, all of the largest size."""
    limit = int(rng.choice(LIMITS))
    kind = int(rng.integers(6))
    if kind == 0:
        return rng.choice([-128, -127, 127], shape).astype(np.int8)
    values = rng.integers(-limit, limit + 1, shape)
    if kind == 1:
        values[rng.random(shape) < 0.5] = 0
        values[..., 0] = 0
    return values.astype(np.int8)


def geometry(rng: np.random.Generator) -> tuple[tuple[int, int], tuple[int, int]]:
    """(height, width) of the input and of the kernel: a row, a column, or both."""
    kind = int(rng.integers(4))
    if kind < 2:
        long, taps = int(rng.integers(1, 70)), int(rng.integers(1, 12))
        return ((1, long), (1, taps)) if kind else ((long, 1), (taps, 1))
    extents, kernels = rng.integers(1, 13, 2).tolist(), rng.integers(1, 5, 2).tolist()
    return (extents[0], extents[1]), (kernels[0], kernels[1])


def depthwise(seed: int) -> Graph:
    """One DEPTHWISE_CONV_2D."""
    rng = np.random.default_rng(seed)
    while True:
        source, kernel = geometry(rng)
        stride, is_valid = int(rng.integers(1, 4)), int(rng.integers(2))
        dilation = rng.integers(1, 3, 2).tolist()
        target = [
            positions(*each, is_valid) for each in zip(source, kernel, [stride] * 2, dilation, strict=True)
        ]
        if min(target) > 0:
            break
    channels = int(rng.choice([1, 2, 3, 4, 8, 12]))
    if source[0] * source[1] < 9:
        channels = 260
    repeat = int(rng.choice([1, 1, 2, 3]))
    return layer(rng, (*source, channels), kernel, stride, dilation, is_valid, tuple(target), repeat)


def layer(rng, source, kernel, stride, dilation, is_valid, target, repeat) -> Graph:
    outputs = source[2] * repeat
    data = weights(rng, (1, *kernel, outputs))
    scales = (10 ** rng.uniform(-2.5, -2, outputs)).astype(np.float32)
    reached = 0.05 * scales.max() * kernel[0] * kernel[1] * max(1, np.abs(data).max())
    tensors = (
        tensor(0, (1, *source), 0.05, int(rng.integers(-128, 128))),
        tensor(1, data.shape, scales, 0, data, 3),
        tensor(2, (outputs,), scales * 0.05, 0, rng.integers(-3000, 3001, outputs).astype(np.int32)),
        tensor(
            3, (1, *target, outputs), reached * 10 ** rng.uniform(-1.5, 0.5), int(rng.integers(-128, 128))
        ),
    )
    options = {
        "padding": is_valid,
        "stride_h": stride,
        "stride_w": stride,
        "dilation_h_factor": dilation[0],
        "dilation_w_factor": dilation[1],
        "depth_multiplier": repeat,
        "fused_activation_function": int(rng.integers(4)),
    }
    return Graph(tensors, (Operator("DEPTHWISE_CONV_2D", (0, 1, 2), (3,), options),), 0, 3, "drawn")


def samples(seed: int, graph: Graph) -> np.ndarray:
    """Both extremes, one that is not zero, the two ends in turn and as some weights' signs, and anything."""
    rng = np.random.default_rng(seed)
    shape = graph.tensors[0].shape
    found = rng.integers(-128, 128, (7, *shape)).astype(np.int8)
    found[0], found[1], found[2] = -128, 127, 0
    found[2].flat[rng.integers(found[2].size)] = -128
    found[3] = np.resize(np.array([-128, 127], np.int8), shape)
    signs = np.sign(graph.tensors[1].data.ravel().astype(int))
    for place, one in ((4, 1), (5, -1)):
        found[place] = np.resize(np.where(one * signs > 0, 127, -128), shape)
    return found

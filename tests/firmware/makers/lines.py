"""Drawn models of a layer, or a few, that can be had in straight line, made without TensorFlow."""

import itertools

import numpy as np

from zerotap.firmware import Graph
from zerotap.firmware.graph import Operator, Tensor
from zerotap.firmware.planning.plan import Plan

LIMITS = (127, 127, 63, 31, 7, 1)
SAME, VALID, NO_ACTIVATION, RELU = 0, 1, 0, 1


def tensor(index: int, shape: tuple[int, ...], scale, zero_point: int = 0, data=None) -> Tensor:
    scales = np.atleast_1d(np.asarray(scale, np.float64))
    points = np.full(scales.shape, zero_point, np.int64)
    dtype = "int8" if data is None else str(data.dtype)
    return Tensor(index, f"tensor_{index}", shape, dtype, scales, points, data)


def options(padding: int, stride: int, activation: int = NO_ACTIVATION, **more: int) -> dict[str, int]:
    return {
        "padding": padding,
        "stride_h": 1,
        "stride_w": stride,
        "fused_activation_function": activation,
        **more,
    }


def drawn_weights(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Of a few bits or all; all as large as can be; one row of zeros; one that is not zero."""
    limit, kind = int(rng.choice(LIMITS)), int(rng.integers(6))
    weights = rng.integers(-limit, limit + 1, shape)
    if kind == 0:
        weights = rng.choice([-limit, limit], shape)
    elif kind == 1:
        weights[rng.integers(shape[0])] = 0
    elif kind == 2:
        weights[:] = 0
        weights.flat[rng.integers(weights.size)] = -128
    return weights.astype(np.int8)


def convolution(seed: int, behind: str = "", pads: bool = False, dilation: int = 1) -> Graph:
    """CONV_2D, and ``behind`` it MAX_POOL_2D or MEAN, of drawn shapes, scales and weights.

    Behind a pool's convolution nothing is added unless it ``pads``. With a ``dilation`` there are two taps
    at least.
    """
    rng = np.random.default_rng(seed)
    taps, channels, outputs = (int(rng.integers(1, most)) for most in (6, 10, 12))
    stride = int(rng.integers(1, 3)) if behind != "MAX_POOL_2D" else 1
    padding = int(rng.integers(2)) if behind != "MAX_POOL_2D" else SAME if pads else VALID
    taps = max(taps, 2) if dilation > 1 else taps
    reach = (taps - 1) * dilation + 1
    length = int(rng.integers(reach + 3 * stride, 24 if dilation == 1 else reach + 24))
    positions = -(-length // stride) if padding == SAME else (length - reach) // stride + 1
    weights = drawn_weights(rng, (outputs, 1, taps, channels))
    spread = (
        20 * np.sqrt(taps * channels) * max(1, int(np.abs(weights).max())) * rng.uniform(0.02, 4, outputs)
    )
    bias = rng.integers(-2000, 2000, outputs).astype(np.int32)
    activation, point = int(rng.integers(2)), int(rng.choice([-128, rng.integers(-128, 128)]))
    scale = 1 / 64
    source = tensor(0, (1, 1, length, channels), scale, int(rng.integers(-128, 128)))
    target = tensor(3, (1, 1, positions, outputs), scale, point)
    kernel = tensor(1, weights.shape, 1 / spread, 0, weights)
    more = {"dilation_w_factor": dilation} if dilation > 1 else {}
    first = Operator("CONV_2D", (0, 1, 2), (3,), options(padding, stride, activation, **more))
    tensors = [source, kernel, tensor(2, (outputs,), 1.0, 0, bias), target]
    if not behind:
        return Graph(tuple(tensors), (first,), 0, 3)
    second, last = _behind(rng, behind, target)
    return Graph((*tensors, *last), (first, second), 0, 4)


def along(weights: np.ndarray, length: int, behind: str = "") -> Graph:
    """CONV_2D with weights (outputs, 1, taps, channels) on so many positions, and MEAN ``behind`` it."""
    rng = np.random.default_rng(length)
    outputs, _, taps, channels = weights.shape
    source = tensor(0, (1, 1, length, channels), 1 / 64)
    target = tensor(3, (1, 1, length - taps + 1, outputs), 1 / 64, -128)
    kernel = tensor(1, weights.shape, np.full(outputs, 1 / 9000), 0, weights)
    bias = tensor(2, (outputs,), 1.0, 0, np.zeros(outputs, np.int32))
    first = Operator("CONV_2D", (0, 1, 2), (3,), options(VALID, 1, RELU))
    if not behind:
        return Graph((source, kernel, bias, target), (first,), 0, 3)
    second, more = _behind(rng, behind, target)
    return Graph((source, kernel, bias, target, *more), (first, second), 0, 4)


def grid(seed: int) -> Graph:
    """CONV_2D over rows and columns, windows beyond the input too."""
    rng = np.random.default_rng(seed)
    channels, outputs = int(rng.integers(1, 5)), int(rng.integers(1, 10))
    weights = drawn_weights(rng, (outputs, 2, 3, channels))
    spread = 20 * np.sqrt(6 * channels) * max(1, int(np.abs(weights).max())) * rng.uniform(0.02, 4, outputs)
    source = tensor(0, (1, 4, 5, channels), 1 / 64, int(rng.integers(-128, 128)))
    target = tensor(3, (1, 4, 5, outputs), 1 / 64, -128)
    bias = rng.integers(-2000, 2000, outputs).astype(np.int32)
    more = options(SAME, 1, RELU, dilation_h_factor=1, dilation_w_factor=1)
    operator = Operator("CONV_2D", (0, 1, 2), (3,), more)
    kernel = tensor(1, weights.shape, 1 / spread, 0, weights)
    return Graph((source, kernel, tensor(2, (outputs,), 1.0, 0, bias), target), (operator,), 0, 3)


def dense(seed: int) -> Graph:
    """FULLY_CONNECTED of one row or several, of any number of inputs and outputs."""
    rng = np.random.default_rng(seed)
    rows, inputs, outputs = (int(rng.integers(1, most)) for most in (4, 90, 40))
    return _dense(seed, rng, rows, (seed + 1 if seed < 9 else inputs, outputs))


def chain(seed: int, *sizes: int) -> Graph:
    """FULLY_CONNECTED one behind the other, of one row: two to four, or of ``sizes`` from the input on."""
    rng = np.random.default_rng(seed)
    return _dense(seed, rng, 1, sizes or tuple(rng.integers(1, 34, int(rng.integers(3, 6))).tolist()))


def _dense(seed: int, rng: np.random.Generator, rows: int, sizes: tuple[int, ...]) -> Graph:
    tensors, operators = [tensor(0, (rows, sizes[0]), 1 / 64, int(rng.integers(-128, 128)))], []
    for inputs, outputs in itertools.pairwise(sizes):
        weights = np.maximum(drawn_weights(rng, (outputs, inputs)), -127)
        spread = 20 * np.sqrt(inputs) * max(1, int(np.abs(weights).max())) * rng.uniform(0.02, 4, outputs)
        bias, at = rng.integers(-2000, 2000, outputs).astype(np.int32), len(tensors)
        kernel = tensor(at, weights.shape, 1 / spread, 0, weights)
        target = tensor(at + 2, (rows, outputs), 1 / 64, int(rng.integers(-128, 128)))
        more = {"fused_activation_function": int(rng.integers(2)), "weights_format": 0, "keep_num_dims": 0}
        operators.append(Operator("FULLY_CONNECTED", (at - 1, at, at + 1), (at + 2,), more))
        tensors += [kernel, tensor(at + 1, (outputs,), kernel.scale / 64, 0, bias), target]
    oracle = "tflm" if seed % 2 else "tflite"
    return Graph(tuple(tensors), tuple(operators), 0, len(tensors) - 1, oracle=oracle)


def _behind(rng: np.random.Generator, behind: str, target: Tensor) -> tuple[Operator, list[Tensor]]:
    _, _, positions, outputs = target.shape
    scale, point = float(target.scale[0]), int(target.zero_point[0])
    if behind == "MEAN":
        axes = tensor(5, (2,), (), 0, np.array([1, 2], np.int32))
        mean = tensor(4, (1, outputs), scale * rng.uniform(0.3, 1.5), int(rng.integers(-128, 128)))
        return Operator("MEAN", (3, 5), (4,), {"keep_dims": 0}), [mean, axes]
    size = int(rng.choice([each for each in (2, 2, 3, 4, positions) if each <= positions]))
    every = size + int(rng.integers(2))
    result = tensor(4, (1, 1, (positions - size) // every + 1, outputs), scale, point)
    pool = options(VALID, every, RELU * int(rng.integers(2)), filter_height=1, filter_width=size)
    return Operator("MAX_POOL_2D", (3,), (4,), pool), [result]


def samples(seed: int, size: int, count: int = 12) -> np.ndarray:
    """All lowest, all highest, both in turn, and anything."""
    rng = np.random.default_rng(seed)
    values = rng.integers(-128, 128, (count, size)).astype(np.int8)
    values[0], values[1], values[2] = -128, 127, np.resize([-128, 127], size)
    return values


def expected(planned: Plan, inputs: np.ndarray) -> np.ndarray:
    """(samples, outputs): what the layers' NumPy makes of them."""
    rows = []
    for sample in inputs:
        graph = planned.graph
        known = {graph.input: sample.reshape(graph.tensors[graph.input].shape)}
        for layer in planned.layers:
            sources = [known[source.index] for source in layer.sources]
            known[layer.target.index] = layer.reference(graph, *sources)
        rows.append(known[graph.output].ravel())
    return np.stack(rows)

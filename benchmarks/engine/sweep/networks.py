"""Forty drawn int8 networks, of fixed seeds: dense, conv, separable and bag, built without training.

Weights are drawn as Keras draws them, quantised as TensorFlow's converter does (a scale a channel, largest
127), and activations get the range that they take of drawn samples. Neither TensorFlow nor a file is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware import Graph
from zerotap.firmware.graph import Operator, Tensor

CALIBRATION = 24
SEED = 1600
EACH = 10
_VALID, _SAME, _NONE, _RELU = 1, 0, 0, 1
_STEP = {"stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """A network, and inputs over the whole range of what it takes, the extremes first: (n, *shape)."""

    name: str
    shape: str
    graph: Graph
    samples: NDArray[Any]


class Network:
    """A chain of operators that grows; ``values``: what the calibration's samples have become, in reals."""

    def __init__(self, rng: np.random.Generator, values: NDArray[Any], dtype: str = "int8") -> None:
        self.rng = rng
        self.values = values
        self._tensors: list[Tensor] = []
        self._operators: list[Operator] = []
        scale = 1 / 128 if dtype == "int8" else None
        self.last = self._add((1, *values.shape[1:]), dtype, scale, 0)

    def graph(self, name: str) -> Graph:
        """The network as the reader would give it."""
        return Graph(tuple(self._tensors), tuple(self._operators), 0, self.last, name)

    def dense(self, units: int, relu: bool = True) -> None:
        """FULLY_CONNECTED of all values."""
        rows = self.values.reshape(len(self.values), -1)
        weights = self._glorot((units, rows.shape[1]), rows.shape[1], units)
        shape = self._tensors[self.last].shape
        if len(shape) > 2:
            self._reshape((1, rows.shape[1]))
        options = {"weights_format": 0, "keep_num_dims": False}
        self._weighted("FULLY_CONNECTED", weights, rows @ weights.T, (1, units), 0, relu, options)

    def conv(self, filters: int, kernel: int, same: bool = False) -> None:
        """CONV_2D over (1, time, channels), ReLU."""
        channels = self.values.shape[-1]
        weights = self._glorot((filters, 1, kernel, channels), kernel * channels, kernel * filters)
        sums = np.einsum("ntck,fkc->ntf", self._windows(kernel, same), weights[:, 0])
        self._placed("CONV_2D", weights, sums, same, 0, {})

    def depthwise(self, kernel: int) -> None:
        """DEPTHWISE_CONV_2D over (1, time, channels), SAME, no activation, as in a separable layer."""
        channels = self.values.shape[-1]
        weights = self._glorot((1, 1, kernel, channels), kernel, kernel)
        sums = np.einsum("ntck,kc->ntc", self._windows(kernel, same=True), weights[0, 0])
        self._placed("DEPTHWISE_CONV_2D", weights, sums, True, 3, {"depth_multiplier": 1}, relu=False)

    def as_line(self) -> None:
        """RESHAPE of (time, channels) to the height of 1 that convolutions have."""
        self._reshape((1, 1, *self.values.shape[1:]))

    def pool(self) -> None:
        """MAX_POOL_2D of two steps."""
        steps = self.values.shape[1] // 2
        self.values = self.values[:, : 2 * steps].reshape(len(self.values), steps, 2, -1).max(axis=2)
        options = {"padding": _VALID, "stride_h": 1, "stride_w": 2, "filter_height": 1, "filter_width": 2}
        self._same_scale("MAX_POOL_2D", (1, 1, *self.values.shape[1:]), (), options)

    def mean(self) -> None:
        """MEAN over time."""
        rank = len(self._tensors[self.last].shape)
        axes = self._constant(np.arange(1, rank - 1, dtype=np.int32))
        self.values = self.values.mean(axis=1)
        self._finish("MEAN", (axes,), (1, self.values.shape[1]), {"keep_dims": False}, self.values)

    def lookup(self, rows: int, width: int) -> None:
        """GATHER of ids: the rows of a table."""
        table = self.rng.uniform(-1, 1, (rows, width))
        codes = np.clip(np.rint(table * 127), -127, 127).astype(np.int8)
        target = self._add((1, self.values.shape[1], width), "int8", 1 / 127, 0)
        held = self._add((rows, width), "int8", 1 / 127, 0, codes)
        self._append("GATHER", (held, self.last), target, {"axis": 0, "batch_dims": 0})
        self.values = codes[self.values] / 127

    def _glorot(self, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Reals:
        limit = np.sqrt(6 / (fan_in + fan_out))
        return self.rng.uniform(-limit, limit, shape)

    def _windows(self, kernel: int, same: bool) -> Reals:
        """(samples, positions, channels, kernel)."""
        before = (kernel - 1) // 2 if same else 0
        edges = (before, kernel - 1 - before) if same else (0, 0)
        padded = np.pad(self.values, ((0, 0), edges, (0, 0)))
        return np.lib.stride_tricks.sliding_window_view(padded, kernel, axis=1)

    def _placed(
        self,
        name: str,
        weights: Reals,
        sums: Reals,
        same: bool,
        axis: int,
        more: dict[str, int],
        relu: bool = True,
    ) -> None:
        options = {"padding": _SAME if same else _VALID, **_STEP, **more}
        self._weighted(name, weights, sums, (1, 1, *sums.shape[1:]), axis, relu, options)

    def _weighted(
        self,
        name: str,
        weights: Reals,
        sums: Reals,
        shape: tuple[int, ...],
        axis: int,
        relu: bool,
        options: dict[str, Any],
    ) -> None:
        """An operator with weights (a scale along ``axis``) and a bias, calibrated by its real ``sums``."""
        others = tuple(each for each in range(weights.ndim) if each != axis)
        scales = np.abs(weights).max(axis=others) / 127
        along = [-1 if each == axis else 1 for each in range(weights.ndim)]
        codes = np.rint(weights / scales.reshape(along)).astype(np.int8)
        held = self._add(weights.shape, "int8", scales, 0, codes, axis)
        bias = self.rng.uniform(-0.2, 0.2, len(scales))
        steps = scales * float(self._tensors[self.last].scale[0])
        biases = self._add(bias.shape, "int32", steps, 0, np.rint(bias / steps).astype(np.int32))
        real = sums + bias
        options = {**options, "fused_activation_function": _RELU if relu else _NONE}
        self._finish(name, (held, biases), shape, options, np.maximum(real, 0) if relu else real)

    def _finish(
        self,
        name: str,
        constants: tuple[int, ...],
        shape: tuple[int, ...],
        options: dict[str, Any],
        real: Reals,
    ) -> None:
        """Append an operator whose output has the range that its calibration takes."""
        low, high = min(0.0, float(real.min())), max(1e-3, float(real.max()))
        scale = (high - low) / 255
        target = self._add(shape, "int8", scale, round(-128 - low / scale))
        self._append(name, (self.last, *constants), target, options)
        self.values = real

    def _same_scale(
        self, name: str, shape: tuple[int, ...], constants: tuple[int, ...], options: dict[str, Any]
    ) -> None:
        source = self._tensors[self.last]
        target = self._add(shape, "int8", source.scale, int(source.zero_point[0]))
        given = {"fused_activation_function": _NONE, **options} if options else {}
        self._append(name, (self.last, *constants), target, given)

    def _reshape(self, shape: tuple[int, ...]) -> None:
        self._same_scale("RESHAPE", shape, (self._constant(np.array(shape, np.int32)),), {})

    def _append(self, name: str, inputs: tuple[int, ...], target: int, options: dict[str, Any]) -> None:
        self._operators.append(Operator(name, inputs, (target,), options))
        self.last = target

    def _constant(self, data: NDArray[np.int32]) -> int:
        return self._add(data.shape, "int32", None, 0, data)

    def _add(
        self,
        shape: tuple[int, ...],
        dtype: str,
        scale: float | Reals | None,
        zero_point: int,
        data: NDArray[Any] | None = None,
        axis: int = 0,
    ) -> int:
        index = len(self._tensors)
        # As a file holds them: float32.
        scales = np.atleast_1d(() if scale is None else np.float32(scale)).astype(np.float64)
        points = np.full(scales.shape, zero_point, np.int64)
        self._tensors.append(Tensor(index, f"tensor_{index}", shape, dtype, scales, points, data, axis))
        return index


def _signal(rng: np.random.Generator, *shape: int) -> Reals:
    return rng.integers(-128, 128, (CALIBRATION, *shape)) / 128


def _dense(rng: np.random.Generator) -> tuple[Network, str]:
    inputs = int(rng.choice([8, 16, 24, 48, 64, 96, 128]))
    units = [int(each) for each in rng.choice([4, 8, 12, 16, 24, 32, 48], rng.integers(1, 4))]
    outputs = int(rng.integers(2, 9))
    network = Network(rng, _signal(rng, inputs))
    for count in units:
        network.dense(count)
    network.dense(outputs, relu=False)
    return network, f"dense {'-'.join(map(str, (inputs, *units, outputs)))}"


def _window(rng: np.random.Generator) -> tuple[int, int]:
    return int(rng.choice([24, 32, 48, 64])), int(rng.integers(3, 10))


def _ending(rng: np.random.Generator, network: Network) -> str:
    """A mean over time, and a layer of classes."""
    network.mean()
    outputs = int(rng.integers(2, 9))
    network.dense(outputs, relu=False)
    return f"mean, dense {outputs}"


def _conv(rng: np.random.Generator) -> tuple[Network, str]:
    window = _window(rng)
    network, said = Network(rng, _signal(rng, *window)), [f"{window[0]}x{window[1]}"]
    network.as_line()
    for layer in range(int(rng.integers(1, 4))):
        filters, kernel = int(rng.choice([8, 12, 16, 24, 32])), int(rng.choice([3, 5]))
        same = bool(rng.random() < 0.5) or network.values.shape[1] < kernel + 2
        network.conv(filters, kernel, same)
        said.append(f"conv {filters} k{kernel}{' same' if same else ''}")
        if layer == 0 and rng.random() < 0.7:
            network.pool()
            said.append("pool 2")
    if rng.random() < 0.25 and network.values[0].size <= 512:
        outputs = int(rng.integers(2, 9))
        network.dense(outputs, relu=False)
        return network, ", ".join([*said, f"dense {outputs}"])
    return network, ", ".join([*said, _ending(rng, network)])


def _separable(rng: np.random.Generator) -> tuple[Network, str]:
    window = _window(rng)
    network, said = Network(rng, _signal(rng, *window)), [f"{window[0]}x{window[1]}"]
    network.as_line()
    for layer in range(int(rng.integers(1, 4))):
        filters, kernel = int(rng.choice([8, 12, 16, 24, 32])), int(rng.choice([3, 5]))
        network.depthwise(kernel)
        network.conv(filters, 1)
        said.append(f"separable {filters} k{kernel}")
        if layer == 0 and rng.random() < 0.7:
            network.pool()
            said.append("pool 2")
    return network, ", ".join([*said, _ending(rng, network)])


def _bag(rng: np.random.Generator) -> tuple[Network, str]:
    ids, rows = int(rng.choice([8, 16, 32, 48, 64])), int(rng.choice([128, 256, 512, 1024]))
    width, units = int(rng.choice([8, 12, 16, 24, 32])), int(rng.choice([0, 8, 16, 24]))
    network = Network(rng, rng.integers(0, rows, (CALIBRATION, ids)), "int32")
    network.lookup(rows, width)
    network.mean()
    if units:
        network.dense(units)
    outputs = int(rng.integers(2, 9))
    network.dense(outputs, relu=False)
    said = [f"{ids} ids", f"embedding {rows}x{width}", "mean", *([f"dense {units}"] if units else [])]
    return network, ", ".join([*said, f"dense {outputs}"])


FAMILIES: dict[str, Callable[[np.random.Generator], tuple[Network, str]]] = {
    "dense": _dense,
    "conv": _conv,
    "separable": _separable,
    "bag": _bag,
}
NAMES = tuple(f"{family}_{number}" for family in FAMILIES for number in range(EACH))


def draw(name: str, samples: int) -> Drawn:
    """The network of that name, one of NAMES; the same every time."""
    family, _, number = name.rpartition("_")
    rng = np.random.default_rng([SEED, list(FAMILIES).index(family), int(number)])
    network, shape = FAMILIES[family](rng)
    graph = network.graph(name)
    return Drawn(name, shape, graph, _samples(rng, graph, samples))


def _samples(rng: np.random.Generator, graph: Graph, count: int) -> NDArray[Any]:
    source = graph.tensors[graph.input]
    low, high = (-128, 127) if source.dtype == "int8" else (0, _rows(graph) - 1)
    samples = rng.integers(low, high + 1, (count, *source.shape[1:])).astype(source.dtype)
    samples[0], samples[1] = low, high
    samples[2] = np.resize(np.array([low, high], source.dtype), source.shape[1:])
    return samples


def _rows(graph: Graph) -> int:
    """Of the table that ids are of."""
    return graph.tensors[graph.operators[0].inputs[0]].shape[0]

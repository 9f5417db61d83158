"""Graphs without TensorFlow whose layers are local in time, their windows, and what these give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zerotap.features import Pipeline
from zerotap.features.transforms import CountWindows
from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.oracles.tables import filled
from zerotap.firmware.planning.plan import plan

NOTHING = (np.empty(0), np.empty(0, np.int64))


@dataclass(frozen=True)
class Local:
    """A layer along time: "conv", "depthwise", "max", "average" or "tanh"; ``filters`` of a convolution."""

    kind: str
    kernel: int = 1
    stride: int = 1
    filters: int = 4
    dilation: int = 1
    same: bool = False


@dataclass(frozen=True)
class Case:
    """Windows of uint8 rows, what is computed on them, and the head: "mean", "max", "flatten"."""

    length: int
    hop: int
    channels: int
    layers: tuple[Local, ...]
    head: str = "flatten"
    minimum_fill: float = 0.5
    padding: str = "zero"

    @property
    def pipeline(self) -> Pipeline:
        windows = CountWindows(self.length, self.hop, self.minimum_fill, self.padding)
        return Pipeline("drawn", (windows,), "reports", self.channels)


class _Builder:
    def __init__(self, rng: np.random.Generator, length: int, channels: int) -> None:
        self.rng = rng
        self.tensors: list[Tensor] = []
        self.operators: list[Operator] = []
        self.source = self.activation((1, length, channels), 1 / 255, -128)

    def add(self, shape, dtype, scale=(), zero_point=(), data=None, axis=0) -> int:
        scale, zero_point = np.atleast_1d(np.float64(scale)), np.atleast_1d(np.int64(zero_point))
        zero_point = np.broadcast_to(zero_point, scale.shape)
        index = len(self.tensors)
        self.tensors.append(Tensor(index, f"t{index}", tuple(shape), dtype, scale, zero_point, data, axis))
        return index

    def activation(self, shape, scale, zero_point) -> int:
        return self.add(shape, "int8", scale, zero_point)

    def shape(self, index: int) -> tuple[int, ...]:
        return self.tensors[index].shape

    def constant(self, values) -> int:
        data = np.asarray(values, np.int32)
        return self.add(data.shape, "int32", np.empty(0), np.empty(0), data)

    def reshape(self, source: int, shape) -> int:
        before = self.tensors[source]
        target = self.activation(shape, before.scale[0], before.zero_point[0])
        self.operators.append(Operator("RESHAPE", (source, self.constant(shape)), (target,)))
        return target

    def weights(self, shape, axis: int, fan: int) -> tuple[int, int]:
        outputs = shape[axis]
        scale = self.rng.uniform(0.5, 1.5, outputs) / (60 * np.sqrt(fan))
        data = self.rng.integers(-127, 128, shape).astype(np.int8)
        weights = self.add(shape, "int8", scale, np.zeros(outputs, np.int64), data, axis)
        bias = self.constant(self.rng.integers(-300, 300, outputs))
        return weights, bias

    def convolution(self, source: int, layer: Local) -> int:
        _, _, length, channels = self.shape(source)
        is_depthwise = layer.kind == "depthwise"
        filters = channels if is_depthwise else layer.filters
        shape = (1, 1, layer.kernel, channels) if is_depthwise else (filters, 1, layer.kernel, channels)
        weights, bias = self.weights(shape, 3 if is_depthwise else 0, layer.kernel * channels)
        options = {
            "padding": 0 if layer.same else 1,
            **{"stride_h": 1, "stride_w": layer.stride},
            **{"dilation_h_factor": 1, "dilation_w_factor": layer.dilation},
            "fused_activation_function": int(self.rng.integers(0, 2)),
            **({"depth_multiplier": 1} if is_depthwise else {}),
        }
        rows = self._rows(length, (layer.kernel - 1) * layer.dilation + 1, layer)
        target = self.activation((1, 1, rows, filters), 0.02, int(self.rng.integers(-128, 20)))
        name = "DEPTHWISE_CONV_2D" if is_depthwise else "CONV_2D"
        self.operators.append(Operator(name, (source, weights, bias), (target,), options))
        return target

    def pooling(self, source: int, layer: Local) -> int:
        _, _, length, channels = self.shape(source)
        before = self.tensors[source]
        rows = self._rows(length, layer.kernel, layer)
        target = self.activation((1, 1, rows, channels), before.scale[0], before.zero_point[0])
        options = {
            "padding": 0 if layer.same else 1,
            **{"stride_h": 1, "stride_w": layer.stride, "filter_height": 1, "filter_width": layer.kernel},
            "fused_activation_function": 0,
        }
        name = {"max": "MAX_POOL_2D", "average": "AVERAGE_POOL_2D"}[layer.kind]
        self.operators.append(Operator(name, (source,), (target,), options))
        return target

    @staticmethod
    def _rows(length: int, reach: int, layer: Local) -> int:
        return -(-length // layer.stride) if layer.same else (length - reach) // layer.stride + 1

    def tanh(self, source: int) -> int:
        target = self.activation(self.shape(source), 1 / 128, 0)
        self.operators.append(Operator("TANH", (source,), (target,)))
        return target

    def doubled(self, source: int) -> int:
        """A sum of two tensors of the same rows."""
        _, _, _, channels = self.shape(source)
        other = self.convolution(source, Local("conv", 1, 1, channels))
        target = self.activation(self.shape(source), 0.03, 3)
        options = {"fused_activation_function": 0, "pot_scale_int16": False}
        self.operators.append(Operator("ADD", (source, other), (target,), options))
        return target

    def layer(self, source: int, layer: Local) -> int:
        if layer.kind in ("conv", "depthwise"):
            return self.convolution(source, layer)
        if layer.kind == "tanh":
            return self.tanh(source)
        if layer.kind == "doubled":
            return self.doubled(source)
        return self.pooling(source, layer)

    def head(self, source: int, head: str) -> int:
        _, _, rows, channels = self.shape(source)
        if head == "mean":
            target = self.activation((1, channels), 0.01, 5)
            axes = self.constant([1, 2])
            self.operators.append(Operator("MEAN", (source, axes), (target,), {"keep_dims": False}))
        elif head == "max":
            target = self.pooling(source, Local("max", rows, rows))
        else:
            target = source
        return self.dense(self.reshape(target, (1, int(np.prod(self.shape(target))))))

    def dense(self, source: int) -> int:
        inputs = self.shape(source)[1]
        weights, bias = self.weights((3, inputs), 0, inputs)
        target = self.activation((1, 3), 0.05, -3)
        options = {"fused_activation_function": 0, "weights_format": 0, "keep_num_dims": False}
        self.operators.append(Operator("FULLY_CONNECTED", (source, weights, bias), (target,), options))
        return target


def graph_of(case: Case, seed: int = 0) -> Graph:
    """The case's model with drawn weights."""
    builder = _Builder(np.random.default_rng(seed), case.length, case.channels)
    at = builder.reshape(builder.source, (1, 1, case.length, case.channels))
    for layer in case.layers:
        at = builder.layer(at, layer)
    output = builder.head(at, case.head)
    return Graph(tuple(builder.tensors), tuple(builder.operators), builder.source, output, "drawn")


def expected_of(graph: Graph, windows: Sequence[np.ndarray]) -> np.ndarray:
    """What the operators' references give for windows of uint8 rows, int8 (n, outputs)."""
    planned = filled(plan(graph))
    graph, given = planned.graph, []
    for window in windows:
        shape = graph.tensors[graph.input].shape
        values = {graph.input: (window ^ 0x80).view(np.int8).reshape(shape)}
        for layer in planned.layers:
            values[layer.target.index] = layer.reference(graph, *(values[one.index] for one in layer.sources))
        given.append(values[graph.output].ravel())
    return np.array(given, np.int8).reshape(len(windows), -1)

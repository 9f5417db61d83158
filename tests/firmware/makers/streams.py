"""Streaming networks written operator by operator: rings of rows in variables, as wake words have them."""

import numpy as np
from residual import Network


class Stream(Network):
    """A network whose input is the next rows (rows, width) of a stream."""

    def __init__(self, writer, rows: int, width: int, seed: int = 0) -> None:
        super().__init__(writer, (rows, 1, width), seed)
        self.variables = {}

    def rows(self, source: int, first: int, end: int) -> int:
        """The rows ``first`` to ``end`` (0: the last)."""
        tensor = self.tensors[source]
        _, height, _, width = tensor.shape
        begin, last, steps = (
            self.constant(np.array(each, np.int32))
            for each in ([0, first, 0, 0], [0, end or height, 0, 0], [1] * 4)
        )
        shape = (1, (end or height) - first, 1, width)
        masks = {"beginMask": 0b1101, "endMask": 0b1101}
        quantised = (tensor.scale, tensor.zero_point)
        inputs = [source, begin, last, steps]
        return self.operator("STRIDED_SLICE", inputs, shape, *quantised, "StridedSliceOptions", **masks)

    def variable(self, value: int, initial) -> int:
        """The handle of a new variable of a tensor's kind, which begins as ``initial`` (elements, or one)."""
        name, like = f"stream_{len(self.variables)}/states", self.tensors[value]
        data = np.broadcast_to(np.asarray(initial, np.int8), like.shape)
        self.variables[name] = self.tensor(like.shape, "int8", like.scale, like.zero_point, data)
        self.tensors.append(self.tensor((), "resource"))
        handle = len(self.tensors) - 1
        self.operators.append(
            self.model.one("VAR_HANDLE", [], handle, "VarHandleOptions", {"sharedName": name})
        )
        return handle

    def read(self, handle: int, like: int) -> int:
        tensor = self.tensors[like]
        return self.operator("READ_VARIABLE", [handle], tensor.shape, tensor.scale, tensor.zero_point)

    def assign(self, handle: int, value: int) -> None:
        self.operators.append(self.model.one("ASSIGN_VARIABLE", [handle, value], []))

    def joined(self, *parts: int) -> int:
        """Tensors one below the other."""
        first = self.tensors[parts[0]]
        height = sum(self.tensors[part].shape[1] for part in parts)
        shape = (1, height, *first.shape[2:])
        kind = "ConcatenationOptions"
        quantised = (first.scale, first.zero_point)
        return self.operator("CONCATENATION", list(parts), shape, *quantised, kind, axis=1)

    def ring(self, source: int, kept: int, initial=None) -> int:
        """The last ``kept`` rows of the steps before, and the new ones behind them."""
        tensor = self.tensors[source]
        _, height, _, width = tensor.shape
        # Of the kind of what is kept: a part of a tensor that is written later.
        self.tensors.append(self.tensor((1, kept, 1, width), "int8", tensor.scale, tensor.zero_point))
        before = len(self.tensors) - 1
        handle = self.variable(before, tensor.zero_point if initial is None else initial)
        self.operators.append(self.model.one("READ_VARIABLE", [handle], before))
        both = self.joined(before, source)
        self.assign(handle, self.rows(both, height, 0))
        return both

    def column(self, source: int, channels: int, kernel: int, stride: int = 1) -> int:
        """A convolution along the rows, without padding."""
        _, height, _, inputs = self.tensors[source].shape
        numbers, scale = self.weights(source, (channels, kernel, 1, inputs), 0, kernel * inputs)
        shape = (1, (height - kernel) // stride + 1, 1, channels)
        options = {"padding": 1, "strideH": stride, "strideW": stride, "fusedActivationFunction": 1}
        options |= {"dilationHFactor": 1, "dilationWFactor": 1}
        return self.operator("CONV_2D", [source, *numbers], shape, scale, -128, "Conv2DOptions", **options)

    def apart(self, source: int, kernel: int) -> int:
        """A depthwise convolution along the rows, without padding."""
        _, height, _, channels = self.tensors[source].shape
        numbers, scale = self.weights(source, (1, kernel, 1, channels), 3, kernel)
        shape = (1, height - kernel + 1, 1, channels)
        options = {"padding": 1, "strideH": 1, "strideW": 1, "fusedActivationFunction": 0}
        options |= {"dilationHFactor": 1, "dilationWFactor": 1, "depthMultiplier": 1}
        inputs = [source, *numbers]
        kind = "DepthwiseConv2DOptions"
        return self.operator("DEPTHWISE_CONV_2D", inputs, shape, scale, -4, kind, **options)

    def content(self) -> bytes:
        last = self.operators.pop()
        spec = self.model(
            last.operator, self.tensors, last.inputs, last.output, 0, last.options_type, last.options
        )
        spec.before, spec.variables = self.operators, self.variables
        return self.write(spec)


def wake_word(writer, width: int = 8, channels: int = 12, seed: int = 0) -> bytes:
    """Three rows a step, convolved with stride 3, then two mixed convolutions, a dense layer, uint8 out."""
    net = Stream(writer, 3, width, seed)
    at = net.column(net.ring(0, 2), channels, 5, 3)
    for kept, kernel in ((4, 5), (9, 4)):
        held = net.ring(at, kept)
        at = net.column(net.apart(net.rows(held, kept + 1 - kernel, 0), kernel), channels, 1)
    at = net.dense(net.ring(at, 3), 1)
    at = net.operator("LOGISTIC", [at], (1, 1), 1 / 256, -128)
    net.tensors.append(net.tensor((1, 1), "uint8", np.float32(1 / 256), 0))
    net.operators.append(net.model.one("QUANTIZE", [at], len(net.tensors) - 1))
    return net.content()


def drawn(writer, seed: int) -> bytes:
    """Variables that are read and assigned several times, in any order, joined and computed with."""
    net = Stream(writer, 2, 3, seed)
    rng, tensor = net.rng, net.tensors[0]
    handles = [net.variable(0, rng.integers(-128, 128, tensor.shape)) for _ in range(2)]
    values = [0, net.read(handles[0], 0)]
    for _ in range(int(rng.integers(4, 10))):
        handle, value = handles[rng.integers(2)], values[rng.integers(len(values))]
        kind = int(rng.integers(4))
        if kind == 0:
            net.assign(handle, value)
        elif kind == 1:
            values.append(net.read(handle, 0))
        elif kind == 2:
            values.append(net.operator("RELU", [value], tensor.shape, tensor.scale, tensor.zero_point))
        else:
            other = values[rng.integers(len(values))]
            both = net.joined(value, other)
            values.append(net.rows(both, 1, 3))
    net.assign(handles[0], net.rows(net.joined(values[1], values[-1]), 1, 3))
    last = [values[index] for index in rng.integers(len(values), size=2)]
    net.joined(*last, net.read(handles[0], 0), net.read(handles[1], 0))
    return net.content()

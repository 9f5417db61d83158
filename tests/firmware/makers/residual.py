"""Networks of random weights, written operator by operator: those of MLPerf Tiny, and drawn ones."""

import math

import numpy as np


class Network:
    """Operators one behind the other; each method returns the number of the tensor that it writes."""

    def __init__(self, writer, shape, seed: int = 0, alike: bool = False) -> None:
        """``alike``: every channel of a layer has the same weights, so that it is planned quickly."""
        self.tensor, self.model, self.write = writer
        self.rng = np.random.default_rng(seed)
        self.tensors = [self.tensor((1, *shape), "int8", 0.02, -3)]
        self.operators, self.alike = [], alike

    def operator(
        self, name: str, inputs, shape, scale: float, zero_point: int, kind: str = "NONE", **options
    ):
        self.tensors.append(self.tensor(shape, "int8", np.float32(scale), zero_point))
        output = len(self.tensors) - 1
        self.operators.append(self.model.one(name, inputs, output, kind, options))
        return output

    def constant(self, values, scale=(), axis: int = 0) -> int:
        zero_point = 0 if len(np.atleast_1d(scale)) else ()
        self.tensors.append(self.tensor(values.shape, values.dtype.name, scale, zero_point, values, axis))
        return len(self.tensors) - 1

    def weights(self, source: int, shape, axis: int, taps: int):
        """Numbers of weights and bias, and the scale of outputs that these fill."""
        channels = shape[axis]
        scale = (0.01 * self.rng.uniform(0.5, 1, channels)).astype(np.float32)
        scale = np.full_like(scale, scale[0]) if self.alike else scale
        product = np.float32(self.tensors[source].scale) * scale
        weights = self.rng.integers(-127, 128, shape).astype(np.int8)
        bias = self.rng.integers(-900, 900, channels).astype(np.int32)
        if self.alike:
            weights = np.repeat(weights.take([0], axis), channels, axis)
            bias[:] = bias[0]
        numbers = [self.constant(weights, scale, axis), self.constant(bias, product)]
        return numbers, float(product.mean()) * math.sqrt(taps) * 73

    def conv(self, source: int, channels: int, kernel: int, stride: int = 1, relu=True, valid=False) -> int:
        _, height, width, inputs = self.tensors[source].shape
        shape = (channels, kernel, kernel, inputs)
        numbers, scale = self.weights(source, shape, 0, kernel * kernel * inputs)
        lost = kernel - 1 if valid else 0
        target = (1, -(-(height - lost) // stride), -(-(width - lost) // stride), channels)
        options = {"padding": int(valid), "strideH": stride, "strideW": stride}
        options["fusedActivationFunction"] = int(relu)
        options |= {"dilationHFactor": 1, "dilationWFactor": 1}
        zero_point = -128 if relu else 5
        return self.operator(
            "CONV_2D", [source, *numbers], target, scale, zero_point, "Conv2DOptions", **options
        )

    def depthwise(self, source: int, stride: int = 1) -> int:
        _, height, width, channels = self.tensors[source].shape
        numbers, scale = self.weights(source, (1, 3, 3, channels), 3, 9)
        target = (1, -(-height // stride), -(-width // stride), channels)
        options = {"padding": 0, "strideH": stride, "strideW": stride, "fusedActivationFunction": 1}
        options |= {"dilationHFactor": 1, "dilationWFactor": 1, "depthMultiplier": 1}
        inputs = [source, *numbers]
        return self.operator(
            "DEPTHWISE_CONV_2D", inputs, target, scale, -128, "DepthwiseConv2DOptions", **options
        )

    def add(self, first: int, second: int) -> int:
        scale = 1.2 * float(max(self.tensors[each].scale for each in (first, second)))
        shape = self.tensors[first].shape
        return self.operator(
            "ADD", [first, second], shape, scale, -128, "AddOptions", fusedActivationFunction=1
        )

    def pool(self, source: int, name: str, size: int) -> int:
        _, height, width, channels = self.tensors[source].shape
        shape = (1, height // size, width // size, channels)
        options = {"padding": 1, "strideH": size, "strideW": size, "filterHeight": size, "filterWidth": size}
        tensor = self.tensors[source]
        return self.operator(
            name, [source], shape, tensor.scale, tensor.zero_point, "Pool2DOptions", **options
        )

    def dense(self, source: int, outputs: int) -> int:
        tensor = self.tensors[source]
        size = math.prod(tensor.shape)
        shape = self.constant(np.array([1, size], np.int32))
        flat = self.operator(
            "RESHAPE", [source, shape], (1, size), tensor.scale, tensor.zero_point, "ReshapeOptions"
        )
        numbers, scale = self.weights(flat, (outputs, size), 0, size)
        return self.operator(
            "FULLY_CONNECTED", [flat, *numbers], (1, outputs), scale, 0, "FullyConnectedOptions"
        )

    def content(self) -> bytes:
        last = self.operators[-1]
        spec = self.model(
            last.operator, self.tensors, last.inputs, last.output, 0, last.options_type, last.options
        )
        spec.before = self.operators[:-1]
        return self.write(spec)


def residual(writer, size: int, channels: int, classes: int) -> bytes:
    """ResNet-8: MLPerf Tiny's image classifier for a size of 32, 16 channels and 10 classes."""
    net = Network(writer, (size, size, 3 if size == 32 else 4))
    at = net.conv(0, channels, 3)
    for stack in range(3):
        width, stride = channels << stack, 1 if stack == 0 else 2
        inner = net.conv(net.conv(at, width, 3, stride), width, 3, relu=False)
        around = at if stack == 0 else net.conv(at, width, 1, stride, relu=False)
        at = net.add(around, inner)
    net.dense(net.pool(at, "AVERAGE_POOL_2D", size // 4), classes)
    return net.content()


def separable(writer, size: int, first: int) -> bytes:
    """MobileNet v1: MLPerf Tiny's visual wake words for a size of 96 and 8 channels at first."""
    net = Network(writer, (size, size, 3), alike=True)
    at = net.conv(0, first, 3, 2)
    widths = [2, 4, 4, 8, 8, 16, 16, 16, 16, 16, 16, 32, 32]
    strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1]
    for width, stride in zip(widths, strides, strict=True):
        at = net.conv(net.depthwise(at, stride), first * width, 1)
    net.dense(net.pool(at, "AVERAGE_POOL_2D", size // 32), 2)
    return net.content()


def drawn(writer, seed: int) -> bytes:
    """Convolutions of any padding and stride, poolings, branches, tables, then a dense layer."""
    net = Network(writer, (19, 16, 4), seed)
    at = net.conv(0, 8, 3)
    for _ in range(4):
        choice, rows = int(net.rng.integers(6)), net.tensors[at].shape[1]
        if choice == 0:
            at = net.conv(at, 4 * int(net.rng.integers(1, 4)), 3, valid=rows > 5)
        elif choice == 1:
            at = net.conv(at, 8, int(net.rng.choice([1, 2, 5])), int(net.rng.integers(1, 3)))
        elif choice == 2:
            at = net.depthwise(at, int(net.rng.integers(1, 3)))
        elif choice == 3 and rows > 6:
            at = net.pool(at, str(net.rng.choice(["MAX_POOL_2D", "AVERAGE_POOL_2D"])), 2)
        elif choice == 4:
            at = net.operator("LOGISTIC", [at], net.tensors[at].shape, 1 / 256, -128)
        else:
            channels = net.tensors[at].shape[3]
            at = net.add(net.conv(at, channels, 1), net.conv(net.conv(at, 4, 3), channels, 3, relu=False))
    net.dense(at, 5)
    return net.content()

"""Every operator of the registry: NumPy reference == TensorFlow's reference kernels == generated C."""

import math
import zlib

import numpy as np
import pytest

from zerotap.firmware import Oracle, generate, plan, read_tflite
from zerotap.firmware.fixed_point import exact_multiplier, quantise_multiplier, requantise, requantise_real
from zerotap.firmware.operators import OPERATORS

CASES = 40
COMPILED = 8
SAMPLES = 64


class Maker:
    """Draws single-operator models; one generator a case, so that a failure names its seed."""

    def __init__(self, writer, operator: str, seed: int) -> None:
        self.tensor, self.model, self.write = writer
        self.operator = operator
        self.rng = np.random.default_rng([zlib.crc32(operator.encode()), seed])

    def scale(self) -> float:
        return float(np.float32(10 ** self.rng.uniform(-4, 0)))

    def zero_point(self) -> int:
        return int(self.rng.choice([-128, 127, 0, self.rng.integers(-128, 128)]))

    def size(self, high: int) -> int:
        return int(self.rng.integers(1, high + 1))

    def activation(self, shape, scale=None, zero_point=None):
        scale = self.scale() if scale is None else scale
        return self.tensor(shape, "int8", scale, self.zero_point() if zero_point is None else zero_point)

    def weights(self, shape):
        extreme = self.rng.integers(5)
        if extreme < 3:
            return np.full(shape, (-127, 127, -128)[extreme], np.int8)
        return self.rng.integers(-127, 128, shape).astype(np.int8)

    def weighted(self, source, shape, axis, output_shape, taps, options_type, options):
        """Activation, weights, perhaps a bias; the output's scale puts the multiplier between 1e-5 and 2."""
        channels = shape[axis]
        per_channel = bool(self.rng.integers(2)) and channels > 1
        scale = np.float32(10 ** self.rng.uniform(-3, -1, channels if per_channel else 1))
        product = np.float32(source.scale) * scale
        output_scale = float(np.float32(product.max() * taps * 10 ** self.rng.uniform(-0.3, 2.5)))
        bias_limit = int(self.rng.choice([1, 1000, 1 << 20]))
        bias = self.tensor(
            (channels,), "int32", product, 0, self.rng.integers(-bias_limit, bias_limit + 1, channels)
        )
        weights = self.tensor(shape, "int8", scale, 0, self.weights(shape), axis)
        options = {"fusedActivationFunction": int(self.rng.integers(4)), **options}
        # TensorFlow wants a bias in every convolution.
        has_bias = self.operator != "FULLY_CONNECTED" or bool(self.rng.integers(3))
        tensors = [
            source,
            weights,
            self.activation(output_shape, output_scale),
            *([bias] if has_bias else []),
        ]
        inputs = [0, 1, 3 if has_bias else -1]
        return self.model(self.operator, tensors, inputs, 2, 0, options_type, options)

    def fully_connected(self):
        rows, inputs, outputs = self.size(3), self.size(40), self.size(12)
        return self.weighted(
            self.activation((rows, inputs)),
            (outputs, inputs),
            0,
            (rows, outputs),
            inputs,
            "FullyConnectedOptions",
            {},
        )

    def geometry(self, dilated: bool):
        """(input, kernel, stride, dilation, padding, output) of height and width."""
        while True:
            source = (int(self.rng.choice([1, 4])), self.size(12))
            kernel, stride = (self.size(3), self.size(5)), (self.size(2), self.size(3))
            dilation = (self.size(2), self.size(2)) if dilated else (1, 1)
            padding = int(self.rng.integers(2))
            reach = [1 if padding == 0 else (k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
            output = tuple((s + t - r) // t for s, t, r in zip(source, stride, reach, strict=True))
            if min(output) > 0:
                return source, kernel, stride, dilation, padding, output

    def conv_options(self, stride, dilation, padding):
        return {
            "padding": padding,
            "strideH": stride[0],
            "strideW": stride[1],
            "dilationHFactor": dilation[0],
            "dilationWFactor": dilation[1],
        }

    def conv_2d(self):
        source, kernel, stride, dilation, padding, output = self.geometry(dilated=True)
        inputs, outputs = self.size(5), self.size(6)
        return self.weighted(
            self.activation((1, *source, inputs)),
            (outputs, *kernel, inputs),
            0,
            (1, *output, outputs),
            math.prod(kernel) * inputs,
            "Conv2DOptions",
            self.conv_options(stride, dilation, padding),
        )

    def depthwise_conv_2d(self):
        source, kernel, stride, dilation, padding, output = self.geometry(dilated=True)
        inputs, multiplier = self.size(5), self.size(3)
        stride = (stride[1], stride[1])
        reach = [1 if padding == 0 else (k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
        output = tuple((s + t - r) // t for s, t, r in zip(source, stride, reach, strict=True))
        if min(output) < 1:
            return self.depthwise_conv_2d()
        return self.weighted(
            self.activation((1, *source, inputs)),
            (1, *kernel, inputs * multiplier),
            3,
            (1, *output, inputs * multiplier),
            math.prod(kernel),
            "DepthwiseConv2DOptions",
            {**self.conv_options(stride, dilation, padding), "depthMultiplier": multiplier},
        )

    def pooling(self):
        source, kernel, stride, _, padding, output = self.geometry(dilated=False)
        channels, scale, zero_point = self.size(6), self.scale(), self.zero_point()
        options = {
            "padding": padding,
            "strideH": stride[0],
            "strideW": stride[1],
            "filterHeight": kernel[0],
            "filterWidth": kernel[1],
            "fusedActivationFunction": int(self.rng.integers(4)),
        }
        tensors = [
            self.activation((1, *source, channels), scale, zero_point),
            self.activation((1, *output, channels), scale, zero_point),
        ]
        return self.model(self.operator, tensors, [0], 1, 0, "Pool2DOptions", options)

    def reduction(self, same_scale: bool):
        shape = (1, self.size(9), self.size(5), self.size(5))[: int(self.rng.integers(2, 5))]
        first = int(self.rng.integers(1, len(shape)))
        axes = list(range(first, int(self.rng.integers(first, len(shape))) + 1))
        keep = bool(self.rng.integers(2))
        kept = [1 if i in axes else extent for i, extent in enumerate(shape)]
        output = tuple(kept if keep else [extent for i, extent in enumerate(shape) if i not in axes])
        source = self.activation(shape)
        near = float(np.float32(source.scale * 10 ** self.rng.uniform(-1, 1)))
        same = same_scale or not self.rng.integers(4)
        target = self.activation(output, source.scale if same else near, source.zero_point if same else None)
        negative = np.array(axes) - len(shape) if self.rng.integers(2) else np.array(axes)
        tensors = [source, self.tensor((len(axes),), "int32", data=negative), target]
        return self.model(self.operator, tensors, [0, 1], 2, 0, "ReducerOptions", {"keepDims": keep})

    def mean(self):
        return self.reduction(same_scale=False)

    def reduce_max(self):
        return self.reduction(same_scale=True)

    def gather(self):
        rows, width, ids = self.size(50), self.size(9), self.size(12)
        scale, zero_point = self.scale(), self.zero_point()
        table = self.tensor((rows, width), "int8", scale, zero_point, self.weights((rows, width)))
        tensors = [table, self.tensor((1, ids), "int32"), self.activation((1, ids, width), scale, zero_point)]
        return self.model(self.operator, tensors, [0, 1], 2, 1, "GatherOptions", {"axis": 0})

    def elementwise(self):
        shape, source_scale = (1, self.size(9), self.size(9)), self.scale()
        scale = float(np.float32(source_scale * 10 ** self.rng.uniform(-2, 2)))
        tensors = [self.activation(shape, source_scale), self.activation(shape, scale)]
        return self.model(self.operator, tensors, [0], 1, 0)

    def to_fixed_scale(self, scale: float, zero_point: int, options_type="NONE", options=None):
        shape = (1, self.size(3), self.size(20))
        source = self.activation(shape, float(np.float32(10 ** self.rng.uniform(-3, 0.3))))
        tensors = [source, self.activation(shape, scale, zero_point)]
        return self.model(self.operator, tensors, [0], 1, 0, options_type, options or {})

    def softmax(self):
        beta = float(np.float32(self.rng.choice([1.0, 0.5, 2.0])))
        return self.to_fixed_scale(1 / 256, -128, "SoftmaxOptions", {"beta": beta})

    def logistic(self):
        return self.to_fixed_scale(1 / 256, -128)

    def tanh(self):
        return self.to_fixed_scale(1 / 128, 0)

    def reshaping(self, output, options_type, options, constant=None):
        source = self.activation((1, 1, 3, 4))
        target = self.activation(output, source.scale, source.zero_point)
        extra = [] if constant is None else [self.tensor(np.shape(constant), "int32", data=constant)]
        inputs = [0, 2] if extra else [0]
        return self.model(self.operator, [source, target, *extra], inputs, 1, 0, options_type, options)

    def reshape(self):
        return self.reshaping((1, 12), "ReshapeOptions", {"newShape": [1, 12]}, [1, 12])

    def squeeze(self):
        return self.reshaping((1, 3, 4), "SqueezeOptions", {"squeezeDims": [1]})

    def expand_dims(self):
        return self.reshaping((1, 1, 3, 1, 4), "ExpandDimsOptions", {}, 3)


MAKERS = {
    "AVERAGE_POOL_2D": Maker.pooling,
    "CONV_2D": Maker.conv_2d,
    "DEPTHWISE_CONV_2D": Maker.depthwise_conv_2d,
    "EXPAND_DIMS": Maker.expand_dims,
    "FULLY_CONNECTED": Maker.fully_connected,
    "GATHER": Maker.gather,
    "LOGISTIC": Maker.logistic,
    "MAX_POOL_2D": Maker.pooling,
    "MEAN": Maker.mean,
    "QUANTIZE": Maker.elementwise,
    "REDUCE_MAX": Maker.reduce_max,
    "RELU": Maker.elementwise,
    "RELU6": Maker.elementwise,
    "RELU_N1_TO_1": Maker.elementwise,
    "RESHAPE": Maker.reshape,
    "SOFTMAX": Maker.softmax,
    "SQUEEZE": Maker.squeeze,
    "TANH": Maker.tanh,
}


def make(writer, operator: str, seed: int):
    """(file content, graph, samples) of one case."""
    maker = Maker(writer, operator, seed)
    spec = MAKERS[operator](maker)
    content = maker.write(spec)
    source = spec.tensors[spec.model_input]
    if source.dtype == "int32":
        rows = spec.tensors[0].shape[0]
        samples = maker.rng.integers(0, rows, (SAMPLES, *source.shape)).astype(np.int32)
    else:
        samples = maker.rng.integers(-128, 128, (SAMPLES, *source.shape)).astype(np.int8)
        samples[0], samples[1] = -128, 127
    return content, read_tflite(content), samples


def test_every_operator_of_the_registry_is_tried():
    assert set(MAKERS) == set(OPERATORS)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_numpy_reference_equals_the_oracle(tflite_writer, operator):
    distinct = set()
    for seed in range(CASES):
        content, graph, samples = make(tflite_writer, operator, seed)
        module, only = OPERATORS[operator], graph.operators[0]
        plan(graph)
        expected = Oracle(content).invoke(samples)
        got = np.stack([module.reference(graph, only, sample).ravel() for sample in samples])
        assert np.array_equal(got, expected), (
            operator,
            seed,
            got[got != expected],
            expected[got != expected],
        )
        distinct.update(expected.ravel().tolist())
    assert len(distinct) > 20, "the cases saturate and prove nothing"


@pytest.fixture(scope="module")
def compiled(tflite_writer, build_host):
    models = {}
    for operator in sorted(OPERATORS):
        for seed in range(COMPILED):
            _, graph, _ = make(tflite_writer, operator, seed)
            name = f"{operator.lower()}_{seed}"
            models[name] = generate(graph, name)
    return build_host(models)


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_host_c_equals_the_oracle(tflite_writer, compiled, operator):
    for seed in range(COMPILED):
        content, _, samples = make(tflite_writer, operator, seed)
        expected = Oracle(content).invoke(samples)
        assert np.array_equal(compiled.run(f"{operator.lower()}_{seed}", samples), expected), (operator, seed)


def test_an_id_outside_of_the_table_takes_row_zero(tflite_writer, compiled):
    _, graph, samples = make(tflite_writer, "GATHER", 0)
    for wild in (-1, 1 << 20, -(1 << 31), (1 << 31) - 1):
        ids = np.full_like(samples, wild)
        expected = OPERATORS["GATHER"].reference(graph, graph.operators[0], np.zeros_like(samples[0])).ravel()
        assert np.array_equal(compiled.run("gather_0", ids), np.tile(expected, (SAMPLES, 1)))
        got = OPERATORS["GATHER"].reference(graph, graph.operators[0], ids[0]).ravel()
        assert np.array_equal(got, expected)


def scaled_by_an_eighth(
    writer, operator: str, options_type: str, shape: tuple[int, ...], scales
) -> list[int]:
    """What TensorFlow makes of the sums -12, -4, 4, 12 times 1/8: halves all."""
    tensor, model, write = writer
    channels = len(scales)
    rank = len(shape)
    tensors = [
        tensor((*shape, 1), "int8", 1.0, 0),
        tensor((channels, *shape[1:], 1), "int8", scales, 0, np.ones((channels, *shape[1:], 1))),
        tensor((*shape, channels), "int8", 8.0, 0),
        tensor((channels,), "int32", scales, 0, np.zeros(channels)),
    ]
    strides = {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1} if rank == 3 else {}
    content = write(model(operator, tensors, [0, 1, 3], 2, 0, options_type, strides))
    sums = np.array([-12, -4, 4, 12], np.int8).reshape(4, *shape, 1)
    return Oracle(content).invoke(sums)[:, 0].tolist()


@pytest.mark.parametrize("scales", [[1.0], [1.0, 1.0]], ids=["per tensor", "per channel"])
def test_probe_tensorflow_still_rounds_a_half_away_from_zero(tflite_writer, scales):
    """If this fails, TensorFlow's rounding changed: every kernel has to be looked at again."""
    assert scaled_by_an_eighth(tflite_writer, "FULLY_CONNECTED", "FullyConnectedOptions", (1,), scales) == [
        -2,
        -1,
        1,
        2,
    ]
    assert scaled_by_an_eighth(tflite_writer, "CONV_2D", "Conv2DOptions", (1, 1, 1), [1.0]) == [-2, -1, 1, 2]


def near_tie(writer, operator: str, bias: int, scale: float) -> int:
    """What TensorFlow makes of one sum, given as the bias, times a scale."""
    tensor, model, write = writer
    shape = (1, 1) if operator == "FULLY_CONNECTED" else (1, 1, 1, 1)
    tensors = [
        tensor(shape, "int8", 1.0, 0),
        tensor(shape, "int8", scale, 0, np.ones(shape)),
        tensor(shape, "int8", 1.0, 0),
        tensor((1,), "int32", scale, 0, [bias]),
    ]
    kind = "FullyConnectedOptions" if operator == "FULLY_CONNECTED" else "Conv2DOptions"
    strides = (
        {} if len(shape) == 2 else {"strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    )
    content = write(model(operator, tensors, [0, 1, 3], 2, 0, kind, strides))
    return int(Oracle(content).invoke(np.zeros((1, *shape), np.int8))[0, 0])


def test_probe_fully_connected_rounds_once_and_convolution_twice(tflite_writer):
    """Sums whose real value is just below a half: only two roundings lift them to the next integer."""
    scale, sums = float(np.float32(0.01)), []
    for value in range(1, 12000):
        twice = int(requantise(np.array(value), *quantise_multiplier(scale)))
        once = int(requantise_real(np.array(value), scale))
        if twice != once:
            sums.append((value, once, twice))
    assert sums, "no sum tells the two rules apart"
    for value, once, twice in sums[:20]:
        assert near_tie(tflite_writer, "FULLY_CONNECTED", value, scale) == once
        assert near_tie(tflite_writer, "CONV_2D", value, scale) == twice


@pytest.mark.parametrize("seed", range(30))
def test_exact_multiplier_equals_double_precision_for_every_sum(seed):
    rng = np.random.default_rng(seed)
    scale = float(2.0 ** rng.integers(-12, 2)) if seed % 3 == 0 else float(10 ** rng.uniform(-5, 0.5))
    bound = int(rng.integers(1, 1 << int(rng.integers(1, 21))))
    scaled = exact_multiplier(scale, bound, 256)
    assert scaled is not None
    multiplier, shift = scaled
    assert 0 <= multiplier < 1 << 31
    sums = np.arange(-bound, bound + 1)
    got = (sums * multiplier + (1 << (30 - shift))) >> (31 - shift)
    assert np.array_equal(np.clip(got, -256, 256), np.clip(requantise_real(sums, scale), -256, 256))

"""Random Keras models: quantised, generated for speed and for size, equal to the oracle.

A model's seed is in its test's name; `make test-random` draws other models than `make test`.
"""

from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf
from seeds import FIRST_SEED

from zerotap.errors import ModelError
from zerotap.firmware import Graph, Oracle, generate, plan, quantise, read_tflite
from zerotap.firmware.options import BuildOptions

pytestmark = pytest.mark.drawn

layers = keras.layers
MODELS = 36
SEEDS = [FIRST_SEED + index for index in range(MODELS)]
OPTIMISE = ("speed", "size")
VOCABULARY_MAX = 40
LACKING = "zerotap has no operator"
SCALE_OF_ZEROS = 1e-8  # the converter takes 7.8e-9 for a tensor that is always 0


@keras.saving.register_keras_serializable("random_models")
class Table(layers.Layer):
    """An embedding that reads its rows with tf.gather."""

    def __init__(self, rows: int, width: int):
        super().__init__()
        self.rows, self.width = rows, width

    def build(self, shape):
        self.table = self.add_weight(shape=(self.rows, self.width), initializer="uniform", name="table")

    def call(self, ids):
        return tf.gather(self.table, ids)


def stacked(source, chain):
    values = source
    for layer in chain:
        values = layer(values)
    return keras.Model(source, values)


def activation(rng, *more: str):
    return rng.choice([None, "relu", "relu", "relu6", "tanh", "sigmoid", *more])


def dense_tail(rng) -> list:
    hidden = [
        layers.Dense(int(rng.integers(1, 20)), activation=activation(rng), use_bias=bool(rng.random() < 0.8))
        for _ in range(rng.integers(0, 3))
    ]
    return [*hidden, layers.Dense(int(rng.integers(1, 7)), activation=activation(rng, "softmax"))]


def dense_model(rng) -> keras.Model:
    return stacked(keras.Input((int(rng.integers(1, 30)),)), dense_tail(rng))


def padding(rng, extent: int, kernel: int) -> str:
    return "same" if extent < kernel or rng.random() < 0.5 else "valid"


def convolution(rng, extent: int):
    """Several channels out: the converter leaves a lone channel's bias to an ADD."""
    kernel, stride, dilation = (int(rng.integers(1, top)) for top in (6, 4, 4))
    if rng.random() < 0.6 or stride > 1:
        dilation = 1
    options = {
        "strides": stride,
        "padding": padding(rng, extent, (kernel - 1) * dilation + 1),
        "dilation_rate": dilation,
        "activation": activation(rng),
        "use_bias": bool(rng.random() < 0.8),
    }
    if rng.random() < 0.25:
        return layers.DepthwiseConv1D(kernel, depth_multiplier=int(rng.integers(2, 4)), **options)
    kind = layers.Conv1D if rng.random() < 0.6 else layers.SeparableConv1D
    return kind(int(rng.integers(2, 10)), kernel, **options)


def pooling(rng, extent: int):
    size, stride = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    pool = layers.MaxPooling1D if rng.random() < 0.5 else layers.AveragePooling1D
    return pool(size, strides=stride, padding=padding(rng, extent, size))


def reduction(rng):
    return [layers.Flatten, layers.GlobalAveragePooling1D, layers.GlobalMaxPooling1D][rng.integers(3)]()


def conv_model(rng) -> keras.Model:
    source = values = keras.Input((int(rng.integers(4, 24)), int(rng.integers(1, 6))))
    for _ in range(rng.integers(1, 4)):
        values = convolution(rng, values.shape[1])(values)
        if rng.random() < 0.5:
            values = pooling(rng, values.shape[1])(values)
    for layer in [reduction(rng), *dense_tail(rng)]:
        values = layer(values)
    return keras.Model(source, values)


def image_model(rng) -> keras.Model:
    """Two dimensions that differ."""
    height, width = rng.integers(4, 9, 2).tolist()
    chain = [
        layers.Conv2D(
            int(rng.integers(2, 6)),
            tuple(rng.integers(1, 4, 2).tolist()),
            strides=tuple(rng.integers(1, 3, 2).tolist()) if rng.random() < 0.5 else 1,
            padding=str(rng.choice(["same", "valid"])),
            activation=activation(rng),
        ),
        layers.DepthwiseConv2D(2, padding="same", activation=activation(rng)),
        layers.MaxPooling2D(2, padding="same")
        if rng.random() < 0.5
        else layers.AveragePooling2D(2, 1, "same"),
        layers.Flatten() if rng.random() < 0.5 else layers.GlobalAveragePooling2D(),
    ]
    return stacked(keras.Input((height, width, int(rng.integers(1, 4)))), [*chain, *dense_tail(rng)])


def bag_model(rng) -> keras.Model:
    table = Table(int(rng.integers(2, VOCABULARY_MAX)), int(rng.integers(1, 12)))
    source = keras.Input((int(rng.integers(1, 20)),), dtype="int32")
    return stacked(source, [table, reduction(rng), *dense_tail(rng)])


KINDS = (dense_model, conv_model, bag_model, conv_model, image_model, conv_model)


def draw_weights(model: keras.Model, rng) -> None:
    """Biases that are not zero; now and then a channel that is dead, or far smaller or larger than others."""
    values = model.get_weights()
    for kernel, following in zip(values, [*values[1:], None], strict=True):
        bias = following if following is not None and following.ndim == 1 else np.zeros(kernel.shape[-1])
        bias[:] = rng.uniform(-0.2, 0.5, bias.shape)
        if kernel.ndim > 1 and len(bias) == kernel.shape[-1] > 2 and rng.random() < 0.3:
            channel, factor = rng.integers(len(bias)), rng.choice([0, 1e-3, 30])
            kernel[..., channel] *= factor
            bias[channel] *= factor
    model.set_weights(values)


def calibration(model: keras.Model, rng) -> np.ndarray:
    shape = (8, *model.inputs[0].shape[1:])
    if model.inputs[0].dtype == "int32":
        return rng.integers(0, model.layers[1].rows, shape).astype(np.int32)
    if rng.random() < 0.3:
        return (rng.integers(0, 256, shape) / 255).astype(np.float32)
    return (rng.uniform(-1, 1, shape) * 10.0 ** rng.integers(-2, 3)).astype(np.float32)


@dataclass
class Case:
    """A drawn model: its .tflite, and its C or what zerotap raised."""

    content: bytes
    files: dict[str, dict[str, str]]
    fault: Exception | None = None

    def check(self) -> None:
        """Skip a model with an operator that zerotap lacks; nothing else may be refused."""
        if isinstance(self.fault, ModelError) and LACKING in str(self.fault):
            pytest.skip(str(self.fault))
        if self.fault:
            raise self.fault


def draw(seed: int) -> Case:
    content = b""
    try:
        content = draw_content(seed)
        graph = read_tflite(content)
        names = {optimise: f"model_{seed}_{optimise}" for optimise in OPTIMISE}
        files = {
            name: generate(graph, name, BuildOptions(optimise=optimise)) for optimise, name in names.items()
        }
    except Exception as error:  # raised in the test that is named for the seed
        return Case(content, {}, error)
    return Case(content, files)


def draw_content(seed: int) -> bytes:
    """The first of the seed's models in which no layer gives 0 for all of the calibration."""
    for attempt in range(20):
        keras.utils.set_random_seed(seed)
        rng = np.random.default_rng([seed, attempt])
        model = KINDS[seed % len(KINDS)](rng)
        draw_weights(model, rng)
        content = quantise(model, calibration(model, rng))
        computed = [each for each in read_tflite(content).tensors if each.data is None and each.scale.size]
        if min(each.scale[0] for each in computed) > SCALE_OF_ZEROS:
            return content
    raise AssertionError(f"seed {seed} draws dead models only")


def board_samples(graph: Graph, seed: int) -> np.ndarray:
    """Random values, and every element at an end or at the zero point."""
    rng = np.random.default_rng(seed)
    tensor = graph.tensors[graph.input]
    if tensor.dtype == "int32":
        low, high = (
            0,
            min(graph.tensors[each.inputs[0]].shape[0] for each in graph.operators if each.name == "GATHER"),
        )
        constants = [0, high - 1]
    else:
        low, high, constants = -128, 128, [-128, 127, int(tensor.zero_point[0])]
    shape = tensor.shape[1:]
    drawn = rng.integers(low, high, (24, *shape))
    ends = rng.choice([low, high - 1], (8, *shape))
    filled = [np.full((1, *shape), constant) for constant in constants]
    return np.concatenate([drawn, ends, *filled]).astype(tensor.dtype)


@pytest.fixture(scope="module")
def cases():
    return {seed: draw(seed) for seed in SEEDS}


@pytest.fixture(scope="module")
def program(cases, build_host):
    return build_host({name: files for case in cases.values() for name, files in case.files.items()})


@pytest.mark.parametrize("seed", SEEDS)
def test_host_c_equals_the_oracle_on_random_models(cases, program, seed):
    case = cases[seed]
    case.check()
    samples = board_samples(read_tflite(case.content), seed)
    expected = Oracle(case.content).invoke(samples)
    for name in case.files:
        assert np.array_equal(program.run(name, samples), expected), name


@pytest.mark.parametrize("seed", SEEDS[: MODELS // 3])
def test_numpy_references_equal_the_oracle_on_random_models(cases, seed):
    case = cases[seed]
    case.check()
    planned = plan(read_tflite(case.content))
    samples = board_samples(planned.graph, seed)[-6:]
    for sample, expected in zip(samples, Oracle(case.content).invoke(samples), strict=True):
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            data = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *data)
        assert np.array_equal(values[planned.graph.output].ravel(), expected)


def test_at_least_thirty_models_were_compared(cases):
    faults = {seed: str(case.fault) for seed, case in cases.items() if case.fault}
    assert len(cases) - len(faults) >= 30, faults

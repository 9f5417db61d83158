"""Small Keras models, each of which yields an operator that few models have: exact on the host."""

from collections.abc import Callable
from functools import partial

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from zerotap.firmware import Oracle, generate, plan, quantise, read_tflite
from zerotap.firmware.quantising.conversion import open_source

pytestmark = pytest.mark.thorough  # in breadth what tests/firmware/operators/test_operator_conformance.py has

SAMPLES = 24


@keras.saving.register_keras_serializable("models_by_operator")
class Does(layers.Layer):
    """A function of tensors as a layer."""

    def __init__(self, function: Callable):
        super().__init__()
        self.function = function

    def call(self, values):
        return self.function(values)


def model(shape: tuple[int, ...], *middle) -> keras.Model:
    """A convolution, the layers or functions, and a dense end."""
    source = keras.Input(shape)
    convolution = layers.Conv1D if len(shape) == 2 else layers.Conv2D
    values = convolution(8, 3, padding="same", activation="tanh")(source)
    for each in middle:
        values = (each if isinstance(each, layers.Layer) else Does(each))(values)
    return keras.Model(source, layers.Dense(3)(layers.Flatten()(values)))


def backwards(values):
    return ops.concatenate(values[::-1], axis=1)


SLOPES = keras.initializers.RandomUniform(-0.5, 0.9, seed=1)
LINE, IMAGE = (12, 3), (4, 5, 2)
MODELS = {
    "SPLIT": lambda: model(LINE, lambda x: backwards(ops.split(x, 3, axis=1))),
    "SPLIT_V": lambda: model(LINE, lambda x: backwards(ops.split(x, [3, 7], axis=1))),
    "UNPACK": lambda: model(
        (4, 3), lambda x: (lambda rows: rows[0] + rows[3] * rows[1] + rows[2])(ops.unstack(x, axis=1))
    ),
    "PACK": lambda: model(LINE, lambda x: ops.stack(ops.split(x, 2, axis=2), axis=1)),
    "TILE": lambda: model(LINE, layers.UpSampling1D(2), layers.Conv1D(4, 3, activation="relu")),
    "TILE ": lambda: model(IMAGE, layers.UpSampling2D((2, 3)), layers.Conv2D(3, 3, activation="relu")),
    "RESIZE_NEAREST_NEIGHBOR": lambda: model(IMAGE, layers.Resizing(6, 7, interpolation="nearest")),
    "SLICE": lambda: model(LINE, lambda x: ops.slice(x, (0, 2, 1), (1, 5, 2))),
    "STRIDED_SLICE": lambda: model(IMAGE, layers.Cropping2D(((1, 2), (2, 0)))),
    "DEPTH_TO_SPACE": lambda: model(IMAGE, partial(tf.nn.depth_to_space, block_size=2)),
    "SPACE_TO_DEPTH": lambda: model((4, 6, 2), partial(tf.nn.space_to_depth, block_size=2)),
    "MIRROR_PAD": lambda: model(IMAGE, lambda x: ops.pad(x, [[0, 0], [1, 2], [2, 1], [0, 0]], "reflect")),
    "REVERSE_V2": lambda: model(IMAGE, lambda x: ops.flip(x, axis=(1, 2))),
    "PRELU": lambda: model(IMAGE, layers.PReLU(SLOPES, shared_axes=[1, 2])),
    "MAXIMUM": lambda: model(LINE, lambda x: ops.maximum(*ops.split(x, 2, axis=2))),
    "MINIMUM": lambda: model(LINE, lambda x: ops.minimum(*ops.split(x, 2, axis=2))),
    "CONV_2D": lambda: model(LINE, layers.Conv1D(6, 3, groups=2, activation="relu")),
    "CONV_2D ": lambda: model(IMAGE, layers.Conv2D(8, 3, groups=4, padding="same")),
    "TRANSPOSE_CONV": lambda: model(LINE, layers.Conv1DTranspose(4, 4, strides=2, padding="same")),
    "TRANSPOSE_CONV ": lambda: model(IMAGE, layers.Conv2DTranspose(5, 3, strides=2, activation="relu")),
    "RESIZE_BILINEAR": lambda: model(IMAGE, layers.UpSampling2D(2, interpolation="bilinear")),
    "RESIZE_BILINEAR ": lambda: model(IMAGE, layers.Resizing(5, 7)),
    "TRANSPOSE": lambda: model(IMAGE, layers.Reshape((4, 5, 2, 4)), layers.Permute((1, 3, 2, 4))),
}


def int8(name: str) -> bytes:
    keras.utils.set_random_seed(5)
    drawn, rng = MODELS[name](), np.random.default_rng(5)
    for weight in drawn.weights:
        if len(weight.shape) == 1:
            weight.assign(rng.uniform(-0.3, 0.5, weight.shape))
    return quantise(drawn, rng.uniform(-1, 1, (16, *drawn.inputs[0].shape[1:])).astype(np.float32))


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {name: int8(name) for name in MODELS}


@pytest.fixture(scope="module")
def program(files, build_host):
    names = {name: f"model_{number}" for number, name in enumerate(files)}
    return names, build_host({names[name]: generate(read_tflite(files[name]), names[name]) for name in files})


@pytest.mark.parametrize("name", MODELS)
def test_the_models_operator_is_exact(files, program, name: str) -> None:
    graph, (names, built) = read_tflite(files[name]), program
    assert name.strip() in [operator.name for operator in graph.operators]
    shape = (SAMPLES, *graph.tensors[graph.input].shape[1:])
    samples = np.random.default_rng(6).integers(-128, 128, shape).astype(np.int8)
    samples[0], samples[1] = -128, 127
    expected = Oracle(files[name]).invoke(samples)
    assert np.array_equal(built.run(names[name], samples), expected)
    assert len(np.unique(expected)) > 8
    assert plan(graph).cycles > 0


@pytest.mark.parametrize("name", ["SPLIT", "TRANSPOSE_CONV", "PRELU"])
def test_a_float_file_with_a_free_batch_becomes_int8(tmp_path, name: str) -> None:
    """There TRANSPOSE_CONV's shape is computed from the batch's size."""
    drawn, path = MODELS[name](), tmp_path / "float.tflite"
    path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(drawn).convert())
    source = open_source(path)
    assert source is not None
    rng = np.random.default_rng(7)
    windows = rng.uniform(-1, 1, (8, *drawn.inputs[0].shape[1:])).astype(np.float32)
    graph = read_tflite(source.convert(source.prepare(windows), 8))
    assert name in [layer.name for layer in plan(graph).layers]

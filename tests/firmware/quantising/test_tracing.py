"""A Keras model through a traced function: the file that TensorFlow makes of it by way of a SavedModel."""

import contextlib
import io

import numpy as np
import pytest

from zerotap.firmware import Oracle, quantise, read_tflite
from zerotap.firmware.quantising.tracing import converted


def _line():
    from keras import layers

    return (24, 8), [
        layers.SeparableConv1D(6, 5, activation="relu"),
        layers.BatchNormalization(),
        layers.PReLU(),
        layers.Flatten(),
        layers.Dense(3, activation="softmax"),
    ]


def _heads():
    from keras import layers

    return (6, 5, 2), [
        layers.Conv2DTranspose(3, 3, strides=2),
        layers.UpSampling2D(2),
        layers.LayerNormalization(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(2),
    ]


def _operators(content: bytes) -> list[tuple]:
    """Every operator with its shapes, options and constants."""
    graph = read_tflite(content)

    def facts(index: int) -> tuple:
        tensor = graph.tensors[index]
        return tensor.shape, tensor.dtype, None if tensor.data is None else tensor.data.tobytes()

    return [
        (each.name, each.version, str(each.options), [facts(index) for index in each.inputs if index >= 0])
        for each in graph.operators
    ]


@pytest.mark.parametrize("made", [_line, _heads])
def test_the_same_operators_and_constants_as_by_a_saved_model(made):
    import keras
    import tensorflow as tf

    keras.utils.set_random_seed(2)
    shape, stack = made()
    model = keras.Sequential([keras.Input(shape), *stack])
    source = keras.Input(batch_shape=(1, *shape))
    with contextlib.redirect_stdout(io.StringIO()):
        expected = tf.lite.TFLiteConverter.from_keras_model(keras.Model(source, model(source))).convert()
    assert _operators(converted(model)) == _operators(expected)


def test_a_second_lstm_of_the_process_is_not_taken_for_the_first():
    """TensorFlow exchanges functions of one name, whatever steps they were made for."""
    import keras

    for steps in (3, 5):
        model = keras.Sequential([keras.Input((steps, 2)), keras.layers.LSTM(3), keras.layers.Dense(2)])
        samples = np.random.default_rng(1).normal(size=(12, steps, 2)).astype(np.float32)
        content = quantise(model, samples, isolation=None)
        graph = read_tflite(content)
        codes = np.clip(np.rint(samples / graph.tensors[graph.input].scale[0]), -128, 127)
        codes = np.clip(codes + graph.tensors[graph.input].zero_point[0], -128, 127).astype(np.int8)
        target = graph.tensors[graph.output]
        reals = (Oracle(content, isolation=None).invoke(codes) - target.zero_point[0].astype(float)) * (
            target.scale[0]
        )
        assert np.max(np.abs(reals - model.predict(samples, verbose=0))) < 0.1

"""Keras's activations by name, in one model: each is a kernel or a table, with the oracle's bits."""

import numpy as np
import pytest

from zerotap.firmware import Oracle, plan, read_tflite
from zerotap.firmware.operators.elementwise import NAME
from zerotap.firmware.oracles.tables import filled
from zerotap.firmware.quantising.quantise import keras_float, quantise, quantise_float

ACTIVATIONS = (
    *("celu", "elu", "exponential", "gelu", "hard_shrink", "hard_sigmoid", "hard_silu", "hard_tanh"),
    *("leaky_relu", "linear", "log_sigmoid", "mish", "relu", "relu6", "selu", "sigmoid", "silu"),
    *("soft_shrink", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "squareplus", "tanh"),
    "tanh_shrink",
)


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return np.random.default_rng(1).normal(0, 2, (60, 6)).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    import keras

    keras.utils.set_random_seed(3)
    source = keras.Input((6,))
    joined = keras.layers.Concatenate()(
        [keras.layers.Dense(2)(keras.layers.Dense(4, activation=name)(source)) for name in ACTIVATIONS]
    )
    return keras.Model(source, joined)


def outputs(planned, samples: np.ndarray) -> np.ndarray:
    rows = []
    for sample in samples:
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            read = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *read)
        rows.append(values[planned.graph.output].ravel())
    return np.stack(rows)


def test_every_activation_goes_through(model, samples):
    content = quantise(model, samples)
    planned = filled(plan(read_tflite(content)))
    tables = [layer for layer in planned.layers if layer.operators[0].name == NAME]
    assert len(tables) >= len(ACTIVATIONS) - 10
    integers = np.random.default_rng(2).integers(-128, 128, (200, 1, 6)).astype(np.int8)
    assert np.array_equal(outputs(planned, integers), Oracle(content).invoke(integers))


def test_the_float_file_of_the_same_model_gives_the_same_layers(model, samples):
    content = quantise_float(keras_float(model, "m"), samples, "the float file")
    named = [layer.name for layer in plan(read_tflite(content)).layers]
    assert "ELU" in named
    assert "ABS+ADD+DIV" in named

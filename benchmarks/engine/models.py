"""The models of this benchmark, M1 to M6 and the demo's conv: random weights of a fixed seed, random data.

Each function returns the content of a full-int8 .tflite: int8 in (M5 and M6: int32 ids), int8 out.
"""

import io
import os
import warnings
from contextlib import redirect_stdout

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from zerotap.firmware import quantise

SEED = 5
CALIBRATION = 64
WINDOW = (64, 8)
REPORTS = (96, 8)
# What each computes, by the shapes alone.
MACS = {"M1": 272, "M2": 4_672, "M3": 81_600, "M4": 51_904, "M5": 352, "M6": 66_064, "demo": 574_560}
SHAPES = {
    "M1": "dense 8-16-8-2",
    "M2": "dense 128-32-16-4",
    "M3": "(64,8) conv 16 k5 - pool 2 - conv 32 k3 - mean - dense 6",
    "M4": "(64,8) depthwise k5 + pointwise 32 - pool - pointwise 32 - mean - dense 6",
    "M5": "32 ids - embedding 1024x16 - mean - dense 16 - dense 6",
    "M6": "16 ids - embedding 1025x16 - BiLSTM 16 - dense 16 - dense 1",
    "demo": "(96,8) conv 32 k4 - pool 2 - conv 48 k8 - max over time - dense 2",
}


class Table(layers.Layer):
    """Rows of a table by id: GATHER alone, where Embedding adds operators for negative ids."""

    def __init__(self, rows: int, width: int) -> None:
        super().__init__()
        self.rows, self.width = rows, width

    def build(self, _) -> None:
        # Keras' own rows lie within 0.05: beside the biases all sums would look alike.
        wide = keras.initializers.RandomUniform(-1, 1)
        self.table = self.add_weight(shape=(self.rows, self.width), initializer=wide, name="table")

    def call(self, ids):
        return tf.gather(self.table, ids)


def dense_network(inputs: int, *units: int) -> keras.Model:
    """A dense network with ReLU between its layers."""
    _start()
    hidden = [layers.Dense(count, activation="relu") for count in units[:-1]]
    return _with_biases(keras.Sequential([keras.Input((inputs,)), *hidden, layers.Dense(units[-1])]))


def m1_network() -> keras.Model:
    return dense_network(8, 16, 8, 2)


def m2_network() -> keras.Model:
    return dense_network(128, 32, 16, 4)


def windows(*shape: int) -> np.ndarray:
    """Calibration data: uniform in [-1, 1), float32 (CALIBRATION, *shape)."""
    return np.random.default_rng(SEED).uniform(-1, 1, (CALIBRATION, *shape)).astype(np.float32)


def ids(length: int, rows: int) -> np.ndarray:
    """Calibration data: int32 (CALIBRATION, length) in [0, rows)."""
    return np.random.default_rng(SEED).integers(0, rows, (CALIBRATION, length)).astype(np.int32)


def m1() -> bytes:
    return quantise(m1_network(), windows(8))


def m2() -> bytes:
    return quantise(m2_network(), windows(128))


def m3() -> bytes:
    _start()
    stack = [
        layers.Conv1D(16, 5, activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(32, 3, activation="relu"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(6),
    ]
    return _sequential(keras.Input(WINDOW), stack, windows(*WINDOW))


def m4() -> bytes:
    _start()
    stack = [
        layers.SeparableConv1D(32, 5, padding="same", activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(32, 1, activation="relu"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(6),
    ]
    return _sequential(keras.Input(WINDOW), stack, windows(*WINDOW))


def m5() -> bytes:
    _start()
    stack = [
        Table(1024, 16),
        layers.GlobalAveragePooling1D(),
        layers.Dense(16, activation="relu"),
        layers.Dense(6),
    ]
    return _sequential(keras.Input((32,), dtype="int32"), stack, ids(32, 1024))


def m6() -> bytes:
    """The text model; needs tf_keras, of which the converter makes int8 UNIDIRECTIONAL_SEQUENCE_LSTM.

    Keras 3's Bidirectional(LSTM) ends the process in the int8 conversion. The batch is fixed to 1, or the
    loop over time is not fused into one operator.
    """
    import tf_keras

    tf_keras.backend.clear_session()
    tf_keras.utils.set_random_seed(SEED)
    rows = tf_keras.initializers.RandomUniform(-1, 1)
    source = tf_keras.Input(batch_shape=(1, 16), dtype="int32")
    values = tf_keras.layers.Embedding(1025, 16, embeddings_initializer=rows)(source)
    values = tf_keras.layers.Bidirectional(tf_keras.layers.LSTM(16))(values)
    values = tf_keras.layers.Dense(16, activation="relu")(values)
    model = tf_keras.Model(source, tf_keras.layers.Dense(1)(values))
    return _convert(_with_biases(model), ids(16, 1025))


def demo() -> bytes:
    """The shape of the demo's conv: 96 reports of a keyboard."""
    return _demo(windows(*REPORTS))


def demo_of_reports() -> bytes:
    """The same, calibrated on bytes of reports as a pipeline of windows gives them: byte / 255."""
    reports = np.random.default_rng(SEED).integers(0, 256, (CALIBRATION, *REPORTS))
    return _demo((reports / 255).astype(np.float32))


def _demo(calibration: np.ndarray) -> bytes:
    _start()
    stack = [
        layers.Conv1D(32, 4, activation="relu"),
        layers.MaxPooling1D(2),
        layers.Conv1D(48, 8, activation="relu"),
        layers.MaxPooling1D(39),
        layers.Flatten(),
        layers.Dense(2),
    ]
    return _sequential(keras.Input(REPORTS), stack, calibration)


MODELS = {"M1": m1, "M2": m2, "M3": m3, "M4": m4, "M5": m5, "M6": m6, "demo": demo}


def inputs(name: str, count: int) -> np.ndarray:
    """Samples as the model takes them, (count, ...): int8 over the whole range, or int32 ids.

    The first three are the extremes: all lowest, all highest, lowest and highest in turn.
    """
    rng = np.random.default_rng(SEED + 1)
    length, rows = {"M5": (32, 1024), "M6": (16, 1025)}.get(name, (0, 0))
    shape, low, high, dtype = (length,), 0, rows - 1, np.int32
    if not rows:
        shapes = {"M1": (8,), "M2": (128,), "demo": REPORTS}
        shape, low, high, dtype = shapes.get(name, WINDOW), -128, 127, np.int8
    samples = rng.integers(low, high + 1, (count, *shape)).astype(dtype)
    samples[0], samples[1] = low, high
    samples[2] = np.resize(np.array([low, high], dtype), shape)
    return samples


def _start() -> None:
    # The names of tensors count layers, so they would depend on what was built before.
    keras.utils.clear_session()
    keras.utils.set_random_seed(SEED)


def _sequential(source, stack: list, calibration: np.ndarray) -> bytes:
    return quantise(_with_biases(keras.Sequential([source, *stack])), calibration)


def _with_biases(model):
    """Trained networks have biases; fresh ones are zero, which an exporter could leave out."""
    rng = np.random.default_rng(SEED)
    model.set_weights(
        [
            value if np.any(value) else rng.uniform(-0.2, 0.2, value.shape).astype(np.float32)
            for value in model.get_weights()
        ]
    )
    return model


def _convert(model, calibration: np.ndarray) -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in calibration)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_output_type = tf.int8
    with redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content: bytes = converter.convert()
    return content

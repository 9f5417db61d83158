"""Float models that keep a state: quantised on one stream, from a SavedModel, a .tflite and Keras."""

from pathlib import Path

import numpy as np
import pytest

from zerotap.firmware import BuildOptions, read_tflite, verify
from zerotap.firmware.quantising.calibration import quantise_source
from zerotap.firmware.quantising.conversion import open_source

COUNT = 120


@pytest.fixture(scope="module")
def samples() -> np.ndarray:
    return np.random.default_rng(2).normal(0, 1, (COUNT, 3, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def module():
    import tensorflow as tf

    rng = np.random.default_rng(0)

    class Streaming(tf.Module):
        """A ring of rows, a convolution, and a mean that fades."""

        def __init__(self) -> None:
            super().__init__()
            self.ring = tf.Variable(tf.zeros((1, 4, 1, 8)), name="ring")
            self.mean = tf.Variable(tf.zeros((1, 6)), name="mean")
            self.filters = tf.constant(rng.normal(0, 0.3, (7, 1, 8, 6)).astype(np.float32))
            self.dense = tf.constant(rng.normal(0, 0.5, (6, 3)).astype(np.float32))

        @tf.function(input_signature=[tf.TensorSpec((1, 3, 8), tf.float32, name="rows")])
        def call(self, rows):
            both = tf.concat([self.ring, rows[:, :, None, :]], 1)
            self.ring.assign(both[:, -4:])
            found = tf.reshape(tf.nn.relu(tf.nn.conv2d(both, self.filters, 1, "VALID")), (1, 6))
            self.mean.assign(0.75 * self.mean + 0.25 * found)
            return tf.matmul(self.mean.read_value(), self.dense)

    return Streaming()


@pytest.fixture(scope="module")
def saved(module, tmp_path_factory) -> Path:
    import tensorflow as tf

    path = tmp_path_factory.mktemp("saved") / "model"
    tf.saved_model.save(module, str(path), signatures=module.call.get_concrete_function())
    return path


@pytest.fixture(scope="module")
def converted(module, tmp_path_factory) -> Path:
    import tensorflow as tf

    path = tmp_path_factory.mktemp("float") / "stream.tflite"
    converter = tf.lite.TFLiteConverter.from_concrete_functions([module.call.get_concrete_function()], module)
    path.write_bytes(converter.convert())
    return path


def test_saved_model_and_tflite_become_the_same_stream(saved, converted, samples, tmp_path):
    outputs = []
    for model in (saved, converted):
        source = open_source(model, trust=True)
        assert source.is_stream
        done = quantise_source(source, samples)
        assert done.report["calibration"] == COUNT and done.report["same_argmax"] > 0.9
        measured = verify(done.content, samples[:40], BuildOptions(compiler="zig"))
        assert measured.mismatches == 0 and measured.stream
        outputs.append(measured.outputs)
        graph = read_tflite(done.content)
        assert [each.initial.size for each in graph.states] == [32, 6] or len(graph.states) == 2
    assert np.array_equal(*outputs)

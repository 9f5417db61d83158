"""Float models that keep a state: quantised on one stream, from a SavedModel, a .tflite and Keras."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from zerotap import workflow
from zerotap.errors import ModelError
from zerotap.firmware import BuildOptions, read_tflite, verify
from zerotap.firmware.quantising.calibration import quantise_source
from zerotap.firmware.quantising.conversion import keras_source, open_source

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


def test_saved_model_and_tflite_become_the_same_stream(saved, converted, samples):
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
        assert sorted(each.initial.size for each in graph.states) == [6, 32]
        # What is read has the scale of what is assigned: a code means the same in both.
        for state in graph.states:
            assert len({scale_of(graph, index) for index in values_of(graph, state.tensor)}) == 1
    assert np.array_equal(*outputs)


def values_of(graph, state: int) -> list[int]:
    """What is read from a state and assigned to it; what an assignment makes of it is read, too."""
    latest, values = {state}, []
    for operator in graph.operators:
        if operator.name == "ASSIGN_VARIABLE" and operator.inputs[0] == state:
            latest.update(operator.outputs)
            values.append(operator.inputs[1])
        if operator.name == "READ_VARIABLE" and operator.inputs[0] in latest:
            values += operator.outputs
    return values


def scale_of(graph, index: int) -> tuple[float, int]:
    tensor = graph.tensors[index]
    return float(tensor.scale[0]), int(tensor.zero_point[0])


def test_the_float_outputs_are_a_stream_s(converted, samples):
    source = open_source(converted)
    outputs = source.outputs(samples[:30])
    assert np.array_equal(source.outputs(samples[:30]), outputs), "each run begins anew"
    assert not np.allclose(source.outputs(samples[20:30]), outputs[20:], atol=1e-4)


def test_more_steps_than_calibrate_are_cut_not_thinned(converted, monkeypatch, samples):
    from zerotap.firmware.quantising import calibration

    monkeypatch.setattr(calibration, "CALIBRATION_MAX", 50)
    source, seen = open_source(converted), []

    def outputs(windows):
        seen.append(windows)
        return source.outputs(windows)

    quantise_source(replace(source, outputs=outputs), samples)
    assert np.array_equal(seen[0], samples[:50])


def test_a_pass_over_one_command(converted, samples, tmp_path):
    done = workflow.quantise_file(converted, tmp_path / "int8.tflite", samples=samples)
    assert done["calibration"] == COUNT
    narrow = workflow.quantise_file(
        tmp_path / "int8.tflite", tmp_path / "narrow.tflite", samples=samples, weight_bits=5
    )
    assert narrow["weight_bits"] == 5
    report = workflow.build(tmp_path / "narrow.tflite", tmp_path / "lib", name="ring").report
    assert (report["mismatches"], report["stream"]) == (0, True)


def test_a_keras_layer_with_a_state_is_named_and_its_export_works(samples, tmp_path):
    import keras

    class Ring(keras.layers.Layer):
        def build(self, shape):
            self.rows = self.add_weight(shape=(1, 4, shape[2]), initializer="zeros", trainable=False)

        def call(self, rows):
            both = keras.ops.concatenate([self.rows, rows], 1)
            self.rows.assign(both[:, -4:])
            return both

        def compute_output_shape(self, shape):
            return (shape[0], shape[1] + 4, shape[2])

    source = keras.Input((3, 8), batch_size=1)
    values = keras.layers.Flatten()(keras.layers.Conv1D(4, 7)(Ring(name="ring")(source)))
    model = keras.Model(source, keras.layers.Dense(3)(values))
    with pytest.raises(ModelError, match=r"layer 0 Ring \(ring\), .* keeps a state .*model\.export\(DIR\)"):
        keras_source(model, "net.keras")
    model.export(str(tmp_path / "exported"), verbose=False)
    done = quantise_source(open_source(tmp_path / "exported", trust=True), samples)
    assert done.report["same_argmax"] > 0.9 and len(read_tflite(done.content).states) == 1
    assert verify(done.content, samples[:20], BuildOptions(compiler="zig")).mismatches == 0

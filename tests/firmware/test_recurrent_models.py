"""Recurrent Keras models: quantised, generated, on host and simulated board, equal to the oracle."""

import contextlib
import io
import warnings
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
import tf_keras

from zerotap.firmware import Oracle, generate, plan, read_tflite
from zerotap.firmware.linking import build
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.simulation.running import run_samples

pytestmark = pytest.mark.thorough

layers = tf_keras.layers
COMPILERS = [pytest.param("gcc", marks=pytest.mark.system("arm-none-eabi-gcc")), "zig"]
SAMPLES = 24
WORDS = 1025
ROWS = tf_keras.initializers.RandomUniform(-1, 1)


def text_model():
    source = tf_keras.Input(batch_shape=(1, 16), dtype="int32")
    values = layers.Embedding(WORDS, 16, embeddings_initializer=ROWS)(source)
    values = layers.Bidirectional(layers.LSTM(16))(values)
    values = layers.Dense(16, activation="relu")(values)
    return tf_keras.Model(source, layers.Dense(1)(values))


def stacked_model():
    source = tf_keras.Input(batch_shape=(1, 9, 6))
    values = layers.LSTM(7, return_sequences=True)(source)
    values = layers.Bidirectional(layers.LSTM(4, return_sequences=True))(values)
    values = layers.LSTM(5)(values)
    return tf_keras.Model(source, layers.Dense(3)(values))


BUILDERS = {"text": text_model, "stacked": stacked_model}


def inputs(name: str, count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if name == "text":
        return rng.integers(0, WORDS, (count, 16)).astype(np.int32)
    return rng.normal(0, 2, (count, 9, 6)).astype(np.float32)


def converted(name: str) -> bytes:
    tf_keras.utils.set_random_seed(3)
    model = BUILDERS[name]()
    rng = np.random.default_rng(4)
    # Fresh biases are 0, which the converter would leave out; wide weights let gates open and close.
    model.set_weights([value + rng.uniform(-0.3, 0.3, value.shape) for value in model.get_weights()])
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in inputs(name, 32, 1))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    if name != "text":
        converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        content: bytes = converter.convert()
    return content


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {name: converted(name) for name in BUILDERS}


@pytest.fixture(scope="module")
def program(files, build_host):
    graphs = {name: read_tflite(content) for name, content in files.items()}
    return build_host(
        {
            f"{name}_{optimise}": generate(graph, f"{name}_{optimise}", BuildOptions(optimise=optimise))
            for name, graph in graphs.items()
            for optimise in ("speed", "size")
        }
    )


def board_samples(name: str, files) -> np.ndarray:
    if name == "text":
        return inputs(name, SAMPLES, 2)
    graph = read_tflite(files[name])
    shape = graph.tensors[graph.input].shape[1:]
    return np.random.default_rng(2).integers(-128, 128, (SAMPLES, *shape)).astype(np.int8)


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_host_c_and_numpy_equal_the_oracle(files, program, name):
    samples, oracle = board_samples(name, files), Oracle(files[name])
    expected = oracle.invoke(samples)
    for optimise in ("speed", "size"):
        assert np.array_equal(program.run(f"{name}_{optimise}", samples), expected)
    planned = plan(read_tflite(files[name]))
    for sample, wanted in zip(samples[:5], expected, strict=False):
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            data = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *data)
        assert np.array_equal(values[planned.graph.output].ravel(), wanted)
    assert len(np.unique(expected)) > 8


@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_the_board_equals_the_oracle_in_the_same_time_for_every_sample(files, name, compiler):
    samples = board_samples(name, files)
    built = build(read_tflite(files[name]), BuildOptions(compiler=compiler))
    expected = Oracle(files[name]).invoke(samples)
    outputs, runs = run_samples(built.program, samples, expected.shape[1])
    assert np.array_equal(outputs, expected)
    assert len({run.cycles for run in runs}) == 1


@pytest.mark.system("arm-none-eabi-gcc")
def test_the_text_model_fits_a_small_flash_in_its_time(files):
    samples, oracle = board_samples("text", files), Oracle(files["text"])
    options = BuildOptions(compiler="gcc")
    budget = replace(options.limits, flash_bytes=34_000, ram_bytes=1_750)
    built = build(read_tflite(files["text"]), replace(options, budget=budget))
    outputs, runs = run_samples(built.program, samples, 1)
    assert np.array_equal(outputs, oracle.invoke(samples))
    assert max(run.cycles for run in runs) <= 800_000
    assert built.sizes.flash_bytes <= 34_000 and built.sizes.ram_bytes <= 1_500


def test_the_oracle_begins_each_sample_with_fresh_states(files):
    samples = board_samples("stacked", files)[:1]
    twice = Oracle(files["stacked"]).invoke(np.concatenate([samples, samples]))
    assert np.array_equal(twice[0], twice[1])


def test_the_oracle_that_the_reference_kernels_cannot_be_is_named(files):
    """They refuse REVERSE_V2 version 3."""
    assert Oracle(files["text"]).name.endswith("BUILTIN_WITHOUT_DEFAULT_DELEGATES")

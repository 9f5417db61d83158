"""Whole Keras models: quantised, read, generated, compiled for the host, equal to the oracle."""

import re
import shutil
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

from zerotap.errors import ModelError
from zerotap.firmware import Oracle, analyse, generate, plan, quantise, quantise_input, read_tflite, verify
from zerotap.firmware.c_code.runtime_library import runtime_files
from zerotap.firmware.oracles.tables import filled

layers = keras.layers
VOCABULARY = 60
SAMPLES = 60


@keras.saving.register_keras_serializable("tests")
class Table(layers.Layer):
    def build(self, shape):
        self.table = self.add_weight(shape=(VOCABULARY, 8), initializer="uniform", name="table")

    def call(self, ids):
        return tf.gather(self.table, ids)


def raw_model(*stack):
    return keras.Sequential([keras.Input((24, 8)), *stack])


def bag_model():
    return keras.Sequential(
        [
            keras.Input((10,), dtype="int32"),
            Table(),
            layers.GlobalAveragePooling1D(),
            layers.Dense(6, activation="relu"),
            layers.Dense(3),
        ]
    )


MODELS = {
    "dense": lambda: raw_model(
        layers.Flatten(),
        layers.Dense(12, activation="relu"),
        layers.Dense(6, activation="relu6"),
        layers.Dense(2),
    ),
    "conv": lambda: raw_model(
        layers.Conv1D(6, 5, activation="relu", padding="same", strides=2),
        layers.MaxPooling1D(2),
        layers.Conv1D(6, 3, dilation_rate=2, activation="relu"),
        layers.GlobalAveragePooling1D(),
        layers.Dense(2),
    ),
    "global_max": lambda: raw_model(
        layers.Conv1D(6, 7, activation="relu"), layers.GlobalMaxPooling1D(), layers.Dense(3)
    ),
    "separable": lambda: raw_model(
        layers.SeparableConv1D(6, 5, activation="relu"),
        layers.AveragePooling1D(2),
        layers.Flatten(),
        layers.Dense(4, activation="tanh"),
        layers.Dense(3, activation="softmax"),
    ),
    "sigmoid": lambda: raw_model(layers.Flatten(), layers.Dense(1, activation="sigmoid")),
    "bag": bag_model,
}


def windows(count: int, seed: int) -> np.ndarray:
    """Raw reports as models see them: mostly zero bytes, none above 119, divided by 255."""
    rng = np.random.default_rng(seed)
    reports = rng.integers(0, 120, (count, 24, 8)) * (rng.random((count, 24, 8)) < 0.2)
    return (reports / 255).astype(np.float32)


@pytest.fixture(scope="module")
def quantised():
    """Name -> (model, .tflite)."""
    result = {}
    for name, build in MODELS.items():
        keras.utils.set_random_seed(7)
        model = build()
        ids = np.random.default_rng(3).integers(0, VOCABULARY, (40, 10)).astype(np.int32)
        result[name] = model, quantise(model, ids if name == "bag" else windows(40, 1))
    return result


@pytest.fixture(scope="module")
def program(quantised, build_host):
    return build_host(
        {name: generate(read_tflite(content), name) for name, (_, content) in quantised.items()}
    )


def board_samples(name: str) -> np.ndarray:
    rng = np.random.default_rng(11)
    if name == "bag":
        return rng.integers(0, VOCABULARY, (SAMPLES, 10)).astype(np.int32)
    samples = rng.integers(-128, 128, (SAMPLES, 24, 8)).astype(np.int8)
    samples[SAMPLES // 2 :] = quantise_input(windows(SAMPLES // 2, 5), read_input_tensor())
    return samples


def read_input_tensor():
    keras.utils.set_random_seed(7)
    graph = read_tflite(quantise(MODELS["sigmoid"](), windows(4, 1)))
    return graph.tensors[graph.input]


def test_an_id_above_the_table_is_refused_first(quantised, monkeypatch):
    for name in ("build", "BoardOracle"):  # whatever comes first fails
        monkeypatch.setattr(f"zerotap.firmware.artefacts.tflite_model.{name}", None)
    ids = np.full((1, 10), VOCABULARY, np.int32)
    with pytest.raises(
        ModelError, match=rf"the id {VOCABULARY}, its table has the rows 0 to {VOCABULARY - 1}"
    ):
        verify(quantised["bag"][1], ids)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_host_c_equals_the_oracle_on_whole_models(quantised, program, name):
    _, content = quantised[name]
    samples = board_samples(name)
    oracle = Oracle(content)
    expected = oracle.invoke(samples)
    assert oracle.name == f"tflite {tf.__version__} BUILTIN_REF"
    assert np.array_equal(program.run(name, samples), expected)
    assert len(np.unique(expected)) > 3


@pytest.mark.parametrize("name", sorted(MODELS))
def test_numpy_reference_equals_the_oracle_on_whole_models(quantised, name):
    content = quantised[name][1]
    planned, samples = filled(plan(read_tflite(content))), board_samples(name)[-10:]
    for sample, expected in zip(samples, Oracle(content).invoke(samples), strict=True):
        values = {planned.graph.input: sample}
        for layer in planned.layers:
            data = [values[source.index] for source in layer.sources]
            values[layer.target.index] = layer.reference(planned.graph, *data)
        assert np.array_equal(values[planned.graph.output].ravel(), expected)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_no_two_living_tensors_overlap_in_the_arena(quantised, name):
    planned = filled(plan(read_tflite(quantised[name][1])))
    position = {layer.target.index: (at, at) for at, layer in enumerate(planned.layers)}
    for at, layer in enumerate(planned.layers):
        if layer.source.index in position:
            position[layer.source.index] = position[layer.source.index][0], at
    sizes = {tensor.index: tensor.size for tensor in planned.graph.tensors}
    for layer in planned.layers:
        offsets, source, target = planned.arena.offsets, layer.source.index, layer.target.index
        if layer.alias or layer.in_place or source not in offsets or target not in offsets:
            continue
        low, high = offsets[source], offsets[source] + sizes[source]
        start = offsets[target]
        assert start + sizes[target] <= low or high <= start, (layer.place, offsets)
        assert start + sizes[target] <= planned.arena_bytes


def test_raw_bytes_reach_the_board_as_byte_minus_128(quantised):
    for name, (_, content) in quantised.items():
        if name == "bag":
            continue
        graph = read_tflite(content)
        tensor = graph.tensors[graph.input]
        assert np.float32(tensor.scale[0]) == np.float32(1 / 255)
        assert tensor.zero_point.tolist() == [-128]
    values = (np.arange(256) / 255).astype(np.float32)
    codes = quantise_input(np.resize(values, (2, 24, 8)), tensor).ravel()
    assert np.array_equal(codes.astype(int), np.resize(np.arange(256), 384) - 128)


def test_the_byte_scale_leaves_the_inner_layers_calibration_alone():
    """The same model and windows, once shifted off the k/255 grid so little that only the rule sees it."""
    keras.utils.set_random_seed(7)
    model = MODELS["dense"]()
    samples = windows(40, 1)
    bytes_graph = read_tflite(quantise(model, samples))
    other = read_tflite(quantise(model, samples * np.float32(1.001)))
    scales = [
        [
            graph.tensors[operator.outputs[0]].scale[0]
            for operator in graph.operators
            if operator.name[0] == "F"
        ]
        for graph in (bytes_graph, other)
    ]
    assert np.allclose(scales[0], scales[1], rtol=0.01)
    assert not np.isclose(other.tensors[other.input].scale[0], 1 / 255, rtol=0.1)


@pytest.mark.parametrize("name", ["dense", "conv"])
def test_int8_stays_near_the_float_model_biases_included(name):
    """A bias in another scale than its sums passes every equality test and still ruins the model."""
    keras.utils.set_random_seed(7)
    model, samples = MODELS[name](), windows(40, 1)
    model.set_weights(
        [value if value.ndim > 1 else np.linspace(-0.3, 0.3, value.size) for value in model.get_weights()]
    )
    content = quantise(model, samples)
    graph = read_tflite(content)
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    for operator in graph.operators:
        if operator.name in ("CONV_2D", "FULLY_CONNECTED") and operator.inputs[2] != -1:
            activation, weights, bias = (graph.tensors[index] for index in operator.inputs)
            assert np.allclose(bias.scale, activation.scale * weights.scale, rtol=1e-5)
    codes = Oracle(content).invoke(quantise_input(samples, source)).astype(float)
    real = (codes - target.zero_point[0]) * target.scale[0]
    expected = model.predict(samples, verbose=0)
    assert np.abs(real - expected).max() < 0.05 * np.ptp(expected) + 2 * target.scale[0]


def test_quantise_refuses_what_it_cannot_calibrate():
    model = MODELS["sigmoid"]()
    with pytest.raises(ModelError, match="calibration needs an array of windows"):
        quantise(model, windows(4, 1)[:, :5])
    with pytest.raises(ModelError, match="calibration needs an array of windows"):
        quantise(model, windows(4, 1)[:0])
    with pytest.raises(ModelError, match="NaN"):
        quantise(model, np.full((4, 24, 8), np.nan, np.float32))


def test_a_free_batch_leaves_shape_arithmetic_that_the_plan_drops():
    """As TensorFlow converts Flatten without help: SHAPE, STRIDED_SLICE and PACK feed a RESHAPE."""
    converter = tf.lite.TFLiteConverter.from_keras_model(MODELS["dense"]())
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in windows(4, 1))
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = converter.inference_output_type = tf.int8
    graph = read_tflite(converter.convert())
    assert {"SHAPE", "PACK"} <= {operator.name for operator in graph.operators}
    named = {name for layer in plan(graph).layers for name in layer.name.split("+")}
    assert named == {"RESHAPE", "FULLY_CONNECTED"}


def test_an_unknown_operator_names_the_layer_and_the_known_ones():
    model = raw_model(layers.Dense(3), layers.Activation("log_softmax"), layers.Flatten(), layers.Dense(2))
    with pytest.raises(ModelError, match=r"layer \d+ LOG_SOFTMAX .*docs/operators\.md lists them"):
        quantise(model, windows(4, 1))


def test_a_float_model_is_refused():
    content = tf.lite.TFLiteConverter.from_keras_model(MODELS["sigmoid"]()).convert()
    with pytest.raises(ModelError, match="float32"):
        plan(read_tflite(content))


def test_the_report_adds_up(quantised):
    report = analyse(plan(read_tflite(quantised["dense"][1])))
    assert report["macs"] == 24 * 8 * 12 + 12 * 6 + 6 * 2 == sum(layer["macs"] for layer in report["layers"])
    assert report["weight_bytes"] == sum(layer["weight_bytes"] for layer in report["layers"])
    assert report["input"]["shape"] == [1, 24, 8]


def test_generation_is_deterministic_and_takes_only_the_runtime_it_needs(quantised):
    graph = read_tflite(quantised["dense"][1])
    files = generate(graph, "moods")
    assert files == generate(graph, "moods")
    called = set(re.findall(r"\b(zerotap_\w+)\(", files["moods.c"]))
    assert set(files) == {"moods.h", "moods.c", "moods_layers.S", *runtime_files(called)}
    assert not any("pool" in file or "softmax" in file for file in files)
    assert 'extern "C"' in files["moods.h"]
    assert "int64_t" not in files["moods.c"]
    assert not any(word in text for text in files.values() for word in ("float ", "double ", "malloc"))


@pytest.mark.parametrize(
    "name", ["", "2moods", "a b", "../x", "int", "class", "zerotap_x", "stdint", "é", "a" * 64]
)
def test_a_name_that_c_cannot_use_is_refused(quantised, name):
    with pytest.raises(ModelError, match="cannot name a model"):
        generate(read_tflite(quantised["sigmoid"][1]), name)


def compile_all(command: list[str], quantised, tmp_path) -> None:
    for name, (_, content) in quantised.items():
        for file, text in generate(read_tflite(content), name).items():
            (tmp_path / file).write_text(text)
    sources = sorted(path.name for path in tmp_path.glob("*.c"))
    flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-O2", "-c", "-I", "."]
    for source in sources:
        done = subprocess.run([*command, *flags, source], cwd=tmp_path, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def test_sources_compile_for_the_board_with_ziglang(quantised, tmp_path):
    target = ["-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0plus", "-ffreestanding"]
    compile_all([sys.executable, "-m", "ziglang", "cc", *target], quantised, tmp_path)


@pytest.mark.system("arm-none-eabi-gcc")
def test_sources_compile_for_the_board_with_gcc(quantised, tmp_path):
    compile_all(["arm-none-eabi-gcc", "-mcpu=cortex-m0plus", "-mthumb"], quantised, tmp_path)


@pytest.mark.system("g++")
def test_the_header_compiles_as_cpp(quantised, tmp_path):
    for file, text in generate(read_tflite(quantised["bag"][1]), "bag").items():
        (tmp_path / file).write_text(text)
    (tmp_path / "user.cpp").write_text('#include "bag.h"\nint main() { return bag_OUTPUT_SIZE - 3; }\n')
    command = [shutil.which("g++"), "-std=c++11", "-Wall", "-Werror", "-c", "user.cpp"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 0


@pytest.mark.system("gcc")
def test_the_host_build_runs_under_address_sanitiser(sanitisers):
    assert sanitisers == "address,undefined"

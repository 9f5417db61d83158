"""float32, float16 and dynamic-range .tflite files, C arrays, SavedModels: int8 out, and the difference."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.errors import ModelError, OutputError
from zerotap.firmware import Oracle, quantise_input, read_tflite
from zerotap.firmware.quantising.float_model import FLOAT_OPERATORS
from zerotap.workflow import quantise_file

WEIGHTS = ("float32", "float16", "dynamic range")
ROWS, WORDS = 600, 12


def as_tflite(model, weights: str) -> bytes:
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    if weights != "float32":
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if weights == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return converter.convert()


def as_xxd(content: bytes, name: str) -> str:
    """What `xxd -i` writes."""
    rows = [content[at : at + 12] for at in range(0, len(content), 12)]
    body = ",\n".join("  " + ", ".join(f"0x{byte:02x}" for byte in row) for row in rows)
    return f"unsigned char {name}[] = {{\n{body}\n}};\nunsigned int {name}_len = {len(content)};\n"


def conv_model():
    import keras

    keras.utils.set_random_seed(3)
    source = keras.Input((24, 8))
    x = keras.layers.Conv1D(16, 3, activation="relu")(source)
    x = keras.layers.DepthwiseConv1D(5, padding="same")(x)
    x = keras.layers.MaxPooling1D(2)(x)
    x = keras.layers.Conv1D(32, 3, activation="relu6")(x)
    x = keras.layers.Dense(16, activation="tanh")(keras.layers.Flatten()(x))
    return keras.Model(source, keras.layers.Dense(5, activation="softmax")(x))


def text_model(dtype: str = "float32"):
    """As Keras 3 makes it: float ids are cast, and negative ones counted from the table's end."""
    import keras

    keras.utils.set_random_seed(4)
    source = keras.Input((WORDS,), dtype=dtype)
    x = keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(ROWS, 16)(source))
    x = keras.layers.Dense(16, activation="relu")(x)
    return keras.Model(source, keras.layers.Dense(1, activation="sigmoid")(x))


@pytest.fixture(scope="module")
def conv():
    return conv_model()


@pytest.fixture(scope="module")
def conv_files(conv) -> dict[str, bytes]:
    return {weights: as_tflite(conv, weights) for weights in WEIGHTS}


@pytest.fixture(scope="module")
def windows() -> np.ndarray:
    return np.random.default_rng(5).normal(size=(60, 24, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def ids() -> np.ndarray:
    drawn = np.random.default_rng(6).integers(0, ROWS, (60, WORDS))
    drawn[0, :2] = 0, ROWS - 1
    return drawn.astype(np.int32)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def dequantised(path: Path, samples: np.ndarray) -> np.ndarray:
    graph = read_tflite(path)
    target = graph.tensors[graph.output]
    integers = Oracle(path).invoke(quantise_input(samples, graph.tensors[graph.input]))
    return (integers - target.zero_point) * target.scale


def assert_full_int8(path: Path) -> None:
    graph = read_tflite(path)
    assert graph.tensors[graph.output].dtype == "int8"
    for operator in graph.operators:
        assert operator.name in FLOAT_OPERATORS
        assert graph.tensors[operator.outputs[0]].dtype == "int8"


@pytest.mark.parametrize("weights", WEIGHTS)
def test_a_foreign_file_becomes_int8_with_its_difference(weights, conv, conv_files, windows, tmp_path):
    source, samples = tmp_path / "their.tflite", tmp_path / "x.npy"
    source.write_bytes(conv_files[weights])
    np.save(samples, windows)
    result = run("quantise", source, "--samples", samples, "--json")
    assert result.exit_code == 0, result.output
    report, out = json.loads(result.stdout), tmp_path / "their-int8.tflite"
    assert report["file"] == str(out)
    assert report["source"] == f"a .tflite, {weights}"
    assert source.read_bytes() == conv_files[weights]
    assert_full_int8(out)
    reals, floats = dequantised(out, windows), Oracle(conv_files[weights]).invoke(windows)
    assert report["max_difference"] == pytest.approx(np.max(np.abs(reals - floats)), abs=1e-6)
    assert report["mean_difference"] == pytest.approx(np.mean(np.abs(reals - floats)), abs=1e-6)
    assert report["same_argmax"] == np.mean(np.argmax(reals, 1) == np.argmax(floats, 1))
    assert report["max_difference"] < 0.1
    assert np.max(np.abs(reals - conv.predict(windows, verbose=0))) < 0.1


def int8_weights(path: Path) -> dict[tuple[int, ...], np.ndarray]:
    tensors = read_tflite(path).tensors
    return {each.shape: each.data for each in tensors if each.dtype == "int8" and each.data is not None}


def test_dynamic_range_weights_come_back_as_the_same_int8(conv_files, windows, tmp_path):
    """A folded int8 weight is on its own grid, so that quantising it again gives the same integers."""
    (tmp_path / "x.tflite").write_bytes(conv_files["dynamic range"])
    quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=windows)
    before, after = (int8_weights(tmp_path / name) for name in ("x.tflite", "y.tflite"))
    assert len(before) == 2
    for shape, data in before.items():
        assert np.array_equal(after[shape], data)


@pytest.mark.parametrize("weights", WEIGHTS)
def test_float_ids_become_an_int32_input(weights, ids, tmp_path):
    content = as_tflite(text_model(), weights)
    names = [operator.name for operator in read_tflite(content).operators]
    assert "CAST" in names
    assert "LESS" in names
    assert ("DEQUANTIZE" in names) == (weights != "float32")
    (tmp_path / "x.tflite").write_bytes(content)
    out = tmp_path / "y.tflite"
    reports = [
        quantise_file(tmp_path / "x.tflite", out, samples=ids.astype(dtype), force=True)
        for dtype in ("f4", "i4")
    ]
    assert reports[0] == reports[1]
    graph = read_tflite(out)
    assert graph.tensors[graph.input].dtype == "int32"
    assert [operator.name for operator in graph.operators][:2] == ["GATHER", "MEAN"]
    assert_full_int8(out)
    floats = Oracle(content).invoke(ids.astype(np.float32))
    gap = np.max(np.abs(dequantised(out, ids) - floats))
    assert reports[0]["max_difference"] == pytest.approx(gap, abs=1e-6)
    assert reports[0]["max_difference"] < 0.02


def test_int64_ids_become_int32(ids, tmp_path):
    (tmp_path / "x.tflite").write_bytes(as_tflite(text_model("int64"), "float32"))
    quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=ids.astype(np.int64))
    graph = read_tflite(tmp_path / "y.tflite")
    assert graph.tensors[graph.input].dtype == "int32"


def test_a_keras_model_of_float_ids_takes_int32(ids, tmp_path):
    model = text_model()
    model.save(tmp_path / "text.keras")
    report = quantise_file(tmp_path / "text.keras", tmp_path / "y.tflite", samples=ids)
    graph = read_tflite(tmp_path / "y.tflite")
    assert graph.tensors[graph.input].dtype == "int32"
    assert report["source"] == "a Keras model"
    gap = np.abs(dequantised(tmp_path / "y.tflite", ids) - model.predict(ids.astype("f4"), verbose=0))
    assert report["max_difference"] == pytest.approx(np.max(gap), abs=1e-6)
    assert report["max_difference"] < 0.02


def test_an_int8_file_of_int64_ids_gets_an_int32_input(ids, tmp_path):
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(text_model("int64"))
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([row[np.newaxis].astype(np.int64)] for row in ids)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_output_type = tf.int8
    content = converter.convert()
    (tmp_path / "x.tflite").write_bytes(content)
    report = quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=ids.astype(np.int64))
    assert report["max_difference"] == 0
    assert np.array_equal(Oracle(tmp_path / "y.tflite").invoke(ids), Oracle(content).invoke(ids.astype("i8")))


@pytest.mark.parametrize(
    ("wrong", "message"), [(-1, "from 0 to 599"), (ROWS, "from 0 to 599"), (0.5, "whole")]
)
def test_ids_that_no_table_has_are_refused(wrong, message, ids, tmp_path):
    (tmp_path / "x.tflite").write_bytes(as_tflite(text_model(), "float32"))
    samples = ids.astype(np.float32)
    samples[3, 3] = wrong
    with pytest.raises(ModelError, match=message):
        quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=samples)
    assert not (tmp_path / "y.tflite").exists()


def test_a_c_array_is_the_file_that_it_holds(conv_files, windows, tmp_path):
    content = conv_files["dynamic range"]
    (tmp_path / "model.tflite").write_bytes(content)
    (tmp_path / "model.h").write_text(as_xxd(content, "model_tflite"))
    reports = [
        quantise_file(tmp_path / name, tmp_path / f"out-{name}", samples=windows)
        for name in ("model.tflite", "model.h")
    ]
    assert reports[1]["source"] == "a .tflite in C, dynamic range"
    assert (tmp_path / "out-model.tflite").read_bytes() == (tmp_path / "out-model.h").read_bytes()


def test_a_saved_model(conv, windows, tmp_path):
    conv.export(tmp_path / "saved", verbose=False)
    np.save(tmp_path / "x.npy", windows)
    result = run("quantise", tmp_path / "saved", "--samples", tmp_path / "x.npy", "--trust", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["source"] == "a SavedModel"
    assert report["file"] == str(tmp_path / "saved.tflite")
    assert_full_int8(tmp_path / "saved.tflite")
    gap = np.abs(dequantised(tmp_path / "saved.tflite", windows) - conv.predict(windows, verbose=0))
    assert report["max_difference"] == pytest.approx(np.max(gap), abs=1e-5)


def test_a_damaged_saved_model_is_refused(tmp_path, windows):
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"\x00\x01 no model")
    with pytest.raises(ModelError, match=r"saved: cannot be read as a SavedModel"):
        quantise_file(tmp_path / "saved", tmp_path / "y.tflite", samples=windows, trust=True)


def test_an_int8_file_is_int8_already(dense_file, dense_samples, tmp_path):
    with pytest.raises(ModelError, match=r"is int8 already.*zerotap export"):
        quantise_file(dense_file, tmp_path / "y.tflite", samples=dense_samples)


def test_the_source_is_never_overwritten(dense_file, dense_samples):
    with pytest.raises(OutputError, match="is the model itself"):
        quantise_file(dense_file, dense_file, samples=dense_samples, weight_bits=4)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda x: x[:, :20], r"windows of shape \(n, 24, 8\), got \(60, 20, 8\)"),
        (lambda x: x[:0], "got"),
        (lambda x: np.where(x > 3, np.nan, x), "NaN"),
        (lambda x: (x * 100).astype(np.int16), "the samples are int16"),
    ],
)
def test_windows_that_cannot_calibrate(spoil, message, conv_files, windows, tmp_path):
    (tmp_path / "x.tflite").write_bytes(conv_files["float32"])
    with pytest.raises(ModelError, match=message):
        quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=spoil(windows))


def test_an_operator_that_zerotap_lacks_is_named(windows, tmp_path):
    import keras

    source = keras.Input((24, 8))
    model = keras.Model(source, keras.layers.Dense(3)(keras.ops.log_softmax(keras.layers.Flatten()(source))))
    (tmp_path / "x.tflite").write_bytes(as_tflite(model, "float32"))
    said = r"x\.tflite: layer \d+ LOG_SOFTMAX \(.*\), .* -> .*: .*docs/operators\.md"
    with pytest.raises(ModelError, match=said):
        quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=windows)


def layer_models() -> dict[str, object]:
    import keras

    layers, ops = keras.layers, keras.ops

    def ends(make, shape=(12, 8)):
        source = keras.Input(shape)
        return keras.Model(source, layers.Dense(3)(layers.Flatten()(make(source))))

    return {
        "branches": ends(lambda x: layers.Concatenate()([layers.Dense(4)(x), layers.Add()([x, x * 2.0])])),
        "subtract": ends(lambda x: layers.Subtract()([layers.Dense(8)(x), x])),
        "pad and slice": ends(lambda x: layers.Cropping1D(2)(layers.ZeroPadding1D(1)(x))),
        "pooling": ends(layers.AveragePooling1D(2)),
        "sum": ends(lambda x: ops.sum(x, axis=1)),
        "transpose": ends(layers.Permute((2, 1))),
        "activations": ends(lambda x: ops.leaky_relu(ops.tanh(ops.sigmoid(layers.Dense(4)(x))), 0.1)),
        "hard swish": ends(lambda x: ops.hard_swish(layers.Dense(4)(x))),
        "two dimensions": ends(layers.Conv2D(4, 3, strides=2, padding="same"), (8, 8, 2)),
        "depthwise": ends(layers.DepthwiseConv2D(3, depth_multiplier=2), (8, 8, 2)),
        "normalised": ends(lambda x: layers.BatchNormalization()(layers.Conv1D(4, 3)(x))),
        "global": ends(layers.GlobalMaxPooling1D()),
    }


def test_every_layer_that_small_models_use(tmp_path):
    rng = np.random.default_rng(7)
    for name, model in layer_models().items():
        samples = rng.normal(size=(20, *model.input_shape[1:])).astype(np.float32)
        (tmp_path / "x.tflite").write_bytes(as_tflite(model, "float32"))
        report = quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=samples, force=True)
        floats = model.predict(samples, verbose=0)
        assert_full_int8(tmp_path / "y.tflite")
        # BUILTIN_REF of TensorFlow 2.21 sums int8 without rescaling, which the report shows.
        assert report["max_difference"] < 0.08 * np.max(np.abs(floats)) or name == "sum", name


def test_a_damaged_file_is_refused(conv_files, windows, tmp_path):
    content, rng = conv_files["float16"], np.random.default_rng(8)
    for seed in range(40):
        damaged = bytearray(content)
        for place in rng.integers(0, 3000, 4):
            damaged[-place] ^= int(rng.integers(1, 256))
        (tmp_path / "x.tflite").write_bytes(bytes(damaged))
        try:
            quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=windows[:2], force=True)
        except ModelError as error:
            assert "\n" not in str(error), seed


@pytest.mark.parametrize(
    ("channels", "options"),
    [
        (2, {"strideW": 0}),
        (2, {"padding": -2}),
        (2, {"dilationHFactor": 0}),
        (16, {}),  # 8 groups for 3 filters
    ],
)
def test_what_would_end_the_process_is_refused(channels, options, tflite_writer, tmp_path):
    """TensorFlow's kernels divide by these numbers as they are."""
    tensor, single, write = tflite_writer
    rng = np.random.default_rng(9)
    tensors = [
        tensor((1, 1, 9, channels), "float32"),
        tensor((3, 1, 3, 2), "float32", data=rng.normal(size=(3, 1, 3, 2))),
        tensor((1, 1, 7, 3), "float32"),
        tensor((3,), "float32", data=[1, 2, 3]),
    ]
    sane = {"padding": 1, "strideH": 1, "strideW": 1, "dilationHFactor": 1, "dilationWFactor": 1}
    spec = single("CONV_2D", tensors, [0, 1, 3], 2, 0, "Conv2DOptions", sane | options)
    (tmp_path / "x.tflite").write_bytes(write(spec))
    samples = np.zeros((4, 1, 9, channels), np.float32)
    with pytest.raises(ModelError, match=r"x\.tflite: layer 0 .*CONV_2D"):
        quantise_file(tmp_path / "x.tflite", tmp_path / "y.tflite", samples=samples)


def test_the_help_names_what_it_takes():
    text = re.sub(r"\s+", " ", run("quantise", "--help").output)
    for word in ("SavedModel", "float16", "dynamic range", "xxd -i", "--weight-bits"):
        assert word in text

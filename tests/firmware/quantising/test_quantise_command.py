"""From a trained model on disk to its .tflite, and the measurement that the comparison asks for."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result

from zerotap.cli import cli
from zerotap.errors import ModelError, OutputError
from zerotap.features import Pipeline, Windows
from zerotap.firmware import check_tflite_out, write_tflite
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.oracles.oracle import Oracle
from zerotap.firmware.tflite.reader import read_tflite
from zerotap.models import Trained, model_input
from zerotap.models.trained import Facts
from zerotap.workflow import measure, quantise_file


def _windows(count: int, seed: int) -> Windows:
    generator = np.random.default_rng(seed)
    x = generator.integers(0, 256, (count, 6, 8), dtype=np.uint8)
    return Windows(x, generator.integers(0, 2, count), np.arange(count))


@pytest.fixture(scope="module")
def trained() -> Trained:
    import keras

    keras.utils.set_random_seed(2)
    source = keras.Input((6, 8))
    hidden = keras.layers.Dense(8, activation="relu")(keras.layers.Flatten()(source))
    model = keras.Model(source, keras.layers.Dense(2)(hidden))
    facts = Facts("dense", ("calm", "cross"), True, 0, 1, model.count_params(), "")
    pipeline = Pipeline.raw("dense", length=6, hop=3)
    return Trained(facts, model, pipeline, _windows(40, 1), _windows(30, 2))


@pytest.fixture
def folder(trained: Trained, tmp_path: Path) -> Path:
    trained.save(tmp_path / "dense")
    return tmp_path / "dense"


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)))


def test_a_model_folder_becomes_a_tflite_in_it(trained: Trained, folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", model_input(trained.train.x))
    result = _run("quantise", folder, "--samples", tmp_path / "x.npy", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["calibration"] == 40
    assert report["bytes"] == (folder / "model.tflite").stat().st_size
    assert report["input_scale"] == pytest.approx(1 / 255)
    assert report["input_zero_point"] == -128
    assert [path.name for path in folder.glob(".*")] == []


def test_raw_bytes_calibrate_as_the_model_sees_them(trained: Trained, folder: Path, tmp_path: Path) -> None:
    files = []
    for name, windows in (("bytes", trained.train.x), ("floats", model_input(trained.train.x))):
        np.save(tmp_path / f"{name}.npy", windows)
        files.append(tmp_path / f"{name}.tflite")
        _run("quantise", folder, "--samples", tmp_path / f"{name}.npy", "--out", files[-1])
    inputs = (trained.test.x.astype(np.int16) - 128).astype(np.int8)
    one, other = (Oracle(file).invoke(inputs) for file in files)
    assert np.array_equal(one, other)


def test_a_keras_file_wants_samples(folder: Path, tmp_path: Path) -> None:
    result = _run("quantise", folder / "model.keras", "--dataset", tmp_path)
    assert isinstance(result.exception, ModelError)
    assert "--samples" in str(result.exception)
    assert _run("quantise", folder).exit_code == 2


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 6, 8), np.float32))
    (tmp_path / "bad.keras").write_bytes(b"PK\x03\x04")
    for name in ("bad.keras", "missing.keras"):
        result = _run("quantise", tmp_path / name, "--samples", tmp_path / "x.npy")
        assert isinstance(result.exception, ModelError)
        assert name in str(result.exception)
    assert {path.name for path in tmp_path.iterdir()} == {"x.npy", "bad.keras"}


def test_calibration_of_another_shape_writes_nothing(folder: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((4, 7, 8), np.float32))
    result = _run("quantise", folder, "--samples", tmp_path / "x.npy")
    assert isinstance(result.exception, ModelError)
    assert not (folder / "model.tflite").exists()


def test_a_measurement_is_the_board_on_every_test_window(trained: Trained, tmp_path: Path) -> None:
    measured = measure(trained, tmp_path / "out", BuildOptions(compiler="zig"))
    assert measured.report["samples"] == 30
    assert measured.report["mismatches"] == 0
    quantised = (trained.test.x.astype(np.int16) - 128).astype(np.int8)  # what the board does: byte - 128
    oracle = Oracle(tmp_path / "out" / "model.tflite")
    assert np.array_equal(measured.outputs, oracle.invoke(quantised))
    graph = read_tflite(tmp_path / "out" / "model.tflite")
    assert measured.output_scale == graph.tensors[graph.output].scale[0]
    logits = (measured.outputs - np.float64(measured.output_zero_point)) * measured.output_scale
    floats = trained.model.predict(model_input(trained.test.x), verbose=0)
    assert np.abs(logits - floats).mean() < 0.1 * np.abs(floats).max()


def test_only_the_named_model_s_own_tflite_is_replaced_unasked(dense_file, tmp_path):
    model, out = tmp_path / "model", tmp_path / "model" / "model.tflite"
    model.mkdir()
    assert not check_tflite_out(tmp_path / "new.tflite", model, None)
    assert check_tflite_out(tmp_path / "new.tflite", model, None, force=True)
    out.write_bytes(dense_file.read_bytes())
    assert check_tflite_out(out, model, None)
    other = tmp_path / "other.tflite"
    other.write_bytes(dense_file.read_bytes())
    with pytest.raises(OutputError, match="exists already: add --force"):
        check_tflite_out(other, model, None)
    assert check_tflite_out(other, model, None, force=True)
    with pytest.raises(OutputError, match="is not overwritten"):  # it came while the model was made
        write_tflite(b"\x1c\0\0\0TFL3", other, replace=False)
    assert other.read_bytes() == dense_file.read_bytes()


def test_windows_that_are_all_the_same_end_in_an_error_and_write_nothing(tmp_path):
    """TensorFlow's kernels end their process on such a SOFTMAX."""
    import keras
    import tensorflow as tf

    source = keras.Input((6,))
    model = keras.Model(source, keras.layers.Dense(3, activation="softmax")(source))
    model_path, samples_path, out = (tmp_path / name for name in ("net.tflite", "zeros.npy", "out.tflite"))
    model_path.write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    np.save(samples_path, np.zeros((3, 6), np.float32))
    with pytest.raises(ModelError, match="calibrate on windows whose outputs differ"):
        quantise_file(model_path, out, samples=np.load(samples_path))
    assert not out.exists()

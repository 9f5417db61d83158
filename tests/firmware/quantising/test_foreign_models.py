"""Models that strangers send: what they may do, what they cost, and what is said of them."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from zerotap.cli import cli
from zerotap.errors import ModelError
from zerotap.firmware import quantise
from zerotap.isolation import Limits
from zerotap.workflow import build, quantise_file

SAMPLES = np.random.default_rng(3).uniform(-1, 1, (12, 4)).astype(np.float32)


def _dense(units: int = 2):
    import keras

    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(3), keras.layers.Dense(units)])


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A SavedModel that writes a file as soon as it is loaded."""
    import tensorflow as tf

    class Resource(tf.saved_model.experimental.TrackableResource):
        def _create_resource(self):
            return tf.raw_ops.MutableHashTableV2(key_dtype=tf.int32, value_dtype=tf.int32, shared_name="t")

        def _initialize(self):
            tf.io.write_file(str(tmp_path / "PWNED"), "x")

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.resource = Resource()
            _ = self.resource.resource_handle

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
        def call(self, x):
            return {"y": tf.matmul(x, tf.ones([4, 2]))}

    module = Module()
    tf.saved_model.save(module, str(tmp_path / "saved"), signatures={"serving_default": module.call})
    (tmp_path / "PWNED").unlink(missing_ok=True)
    return tmp_path / "saved"


def test_a_saved_model_runs_nothing_without_trust(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"saved: a SavedModel is a program.*--trust"):
        quantise_file(saved, samples=SAMPLES)
    assert not (tmp_path / "PWNED").exists()
    quantise_file(saved, samples=SAMPLES, trust=True)  # what it wrote is no part of what it computes
    assert (tmp_path / "PWNED").exists(), "the SavedModel is harmless: the test proves nothing"


def test_a_saved_model_with_slots_of_an_old_optimiser_is_read_by_its_graph(tmp_path: Path) -> None:
    import tensorflow as tf
    from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

    class Module(tf.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = tf.Variable(tf.ones([4, 2])), tf.Variable(tf.ones([4, 2]))

        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
        def call(self, x):
            return {"y": tf.matmul(x, self.first)}

    module, saved = Module(), tmp_path / "saved"
    tf.saved_model.save(module, str(saved), signatures={"serving_default": module.call})
    expected = quantise_file(saved, saved.with_name("whole.tflite"), samples=SAMPLES, trust=True)
    file, model = saved / "saved_model.pb", SavedModel()
    model.ParseFromString(file.read_bytes())
    nodes = model.meta_graphs[0].object_graph_def.nodes
    first, second = (index for index, node in enumerate(nodes) if node.WhichOneof("kind") == "variable")
    nodes[0].slot_variables.add(original_variable_node_id=first, slot_name="m", slot_variable_node_id=second)
    file.write_bytes(model.SerializeToString())
    with pytest.raises(AttributeError, match="add_slot"):
        tf.saved_model.load(str(saved))
    report = quantise_file(saved, saved.with_name("slots.tflite"), samples=SAMPLES, trust=True)
    for key in ("input_scale", "output_scale", "output_zero_point"):
        assert report[key] == pytest.approx(expected[key])
    assert report["max_difference"] < 0.1


def test_the_command_leaves_tensorflow_to_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _dense().save(tmp_path / "net.keras")
    np.save(tmp_path / "x.npy", SAMPLES)
    for name in ("tensorflow", "keras"):
        monkeypatch.setitem(sys.modules, name, None)  # whoever imports it here fails
    arguments = ["quantise", str(tmp_path / "net.keras"), "--samples", str(tmp_path / "x.npy"), "--json"]
    done = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert json.loads(done.stdout)["calibration"] == len(SAMPLES)
    out = str(tmp_path / "net.tflite")
    done = CliRunner().invoke(
        cli, ["verify", out, *arguments[2:], "--compiler", "zig"], catch_exceptions=False
    )
    assert json.loads(done.stdout)["mismatches"] == 0


def test_the_child_has_the_bits_of_this_process(tmp_path: Path) -> None:
    _dense().save(tmp_path / "net.keras")
    for name, limits in (("here", None), ("child", Limits())):
        quantise_file(tmp_path / "net.keras", tmp_path / name, samples=SAMPLES, isolation=limits)
    assert (tmp_path / "here").read_bytes() == (tmp_path / "child").read_bytes()


def test_a_model_that_diverged_is_told(tmp_path: Path) -> None:
    import tensorflow as tf

    model = _dense()
    model.layers[1].bias.assign([np.nan, 0])
    model.save(tmp_path / "net.keras")
    with pytest.raises(ModelError, match=r"net\.keras: its weights \S+/bias hold NaN or infinity"):
        quantise_file(tmp_path / "net.keras", samples=SAMPLES)
    (tmp_path / "net.tflite").write_bytes(tf.lite.TFLiteConverter.from_keras_model(model).convert())
    with pytest.raises(ModelError, match=r"net\.tflite: its constant .* holds NaN"):
        quantise_file(tmp_path / "net.tflite", tmp_path / "out.tflite", samples=SAMPLES)


def test_outputs_that_overflow_are_told(tmp_path: Path) -> None:
    model = _dense()
    for layer in model.layers:
        layer.kernel.assign(np.full(layer.kernel.shape, 1e38))
    model.save(tmp_path / "net.keras")
    with pytest.raises(ModelError, match=r"net\.keras: its own outputs on .* hold NaN or infinity"):
        quantise_file(tmp_path / "net.keras", samples=np.abs(SAMPLES))


@pytest.mark.parametrize("dtype", [np.uint8, np.int8])
def test_integers_are_no_samples_of_a_model_that_takes_floats(tmp_path: Path, dtype) -> None:
    """A pipeline's folder says that bytes are meant to be divided; a lone model does not."""
    _dense().save(tmp_path / "net.keras")
    bytes_, said = np.ones((12, 4), dtype), "takes float32, the calibration windows are"
    with pytest.raises(ModelError, match=rf"net\.keras {said} {np.dtype(dtype)}"):
        quantise_file(tmp_path / "net.keras", samples=bytes_)
    with pytest.raises(ModelError, match=said):
        build(_dense(), tmp_path / "Net", name="net", samples=bytes_)


def test_a_path_is_no_model_and_the_way_out_is_named() -> None:
    with pytest.raises(ModelError, match=r"net\.keras is no Keras model.*zerotap\.quantise_file"):
        quantise("net.keras", SAMPLES)


def test_a_small_file_of_a_huge_model_is_stopped_at_the_memory_limit(tmp_path: Path) -> None:
    import zipfile

    _dense().save(tmp_path / "net.keras")
    files = tmp_path / "net.keras", tmp_path / "huge.keras"
    with zipfile.ZipFile(files[0]) as whole, zipfile.ZipFile(files[1], "w") as out:
        for name in whole.namelist():
            content = whole.read(name)
            if name == "config.json":
                content = content.replace(b'"units": 3', b'"units": 1000000000')
            out.writestr(name, content)
    with pytest.raises(ModelError, match=r"huge\.keras: TensorFlow needed more than 4 GiB"):
        quantise_file(files[1], samples=SAMPLES)

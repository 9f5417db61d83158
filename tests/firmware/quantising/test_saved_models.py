"""SavedModels with several inputs and outputs: by either of TensorFlow's loaders, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.firmware import BuildOptions, read_tflite, verify
from zerotap.firmware.quantising.conversion import open_source
from zerotap.firmware.quantising.saved_models.saved_graph import read_saved_graph
from zerotap.firmware.quantising.saved_models.signatures import ordered
from zerotap.firmware.several_ends import as_rows
from zerotap.workflow import quantise_file

COUNT = 24
# Of an exported Keras model: its inputs' names by alphabet, and its outputs in order.
NAMES = (("ids", "signal"), ("output_0", "output_1"))


@pytest.fixture(scope="module")
def samples() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "signal": rng.uniform(-1, 1, (COUNT, 6, 3)).astype(np.float32),
        "ids": rng.integers(0, 20, (COUNT, 5)).astype(np.int32),
    }


def _model(steps: int | None = 6):
    import keras
    from keras import layers

    keras.utils.set_random_seed(3)
    signal, ids = keras.Input((steps, 3), name="signal"), keras.Input((5,), dtype="int32", name="ids")
    hidden = layers.Conv1D(5, 3, activation="relu")(signal)
    parts = [layers.GlobalAveragePooling1D()(each) for each in (hidden, layers.Embedding(20, 4)(ids))]
    score = layers.Dense(3)(layers.Concatenate()(parts))
    return keras.Model([signal, ids], [score, parts[0]])


@pytest.fixture(scope="module")
def saved(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "two"
    _model().export(path, verbose=False)
    return path


def test_it_is_quantised_by_its_signature_s_names(saved, samples, tmp_path):
    report = quantise_file(saved, tmp_path / "two.tflite", samples=samples, trust=True)
    graph = read_tflite(tmp_path / "two.tflite")
    assert graph.end_names == NAMES
    assert [graph.tensors[index].shape for index in graph.outputs] == [(1, 3), (1, 5)]
    assert report["output_0_same_argmax"] > 0.8 and report["output_1_max_difference"] < 0.05
    assert verify(tmp_path / "two.tflite", samples, BuildOptions(compiler="zig")).mismatches == 0


def test_both_loaders_give_the_same_file_and_the_model_s_outputs(saved, samples):
    model = _model()
    wanted = model.predict([samples["signal"], samples["ids"]], verbose=0)
    source = open_source(saved, trust=True)
    assert source is not None
    content, outputs = read_saved_graph(saved)
    windows = source.prepare(samples)
    assert read_tflite(content).end_names == NAMES
    for made in (source.outputs(windows), outputs(windows)):
        for name, floats in zip(NAMES[1], wanted, strict=True):
            assert np.allclose(made[name], floats, atol=1e-5)


def test_the_names_of_many_outputs_are_in_order():
    names = [f"output_{place}" for place in range(12)]
    assert ordered(reversed(names)) == names


def test_lengths_of_several_inputs_are_refused(samples, tmp_path):
    _model(None).export(tmp_path / "free", verbose=False)
    with pytest.raises(ModelError, match=r"any length, \(n, None, 3\), at its input signal, .* every extent"):
        quantise_file(tmp_path / "free", samples=samples, trust=True, isolation=None)
    with pytest.raises(ModelError, match="--length is for a model of one input"):
        quantise_file(tmp_path / "free", samples=samples, lengths=(6,), trust=True, isolation=None)


def test_a_recurrent_one_has_several_too(samples, tmp_path):
    import keras
    from keras import layers

    keras.utils.set_random_seed(3)
    signal, ids = keras.Input((6, 3), name="signal"), keras.Input((5,), dtype="int32", name="ids")
    states, words = layers.LSTM(4)(signal), layers.GRU(3)(layers.Embedding(20, 4)(ids))
    score = layers.Dense(3)(layers.Concatenate()([states, words]))
    model = keras.Model([signal, ids], [score, states])
    model.export(tmp_path / "two", verbose=False)
    done = quantise_file(tmp_path / "two", tmp_path / "two.tflite", samples=samples, trust=True)
    graph = read_tflite(tmp_path / "two.tflite")
    assert graph.end_names == NAMES
    assert "UNIDIRECTIONAL_SEQUENCE_LSTM" in [operator.name for operator in graph.operators]
    assert done["output_0_max_difference"] < 0.1
    given = as_rows(samples)
    assert verify(tmp_path / "two.tflite", given, BuildOptions(compiler="zig")).mismatches == 0

"""Every registered model: it builds, trains, is kept and comes back with the same predictions."""

import importlib.util
import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.errors import ModelError, OutputError
from zerotap.models import (
    MODELS,
    ModelSpec,
    dequantise,
    describe_model,
    float_outputs,
    load_trained,
    model_input,
    model_spec,
    train,
)
from zerotap.models.families.decoys import tables_of
from zerotap.models.training.validation import validation_mask

# What firmware can put on the board, and no more is needed for these models.
BOARD_OPERATORS = {
    "CONV_2D", "EXPAND_DIMS", "FULLY_CONNECTED", "GATHER", "MAX_POOL_2D", "MEAN", "RESHAPE", "SQUEEZE",
}  # fmt: skip


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    return type_corpus(
        generate_corpus(40, 0), tmp_path_factory.mktemp("typed") / "moods", seed=0, synthetic=True
    )


@pytest.fixture(scope="module", params=[name for name, spec in MODELS.items() if isinstance(spec, ModelSpec)])
def trained(request, dataset):
    return train(dataset, request.param, epochs=1)


def test_it_keeps_its_contract(trained):
    outputs = float_outputs(trained)
    assert outputs.shape == (len(trained.test), 2)
    assert np.isfinite(outputs).all()
    assert trained.kind == model_spec(trained.name).kind
    assert model_input(trained.test.x).dtype == trained.model.input.dtype
    assert trained.model.input.shape[1:] == trained.pipeline.input_shape
    # Logits: a softmax would sum to 1.
    assert not np.allclose(outputs.sum(axis=1), 1)


def test_no_recording_is_on_both_sides(trained):
    assert not set(trained.train.groups) & set(trained.test.groups)
    assert len(np.unique(np.concatenate([trained.train.groups, trained.test.groups]))) == 40


def test_it_comes_back_the_same(trained, dataset, tmp_path):
    trained.save(tmp_path / "model")
    loaded = load_trained(tmp_path / "model", dataset)
    assert loaded.facts == trained.facts
    assert loaded.pipeline == trained.pipeline
    assert np.array_equal(loaded.test.x, trained.test.x)
    assert np.array_equal(float_outputs(loaded), float_outputs(trained))
    assert len(load_trained(tmp_path / "model").test) == 0


def test_nothing_is_overwritten(trained, tmp_path):
    trained.save(tmp_path / "model")
    with pytest.raises(OutputError, match="already holds something"):
        trained.save(tmp_path / "model")
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_it_describes_itself(trained, tmp_path):
    trained.save(tmp_path / "model")
    described = describe_model(tmp_path / "model")
    assert described["name"] == trained.name
    assert described["classes"] == ["calm", "tense"]
    assert described["data"] == "synthetic"
    assert described["parameters"] == trained.model.count_params()
    assert described["files"]["model.keras"] == (tmp_path / "model" / "model.keras").stat().st_size


def test_it_needs_only_the_board_s_operators(trained):
    from zerotap.firmware import quantise, read_tflite

    graph = read_tflite(quantise(trained.model, model_input(trained.train.x)))
    assert {operator.name for operator in graph.operators} <= BOARD_OPERATORS
    assert graph.tensors[graph.input].dtype == ("int8" if trained.kind == "raw" else "int32")


def test_int8_says_what_float_says(trained):
    from zerotap.firmware import Oracle, quantise, quantise_input, read_tflite

    content = quantise(trained.model, model_input(trained.train.x))
    graph = read_tflite(content)
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    outputs = Oracle(content).invoke(quantise_input(model_input(trained.test.x), source))
    logits = dequantise(outputs, float(target.scale[0]), int(target.zero_point[0]))
    expected = float_outputs(trained)
    assert np.abs(logits - expected).mean() < 0.1 * np.ptp(expected)


def test_no_table_says_which_words_were_typed(trained):
    attacks = load_attacks()
    tables = tables_of(trained.model)
    assert bool(tables) == model_spec(trained.name).words
    typed = np.zeros(trained.pipeline.buckets if tables else 0, bool)
    typed[
        np.unique(trained.train.x[~validation_mask(trained.train, trained.facts.seed)]) if tables else []
    ] = True
    for table, seeded in zip(tables, seeded_tables(trained), strict=True):
        assert typed[1:].any()
        assert attacks.worst(attacks.attack(np.asarray(table)[1:], typed[1:], seeded[1:])) < 0.6


def seeded_tables(trained) -> list[np.ndarray]:
    import keras

    keras.utils.set_random_seed(trained.facts.seed)
    fresh = model_spec(trained.name).build(trained.pipeline, len(trained.classes))
    return [np.asarray(table) for table in tables_of(fresh)]


def load_attacks():
    path = Path(__file__).parents[3] / "benchmarks" / "privacy" / "attacks.py"
    spec = importlib.util.spec_from_file_location("attacks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_saved_model_holds_no_optimiser(trained, tmp_path):
    """Its moments are zero in the rows of words that nobody typed."""
    import h5py

    trained.save(tmp_path / "model")
    with zipfile.ZipFile(tmp_path / "model" / "model.keras") as archive:
        assert not json.loads(archive.read("config.json"))["compile_config"]
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as weights:
            names: list[str] = []
            weights.visit(names.append)
    assert names
    assert not [name for name in names if "optimizer" in name]


def test_an_unknown_model_lists_the_known_ones(dataset):
    with pytest.raises(ModelError, match="dense, conv, text"):
        train(dataset, "forest")


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no trained model"):
        load_trained(tmp_path)


def test_other_classes_are_refused(trained, tmp_path):
    trained.save(tmp_path / "model")
    messages = [(f"other {mood}", text) for mood, text in generate_corpus(8, 1)]
    other = type_corpus(messages, tmp_path / "other", seed=0, synthetic=True)
    with pytest.raises(ModelError, match="other calm, other tense"):
        load_trained(tmp_path / "model", other)

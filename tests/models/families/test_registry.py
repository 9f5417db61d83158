"""Every registered model: it builds, trains, is kept and comes back with the same predictions."""

import importlib.util
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from family_costs import every_spec, same_cost, within

from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.errors import ModelError, OutputError
from zerotap.firmware import BuildOptions
from zerotap.models import (
    ModelSpec,
    dequantise,
    describe_model,
    float_outputs,
    load_trained,
    model_input,
    train,
)
from zerotap.models.families.decoys import tables_of
from zerotap.models.families.description import Cost, stated_costs
from zerotap.models.training.validation import validation_mask
from zerotap.workflow import build

# What the families need of firmware, and no more.
BOARD_OPERATORS = {
    "ADD", "CONCATENATION", "CONV_2D", "DEPTHWISE_CONV_2D", "EXPAND_DIMS", "FULLY_CONNECTED", "GATHER",
    "MAX_POOL_2D", "MEAN", "PAD", "RELU", "RESHAPE", "SQUEEZE", "STRIDED_SLICE",
    "UNIDIRECTIONAL_SEQUENCE_LSTM",
}  # fmt: skip
MOST_ROWS = 4096
"""Of a table that is attacked: the attacks take time by its square."""
FAMILIES = {f"{spec.kind}-{spec.name}": spec for spec in every_spec()}


@pytest.fixture(scope="module")
def dataset(tmp_path_factory) -> Dataset:
    return type_corpus(
        generate_corpus(40, 0), tmp_path_factory.mktemp("typed") / "moods", seed=0, synthetic=True
    )


@pytest.fixture(scope="module", params=list(FAMILIES))
def spec(request):
    return FAMILIES[request.param]


@pytest.fixture(scope="module")
def trained(spec, dataset):
    epochs = 1 if isinstance(spec, ModelSpec) else None
    return train(dataset, spec.name, epochs=epochs, pipeline=spec.pipeline)


@pytest.fixture(scope="module")
def int8(trained):
    from zerotap.firmware import quantise

    return quantise(trained.model, model_input(trained.train.x))


def test_it_keeps_its_contract(trained, spec):
    outputs = float_outputs(trained)
    assert outputs.shape == (len(trained.test), 2)
    assert np.isfinite(outputs).all()
    assert (trained.name, trained.kind, trained.facts.family) == (spec.name, spec.kind, spec.name)
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


def test_it_needs_only_the_board_s_operators(trained, int8):
    from zerotap.firmware import read_tflite

    graph = read_tflite(int8)
    assert {operator.name for operator in graph.operators} <= BOARD_OPERATORS
    is_ids = trained.pipeline.signals[-1].dtype == "int32"
    assert graph.tensors[graph.input].dtype == ("int32" if is_ids else "int8")


def test_int8_says_what_float_says(trained, int8):
    from zerotap.firmware import Oracle, quantise_input, read_tflite

    graph = read_tflite(int8)
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    outputs = Oracle(int8).invoke(quantise_input(model_input(trained.test.x), source))
    logits = dequantise(outputs, float(target.scale[0]), int(target.zero_point[0]))
    expected = float_outputs(trained)
    assert np.abs(logits - expected).mean() < 0.1 * np.ptp(expected)


# The demo of tests/e2e/test_main_job.py has these on the board, trained to their end.
IN_THE_DEMO = ["raw-dense", "raw-conv", "text-bag"]


@pytest.mark.parametrize(
    "spec",
    [pytest.param(name, marks=[pytest.mark.thorough] if name in IN_THE_DEMO else []) for name in FAMILIES],
    indirect=True,
)
@pytest.mark.parametrize("recordings", [2, pytest.param(8, marks=pytest.mark.thorough)])
def test_it_is_exact_on_the_simulated_board_and_exported(trained, recordings, tmp_path):
    some = with_recordings(trained, recordings)
    library = build(some, tmp_path / "out", name="model", options=BuildOptions(compiler="zig"))
    assert (library.report["samples"], library.report["mismatches"]) == (len(some.test), 0)
    assert (library.folder / "src" / "model.h").is_file()


def with_recordings(trained, recordings: int):
    """The model with the windows of that many of its eight test recordings."""
    test, every = trained.test, np.unique(trained.test.groups)
    assert len(every) == 8
    kept = np.isin(test.groups, every[:recordings])
    return replace(trained, test=replace(test, x=test.x[kept], y=test.y[kept], groups=test.groups[kept]))


def test_its_docstring_states_what_the_plan_says(spec, int8):
    from zerotap.workflow import analyse

    report = analyse(int8)
    planned = Cost(report["flash_bytes"], report["ram_total_bytes"], report["cycles"])
    stated = stated_costs(spec)["default"]
    # A feature that never varies is fitted with weights of 0, which straight line leaves out.
    assert within(planned, stated) and (spec.name == "linear" or same_cost(planned, stated))


def test_no_table_says_which_words_were_typed(trained, spec, dataset):
    attacks = load_attacks()
    if spec.words and spec.pipeline.buckets > MOST_ROWS:
        trained = train(dataset, spec.name, epochs=1, preset="small")
        spec = spec.variants.presets["small"].spec
    tables = tables_of(trained.model) if spec.words else []
    assert bool(tables) == (spec.kind == "text")
    typed = np.zeros(trained.pipeline.buckets if tables else 0, bool)
    typed[
        np.unique(trained.train.x[~validation_mask(trained.train, trained.facts.seed)]) if tables else []
    ] = True
    fresh = seeded_tables(trained, spec) if tables else []
    for table, seeded in zip(tables, fresh, strict=True):
        assert typed[1:].any()
        assert attacks.worst(attacks.attack(np.asarray(table)[1:], typed[1:], seeded[1:])) < 0.6


def seeded_tables(trained, spec) -> list[np.ndarray]:
    import keras

    keras.utils.set_random_seed(trained.facts.seed)
    fresh = spec.build(trained.pipeline, len(trained.classes))
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
    with pytest.raises(ModelError, match=r"dense, conv, .*bag, .*rnn.* or a FILE.py"):
        train(dataset, "wood")


def test_a_folder_that_is_no_model_is_refused(tmp_path):
    with pytest.raises(ModelError, match="no trained model"):
        load_trained(tmp_path)


def test_other_classes_are_refused(trained, tmp_path):
    trained.save(tmp_path / "model")
    messages = [(f"other {mood}", text) for mood, text in generate_corpus(8, 1)]
    other = type_corpus(messages, tmp_path / "other", seed=0, synthetic=True)
    with pytest.raises(ModelError, match="other calm, other tense"):
        load_trained(tmp_path / "model", other)

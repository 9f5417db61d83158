"""The family of linear tables, the whole way: trained on keys, kept, loaded, exact on the simulated board."""

import dataclasses
import sys

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import LinearTable, Pipeline, transforms, write_integer_model
from zerotap.firmware import BuildOptions
from zerotap.models import describe_model, float_outputs, load_trained, train
from zerotap.models.families.description import Cost, sizes_of, stated_costs
from zerotap.models.families.text import table
from zerotap.workflow import analyse, build

SMALL = Pipeline("small", (transforms.TypedGrams(1024),))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(60, 0), folder, seed=0, synthetic=True)


@pytest.fixture(scope="module")
def trained(dataset):
    return train(dataset, "linear", pipeline=SMALL, seed=3)


def test_it_needs_no_tensorflow_and_its_seed_is_the_hash_s(trained, dataset, monkeypatch):
    for name in [*sys.modules, "tensorflow", "keras"]:
        if name.partition(".")[0] in ("tensorflow", "keras"):
            monkeypatch.setitem(sys.modules, name, None)
    again = train(dataset, "linear", pipeline=SMALL, seed=3)
    assert isinstance(again.network, LinearTable)
    assert (again.name, again.kind, again.facts.scores) == ("linear", "text", "margins")
    assert again.pipeline.stages[0].seed == 3
    first, second = trained.network.to_arrays(), again.network.to_arrays()
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert (float_outputs(again).argmax(axis=1) == again.test.y).mean() == 1


def test_several_seeds_each_have_a_hash_of_their_own(dataset):
    made = train(dataset, "linear", pipeline=SMALL, seeds=3)
    assert made.pipeline.stages[0].seed == made.facts.seed
    ids = made.pipeline.stages[0].ids([b"all"])
    assert ids.tolist() == dataclasses.replace(SMALL.stages[0], seed=made.facts.seed).ids([b"all"]).tolist()
    assert np.isin(made.train.x, np.arange(1025)).all()
    assert len({one["macro_f1"] for one in made.records["metrics.json"]["seeds"]["each"]}) >= 1


def test_it_comes_back_the_same(trained, dataset, tmp_path):
    trained.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "metrics.json",
        "model.toml",
        "pipeline.toml",
        "table.npz",
    ]
    loaded = load_trained(tmp_path / "model", dataset)
    assert (loaded.facts, loaded.pipeline) == (trained.facts, trained.pipeline)
    assert np.array_equal(float_outputs(loaded), float_outputs(trained))
    assert describe_model(tmp_path / "model")["classes"] == ["calm", "tense"]


def test_it_is_exact_on_the_simulated_board_and_exported(trained, tmp_path):
    library = build(trained, tmp_path / "out", name="model", options=BuildOptions(compiler="zig"))
    assert (library.report["samples"], library.report["mismatches"]) == (len(trained.test), 0)
    header = (library.folder / "src" / "model.h").read_text()
    assert "typedef int32_t model_SCORE" in header
    assert "#define model_BUCKETS 1024" in header


def test_a_pipeline_without_ids_is_refused(dataset):
    windows = Pipeline.text("text", length=8, hop=8, buckets=64)
    with pytest.raises(ModelError, match="end it with typed_words or typed_grams"):
        train(dataset, "linear", pipeline=windows)


def test_its_docstring_states_what_the_plan_says(tmp_path):
    stated = stated_costs(table.SPEC)
    sizes = sizes_of(table.SPEC)
    assert list(stated) == list(sizes)
    for name, spec in sizes.items():
        buckets = spec.pipeline.buckets - 1
        weights = np.random.default_rng(0).integers(-127, 128, (buckets, 1)).astype(np.int8)
        model = LinearTable(weights, np.array([100], np.int32), buckets, by_root=True)
        report = analyse(write_integer_model(model, tmp_path / name))
        assert stated[name] == Cost(report["flash_bytes"], report["ram_total_bytes"], report["cycles"])

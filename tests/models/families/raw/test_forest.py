"""The family of forests: fitted on a pipeline's features, kept, exact on the board, told where it is none."""

import logging
import re

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import Forest, Windows, find_integer_file, read_integer_model
from zerotap.firmware import Budget, BuildOptions
from zerotap.models import describe_model, evaluate, load_trained, model_spec, train
from zerotap.models.families.family import FitSettings
from zerotap.models.families.raw.forest import Trees, fit, grown, sized
from zerotap.models.families.variants import chosen_variant
from zerotap.workflow import build

STEPS: list[str] = []
SETTINGS = FitSettings(np.ones(3), b"", on_progress=lambda stage, done, total: STEPS.append(stage))


def windows(count: int = 200, classes: int = 3, dtype: type = np.int8) -> Windows:
    rng = np.random.default_rng(0)
    y = rng.integers(classes, size=count)
    x = rng.integers(-60, 60, (classes, 4, 2))[y] + rng.integers(-30, 30, (count, 4, 2))
    return Windows(x.astype(dtype), y, np.arange(count))


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(40, 0), folder, seed=0, synthetic=True)


def test_windows_of_any_shape_are_rows_of_features():
    given = windows()
    forest = fit(given, 3, 0, SETTINGS, Trees(9, 4))
    assert (int(forest.inputs), forest.trees, forest.classes) == (8, 9, 3)
    assert forest.depth <= 4
    best = forest.scores(given.x.reshape(200, 8)).argmax(axis=1)
    assert (best == given.y).mean() > 0.9
    assert "agrees with scikit-learn's on 100.00% of the windows" in STEPS[-1]


def test_the_seed_decides():
    def arrays(seed):
        return [array.tolist() for array in fit(windows(), 3, seed, SETTINGS, Trees(3)).to_arrays().values()]

    assert arrays(1) == arrays(1) != arrays(2)


@pytest.mark.parametrize("kind", ["random", "extra"])
def test_classes_weigh_what_they_are_told_and_one_may_be_missing(kind):
    given = windows(classes=2)
    heavy = FitSettings(np.array([1.0, 1000.0, 1.0]), b"")
    forest = fit(given, 3, 0, heavy, Trees(20, 1, kind))
    even = fit(given, 3, 0, SETTINGS, Trees(20, 1, kind))
    rows = given.x.reshape(200, 8)
    assert forest.classes == 3
    assert (forest.scores(rows)[:, 2] == 0).all()
    assert forest.scores(rows)[:, 1].mean() > even.scores(rows)[:, 1].mean() * 1.3


def test_little_agreement_is_a_warning(monkeypatch, caplog):
    monkeypatch.setattr("zerotap.models.families.raw.forest.agreement", lambda *_: 0.99)
    with caplog.at_level(logging.WARNING):
        fit(windows(), 3, 0, SETTINGS, Trees(3))
    assert "on 1.00 % of the training windows: grow more trees" in caplog.text


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        ({"trees": 0}, "no forest has 0 trees"),
        ({"trees": 1025}, "give 1 to 1024 trees"),
        ({"depth": 65}, "65 splits deep"),
        ({"least_leaf": 0}, "leaves of 0 rows"),
        ({"features": 0.0}, "share"),
        ({"features": 1.5}, "share"),
        ({"kind": "wild"}, "no wild forest"),
    ],
)
def test_impossible_forests_are_told(numbers, words):
    with pytest.raises(ModelError, match=words):
        Trees(**numbers)


def test_features_beyond_float32_are_refused():
    given = windows(dtype=np.int32)
    given.x[0, 0, 0] = 2**24 + 1
    with pytest.raises(ModelError, match="range_scale"):
        fit(given, 3, 0, SETTINGS, Trees(3))


def test_presets_and_numbers():
    spec = model_spec("forest")
    assert spec.layers == (50, 24)
    assert chosen_variant(spec, "small").layers == (10, 5)
    assert chosen_variant(spec, None, (7,)).layers == (7, 24)
    assert chosen_variant(spec, None, (7, 3)).layers == sized((7, 3)).layers == (7, 3)
    assert chosen_variant(spec, "extra").fit.keywords["trees"].kind == "extra"
    with pytest.raises(ModelError, match="give 1 to 2 widths"):
        chosen_variant(spec, None, (7, 3, 2))


def test_the_whole_way(dataset, tmp_path):
    trained = train(dataset, "forest")
    assert isinstance(trained.network, Forest)
    assert trained.pipeline.is_fitted and trained.test.x.dtype == np.int8
    trained.save(tmp_path / "model")
    assert find_integer_file(tmp_path / "model").name == "forest.npz"
    loaded = load_trained(tmp_path / "model", dataset)
    assert evaluate(loaded).recordings == evaluate(trained).recordings == len(trained.test)
    described = describe_model(tmp_path / "model")
    assert (described["family"], described["scores"]) == ("forest", "shares")
    kept = read_integer_model(tmp_path / "model" / "forest.npz")
    rows = trained.test.x.reshape(len(trained.test), -1)
    assert np.array_equal(kept.scores(rows), trained.network.scores(rows))
    options = BuildOptions(compiler="zig", budget=Budget(64 << 10, 4096))
    library = build(trained, tmp_path / "out", name="model", options=options)
    assert (library.report["samples"], library.report["mismatches"]) == (len(trained.test), 0)
    assert library.report["cycles_max"] <= library.report.get("worst_modelled", library.report["cycles_max"])
    names = {file.name for file in (library.folder / "src").iterdir()}
    assert {"model.h", "model.c", "model_forest.S"} <= names
    assert any(re.fullmatch(r"zerotap_forest_leaf_[0-9a-f]{8}\.h", name) for name in names)


def test_a_sensor_s_windows_become_statistics():
    assert grown(Trees()).statistics[:2] == ("mean", "deviation")

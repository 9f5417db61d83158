"""An integer model goes the whole way of a trained one, without TensorFlow: fitted, kept, loaded, scored."""

import dataclasses
import json
import sys

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import Pipeline, transforms
from zerotap.foreign import evaluate_folder
from zerotap.models import (
    FittedSpec,
    describe_model,
    evaluate,
    float_outputs,
    load_trained,
    model_spec,
    train,
)
from zerotap.models.families import registry
from zerotap.models.training.choosing import chosen_spec

IDS = Pipeline("ids", (transforms.TypedWords(255),))
BYTES = Pipeline.raw("bytes", 12, 12)


@pytest.fixture
def tiny(tiny_model, monkeypatch):
    """A family of counts: how often each id was typed in each class, one word in a hundred-odd of secrets."""
    seen = []

    def fit(windows, classes, seed, settings):
        seen.append((windows, classes, seed, settings))
        counts = np.zeros((256, classes), np.int32)
        for row, label in zip(windows.x, windows.y, strict=True):
            np.add.at(counts, (row[row > 0], label), 1)
        return tiny_model(counts)

    spec = FittedSpec("tiny", fit, IDS, words=True)
    monkeypatch.setitem(registry.MODELS, "tiny", spec)
    spec.fit.seen = seen
    return spec


@pytest.fixture
def no_tensorflow(monkeypatch):
    """Whoever imports TensorFlow or Keras in this process fails."""
    for name in [*sys.modules, "tensorflow", "keras"]:
        if name.partition(".")[0] in ("tensorflow", "keras"):
            monkeypatch.setitem(sys.modules, name, None)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(40, 0), folder, seed=0, synthetic=True)


@pytest.mark.usefixtures("no_tensorflow")
def test_the_whole_way(tiny, dataset, tmp_path):
    trained = train(dataset, "tiny", seed=3)
    ((windows, classes, seed, settings),) = tiny.fit.seen
    assert (classes, seed) == (2, 3)
    assert windows.x.shape[0] == len(windows) == len(set(windows.groups.tolist())) == 32
    assert settings.secret == dataset.secret()
    assert settings.class_weights.shape == (2,)
    assert trained.facts.scores == "margins" and trained.facts.family == "tiny"
    assert trained.facts.epochs == 0 and trained.facts.parameters == 512
    assert np.array_equal(float_outputs(trained), trained.network.scores(trained.test.x) * 0.5)
    assert evaluate(trained).recordings == len(trained.test) == 8
    trained.save(tmp_path / "model")
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [
        "metrics.json", "model.toml", "pipeline.toml", "tiny.npz",
    ]  # fmt: skip
    loaded = load_trained(tmp_path / "model", dataset)
    assert loaded.facts == trained.facts and loaded.pipeline == trained.pipeline
    assert np.array_equal(loaded.test.x, trained.test.x)
    assert np.array_equal(float_outputs(loaded), float_outputs(trained))
    found, scores = evaluate_folder(tmp_path / "model", dataset)
    assert scores == {"int32": evaluate(trained)} and found.facts == trained.facts
    assert len(load_trained(tmp_path / "model").test) == 0
    assert json.loads(json.dumps(describe_model(tmp_path / "model")))["scores"] == "margins"


@pytest.mark.usefixtures("no_tensorflow")
def test_it_is_no_keras_model_and_a_damaged_one_is_told(tiny, dataset, tmp_path):
    trained = train(dataset, "tiny")
    with pytest.raises(ModelError, match="no Keras model"):
        trained.model.fit()
    trained.save(tmp_path / "model")
    (tmp_path / "model" / "tiny.npz").write_bytes(b"PK\3\4")
    with pytest.raises(ModelError, match=r"tiny\.npz is no readable integer model"):
        load_trained(tmp_path / "model", dataset)


@pytest.mark.usefixtures("no_tensorflow")
def test_facts_of_another_model_are_told(tiny, dataset, tmp_path):
    train(dataset, "tiny").save(tmp_path / "model")
    facts = tmp_path / "model" / "model.toml"
    content = facts.read_text()
    assert '"margins"' in content
    facts.write_text(content.replace('"margins"', '"shares"'))
    with pytest.raises(ModelError, match=r"tiny\.npz gives 2 margins, its model\.toml says 2 shares"):
        load_trained(tmp_path / "model", dataset)


def test_what_a_family_does_not_take_is_refused_before_any_work(tiny, dataset):
    with pytest.raises(ModelError, match="ids: end it with typed_words"):
        train(dataset, "tiny", pipeline=BYTES)
    with pytest.raises(ModelError, match="end it with windows"):
        train(dataset, "conv", pipeline=IDS)
    with pytest.raises(ModelError, match="takes no windows of shape"):
        dataclasses.replace(tiny, pipeline=BYTES, words=False, least_shape=(13, 1)).check()
    assert not tiny.fit.seen


def test_one_name_is_of_words_or_of_features_as_the_pipeline_says(tiny, monkeypatch):
    on_features = FittedSpec("tiny", tiny.fit, BYTES)
    assert chosen_spec("tiny").words
    monkeypatch.setitem(registry.ON_FEATURES, "tiny", on_features)
    assert chosen_spec("tiny").words and model_spec("tiny").words
    assert not chosen_spec("tiny", BYTES).words
    assert chosen_spec("tiny", IDS).words

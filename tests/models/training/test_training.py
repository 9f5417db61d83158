"""Training: what validates, what the classes weigh, and that a seed is a seed."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import Dataset, generate_corpus, type_corpus
from zerotap.errors import ModelError, OutputError
from zerotap.features import Pipeline, Windows
from zerotap.models import load_trained, train
from zerotap.models.families.decoys import tables_of
from zerotap.models.training.class_weights import weights_by_class
from zerotap.models.training.validation import validation_mask

# Windows per recording, for two classes.
COUNTS = st.lists(st.integers(1, 6), min_size=1, max_size=12)


def windows(calm: list[int], tense: list[int]) -> Windows:
    y = np.repeat([0, 1], [sum(calm), sum(tense)])
    groups = np.repeat(np.arange(len(calm) + len(tense)), calm + tense)
    return Windows(np.zeros((len(y), 4, 8), np.uint8), y, groups)


@given(COUNTS, COUNTS.filter(lambda counts: sum(counts) > 1), st.integers(0, 5))
def test_whole_recordings_validate_and_every_class_keeps_training(calm, tense, seed):
    cut = windows(calm, tense)
    held_out = validation_mask(cut, seed)
    for label, counts in enumerate((calm, tense)):
        mine = cut.y == label
        assert (mine & ~held_out).any()
        if len(counts) > 1:
            assert (mine & held_out).any()
            assert not set(cut.groups[mine & held_out]) & set(cut.groups[mine & ~held_out])


def test_a_single_recording_validates_on_its_end():
    held_out = validation_mask(windows([20], [3, 3]), seed=0)
    assert held_out[:20].tolist() == [False] * 17 + [True] * 3


def test_too_few_windows_to_validate_are_refused():
    with pytest.raises(ModelError, match="record more"):
        validation_mask(windows([1], [1]), seed=0)


@given(COUNTS, COUNTS)
def test_classes_weigh_the_same_in_all(calm, tense):
    y = windows(calm, tense).y
    weights = weights_by_class(y, ("calm", "tense", "none"))
    assert weights[0] * (y == 0).sum() == pytest.approx(weights[1] * (y == 1).sum())
    assert weights[y].mean() == pytest.approx(1)
    assert weights[2] == 1


def test_the_seed_decides_and_progress_is_told(tmp_path):
    dataset = type_corpus(generate_corpus(40, 0), tmp_path / "moods", seed=0, synthetic=True)
    told = []
    first = train(dataset, "text", seed=1, epochs=3, on_progress=lambda *at: told.append(at))
    stages = [stage for stage, done, total in told if not total]
    assert stages == ["reading recordings", "cutting windows of text", "loading TensorFlow"]
    assert [at[1:] for at in told[3:]] == [(1, 3), (2, 3), (3, 3)]
    assert re.fullmatch(r"training text: epoch 2 of 3, loss \d+\.\d\d", told[4][0])
    again, other = (train(dataset, "text", seed=seed, epochs=3) for seed in (1, 2))
    assert same(first, again)
    assert not same(first, other)
    assert not hasattr(first.model, "optimizer")
    # Decoys are drawn by what is in the dataset, not by the seed: who has that only knows nothing.
    typed = np.zeros(first.pipeline.buckets, bool)
    typed[np.unique(first.train.x[~validation_mask(first.train, 1)])] = True
    tables = [np.asarray(tables_of(each.model)[0]) for each in (first, again)]
    assert np.array_equal(*tables)
    (dataset.path / "decoys.secret").unlink()
    elsewhere = train(dataset, "text", seed=1, epochs=3)
    table = np.asarray(tables_of(elsewhere.model)[0])
    assert (table == tables[0])[typed].all()
    assert (table == tables[0])[~typed].all(axis=1).mean() < 0.1


def same(one, other) -> bool:
    return all(map(np.array_equal, one.model.get_weights(), other.model.get_weights()))


def test_a_dataset_that_keeps_no_secret_is_trained_on_with_a_warning(tmp_path, monkeypatch, caplog):
    dataset = type_corpus(generate_corpus(40, 0), tmp_path / "moods", seed=0, synthetic=True)

    def refuse(_self):
        raise OutputError("moods cannot be written (Read-only file system)")

    monkeypatch.setattr(Dataset, "secret", refuse)
    train(dataset, "text", epochs=1)
    assert "only one model of this dataset" in caplog.text


def test_a_model_without_words_makes_no_secret(tmp_path):
    dataset = type_corpus(generate_corpus(40, 0), tmp_path / "moods", seed=0, synthetic=True)
    train(dataset, "dense", epochs=1)
    assert not (dataset.path / "decoys.secret").exists()


def test_folders_and_files_are_taken_as_they_are_by_the_commands(tmp_path):
    type_corpus(generate_corpus(40, 0), tmp_path / "moods", seed=0, synthetic=True)
    (tmp_path / "words.toml").write_text(Pipeline.text("words", 16, 8).to_toml())
    trained = train(str(tmp_path / "moods"), "text", epochs=1, pipeline=tmp_path / "words.toml")
    assert trained.pipeline.name == "words" and trained.facts.epochs == 1
    trained.save(tmp_path / "text")
    assert np.array_equal(load_trained(tmp_path / "text", str(tmp_path / "moods")).test.x, trained.test.x)


def test_no_epochs_are_refused(tmp_path):
    with pytest.raises(ModelError, match="give 1 or more"):
        train(tmp_path / "moods", "text", epochs=0)

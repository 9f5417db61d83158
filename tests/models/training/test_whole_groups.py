"""Folds and what validates keep the groups of a dataset whole, where that leaves every class to train on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.capture import open_dataset, type_corpus
from zerotap.features import Pipeline, Windows, transforms
from zerotap.models.families.raw import linear
from zerotap.models.linear_tables.choosing import Side, choose
from zerotap.models.linear_tables.counts import Counts
from zerotap.models.linear_tables.targets import ClassTargets
from zerotap.models.training import train_models
from zerotap.models.training.folds import fold_numbers, subset
from zerotap.models.training.validation import validation_mask


def windows(kin, classes=2):
    """A recording of every class for each of ``kin``, of three windows."""
    count = len(kin) * classes
    y = np.repeat(np.tile(np.arange(classes), len(kin)), 3)
    x = np.arange(count * 3, dtype=np.int32)[:, None]
    return Windows(x, y, np.repeat(np.arange(count), 3), np.repeat(np.repeat(kin, classes), 3))


@given(st.integers(4, 12), st.integers(2, 4), st.integers(0, 9))
def test_no_group_is_in_two_folds(groups, folds, seed):
    cut = windows(np.arange(groups) * 7)
    fold = fold_numbers(cut, folds, seed)
    assert set(fold.tolist()) == set(range(folds))
    assert all(len(np.unique(fold[cut.kin == one])) == 1 for one in np.unique(cut.kin))


@given(st.integers(2, 12), st.integers(0, 9))
def test_no_group_validates_and_trains(groups, seed):
    cut = windows(np.arange(groups))
    held_out = validation_mask(cut, seed)
    assert held_out.any() and not held_out.all()
    assert not set(cut.kin[held_out]) & set(cut.kin[~held_out])


def test_where_each_class_is_of_one_group_recordings_are_dealt_out():
    cut = windows(np.arange(6), classes=1)
    cut = Windows(cut.x, np.repeat([0, 1], 9), cut.groups, np.repeat([0, 1], 9))
    fold = fold_numbers(cut, 3, 0)
    held_out = validation_mask(cut, 0)
    for label in (0, 1):
        assert len(np.unique(fold[cut.y == label])) == 3
        assert not held_out[cut.y == label].all()


def test_a_part_of_windows_knows_its_groups():
    cut = windows(np.array([3, 5]))
    assert subset(cut, cut.y == 1).kin.tolist() == [3, 3, 3, 5, 5, 5]
    assert subset(Windows(cut.x, cut.y, cut.groups), cut.y == 1).kin is None


def test_groups_of_equal_content_are_in_one_fold():
    """What two persons typed alike is learnt from or scored, never both; a fold has the like of no other."""
    cut = windows(np.arange(12))
    cut.x[cut.kin == 11] = cut.x[cut.kin == 0]
    for seed in range(8):
        fold = fold_numbers(cut, 3, seed)
        assert len(np.unique(fold[np.isin(cut.kin, (0, 11))])) == 1
        assert all(len(np.unique(fold[cut.kin == one])) == 1 for one in range(12))


def test_where_all_groups_share_content_each_stays_whole():
    cut = windows(np.arange(4))
    cut.x[:] = 1
    fold = fold_numbers(cut, 2, 0)
    assert set(fold.tolist()) == {0, 1}
    assert all(len(np.unique(fold[cut.kin == one])) == 1 for one in range(4))


@pytest.mark.parametrize("groups", [12, 3])
def test_no_fold_of_a_table_s_choices_divides_a_group(groups):
    y = np.tile([0, 1], 60)
    x = np.random.default_rng(0).integers(1, 40, (120, 9)).astype(np.int32)
    kin = np.repeat(np.arange(groups), 120 // groups)
    side = Side(Counts.of(x, 40), ClassTargets(y, np.ones(2)), 0, kin)
    held = [fold.held for fold in choose(side, lambda done: None).folds]
    assert sorted(np.concatenate(held).tolist()) == list(range(120))
    assert all(not set(kin[one]) & set(np.delete(kin, one)) for one in held)


def test_where_a_table_s_classes_are_of_one_group_each_texts_are_dealt_out():
    y = np.repeat([0, 1], 30)
    side = Side(Counts.of(np.ones((60, 2), np.int32), 3), ClassTargets(y, np.ones(2)), 0, y)
    held = [fold.held for fold in choose(side, lambda done: None).folds]
    assert len(held) == 5 and all(set(y[one]) == {0, 1} for one in held)


def test_no_fold_of_a_regression_divides_a_group():
    cut = windows(np.arange(8))
    parts = linear._folds(cut, 0)
    assert len(parts) == 4
    assert all(not set(cut.kin[learnt]) & set(cut.kin[held]) for learnt, held in parts)


@pytest.fixture(scope="module")
def typed(tmp_path_factory):
    """Eight persons, who typed six texts each; the sides are by hash, so persons are on both."""
    words = ("calm sea", "tense war")
    texts = [(words[n % 2].split()[0], f"{words[n % 2]} {n}") for n in range(48)]
    folder = tmp_path_factory.mktemp("typed") / "moods"
    dataset = type_corpus(texts, folder, seed=0, synthetic=True)
    groups = {path.stem: f"p{n // 2 % 8}" for n, path in enumerate(sorted(dataset.files()))}
    dataset.set_split(groups=groups, by="hash")
    return open_dataset(folder)


@pytest.mark.parametrize("model", ["linear", "forest"])
def test_groups_that_are_known_stay_whole_where_sides_are_by_hash(typed, model, monkeypatch):
    """Of a fold, of what validates, and of the folds that thresholds are fitted by."""
    seen = []
    out_of_fold = train_models.out_of_fold

    def watched(*given):
        seen.append(out_of_fold(*given))
        return seen[-1]

    monkeypatch.setattr(train_models, "out_of_fold", watched)
    small = Pipeline("small", (transforms.TypedGrams(256),)) if model == "linear" else None
    trained = train_models.train(typed, model, pipeline=small, head="binary", folds=3)
    (found,), kin = seen, trained.train.kin
    assert 3 <= len(np.unique(kin)) <= 8 and len(kin) == len(trained.train)
    assert all(len(np.unique(found.fold[kin == one])) == 1 for one in np.unique(kin))
    held_out = validation_mask(trained.train, 0)
    assert held_out.any() and not set(kin[held_out]) & set(kin[~held_out])

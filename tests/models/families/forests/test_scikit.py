"""scikit-learn's fitted forests as integers: the same classes, and what is no such forest is told."""

import pickle
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from zerotap.errors import ModelError
from zerotap.models import forest_from
from zerotap.models.families.forests.scikit import agreement

KINDS = {
    "random": lambda seed: RandomForestClassifier(12, random_state=seed),
    "extra": lambda seed: ExtraTreesClassifier(12, random_state=seed, max_depth=6),
    "tree": lambda seed: DecisionTreeClassifier(random_state=seed, min_samples_leaf=3),
    "extra_tree": lambda seed: ExtraTreeClassifier(random_state=seed),
}


def clouds(seed: int, classes: int = 4, count: int = 300, spread: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Integer features (count, 6) about a centre of each class."""
    rng = np.random.default_rng(seed)
    y = rng.integers(classes, size=count)
    x = rng.integers(-100, 100, (classes, 6))[y] + rng.normal(0, spread, (count, 6))
    return np.rint(x).astype(np.int64), y


@pytest.mark.parametrize("kind", KINDS)
def test_it_gives_the_classes_that_predict_gives(kind):
    x, y = clouds(1)
    fitted = KINDS[kind](1).fit(x, y)
    forest = forest_from(fitted)
    unseen, _ = clouds(2, count=2000, spread=80)
    assert agreement(forest, fitted, x) >= 0.995
    assert agreement(forest, fitted, unseen) >= 0.995
    shares = forest.scores(unseen) * forest.scale
    assert np.abs(shares - fitted.predict_proba(unseen)).max() < 0.004


@pytest.mark.parametrize("scale", [1, 1000, 150_000])
def test_thresholds_are_floors_exactly(scale):
    """A tree of pure leaves, asked beside every threshold: the same leaf as scikit-learn's."""
    x, y = clouds(3)
    fitted = DecisionTreeClassifier(random_state=0).fit(x * scale, y)
    tree = fitted.tree_
    thresholds = tree.threshold[tree.children_left >= 0]
    near = np.unique(np.concatenate([np.floor(thresholds) + step for step in (-1, 0, 1)]))
    rows = np.random.default_rng(0).choice(near, (500, 6)).astype(np.int64)
    best = forest_from(fitted).scores(rows).argmax(axis=1)
    assert np.array_equal(best, fitted.predict(rows.astype(np.float32)))


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 30))
def test_drawn_trees_agree(seed, classes, leaf):
    x, y = clouds(seed, classes, 60)
    fitted = DecisionTreeClassifier(random_state=0, min_samples_leaf=leaf).fit(x, y)
    forest = forest_from(fitted)
    assert forest.classes == len(np.unique(y))
    expected = np.rint(fitted.predict_proba(x) * 255)
    assert np.array_equal(forest.scores(x), expected)


def test_equal_leaves_are_one_and_splits_between_them_are_gone():
    x = np.array([[0], [1], [2], [3]])
    fitted = DecisionTreeClassifier().fit(x, [0, 0, 1, 1])
    fitted.tree_.value[:] = [[[0.5, 0.5]]] * fitted.tree_.node_count
    forest = forest_from(fitted)
    assert (forest.splits, len(forest.shares), forest.depth) == (0, 1, 0)
    both = RandomForestClassifier(20, random_state=0).fit(x, [0, 0, 1, 1])
    assert len(forest_from(both).shares) == 2


def test_labels_are_columns_where_the_number_of_classes_is_given():
    x, y = clouds(4, 2)
    fitted = DecisionTreeClassifier(random_state=0).fit(x, np.where(y == 1, 4, 2))
    forest = forest_from(fitted, 6)
    assert forest.classes == 6
    assert set(forest.scores(x).argmax(axis=1).tolist()) == {2, 4}
    assert forest_from(fitted).classes == 2
    with pytest.raises(ModelError, match="other than 0 to 3"):
        forest_from(fitted, 4)
    named = DecisionTreeClassifier(random_state=0).fit(x, np.where(y == 1, "a", "b"))
    assert forest_from(named).classes == 2
    with pytest.raises(ModelError, match="other than 0 to 1"):
        forest_from(named, 2)


def test_agreement_knows_labels_by_their_names():
    x, y = clouds(4, 2)
    fitted = RandomForestClassifier(5, random_state=0).fit(x, np.array(["calm", "tense"])[y])
    assert agreement(forest_from(fitted), fitted, x) >= 0.995


def test_a_pickle_is_refused_in_words(tmp_path):
    x, y = clouds(5)
    path = tmp_path / "forest.pkl"
    path.write_bytes(pickle.dumps(DecisionTreeClassifier().fit(x, y)))
    for one in (path, str(path), Path("nowhere.joblib")):
        with pytest.raises(ModelError, match="whoever opens a pickle runs what is in it"):
            forest_from(one)


def test_what_is_no_fitted_forest_is_told():
    x, y = clouds(6)
    with pytest.raises(ModelError, match="a LogisticRegression is no forest"):
        forest_from(LogisticRegression())
    with pytest.raises(ModelError, match="is not fitted"):
        forest_from(RandomForestClassifier())
    with pytest.raises(ModelError, match="is not fitted"):
        forest_from(DecisionTreeClassifier())
    with pytest.raises(ModelError, match="2 outputs"):
        forest_from(RandomForestClassifier(2).fit(x, np.stack([y, y], axis=1)))
    with pytest.raises(ModelError, match="a dict is no forest"):
        forest_from({})


@pytest.mark.parametrize("sign", [1, -1])
def test_features_beyond_what_a_forest_takes_are_refused(sign):
    x, y = np.arange(4)[:, None], [0, 0, 1, 1]
    far = DecisionTreeClassifier().fit(sign * (x + 1) * (1 << 24), y)
    with pytest.raises(ModelError, match=r"at most -?4\.1943e\+07, and features are .* fit it to smaller"):
        forest_from(far)
    edge = DecisionTreeClassifier().fit(sign * ((1 << 24) - x), y)
    rows = sign * ((1 << 24) - x)
    assert np.array_equal(forest_from(edge).scores(rows).argmax(axis=1), edge.predict(rows))


def test_a_split_off_of_missing_values_leaves_integers_together():
    x = np.array([[1.0], [2.0], [np.nan], [np.nan]])
    fitted = DecisionTreeClassifier().fit(x, [0, 0, 1, 1])
    assert forest_from(fitted).scores(np.array([[1], [1 << 24]])).argmax(axis=1).tolist() == [0, 0]


@pytest.mark.alone
def test_fifty_trees_take_seconds():
    rng = np.random.default_rng(0)
    y = rng.integers(25, size=1300)
    x = rng.integers(-128, 128, (25, 100))[y] + rng.integers(-90, 90, (1300, 100))
    began = time.perf_counter()
    forest_from(RandomForestClassifier(50, random_state=0).fit(x, y))
    assert time.perf_counter() - began < 10

"""Integer forests: scores that anybody can follow, and arrays that are no forest told in a sentence."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse
from drawn_forests import drawn_forest, forests, rows_near, walked
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.features import Forest, read_integer_model, write_integer_model
from zerotap.features.integer_models.forest import DEPTH_MOST, FEATURE_MOST


def stump(**changes: np.ndarray) -> Forest:
    """x[0] <= 3 gives 255 to class 0, else 200 to class 1 and 55 to class 0; and the same, asked of x[1]."""
    arrays = {
        "inputs": np.array(2, np.int32),
        "roots": np.array([0, 1], np.int32),
        "features": np.array([0, 1], np.uint16),
        "thresholds": np.array([3, 3], np.int32),
        "left": np.array([-1, -1], np.int32),
        "right": np.array([-2, -2], np.int32),
        "shares": np.array([[255, 0], [55, 200]], np.uint8),
    }
    return Forest.from_arrays({**arrays, **changes})


def test_scores_are_sums_of_the_leaves_shares() -> None:
    rows = np.array([[3, 3], [4, 3], [4, 4], [-FEATURE_MOST, FEATURE_MOST]])
    assert stump().scores(rows).tolist() == [[510, 0], [310, 200], [110, 400], [310, 200]]
    assert stump().scores(rows.astype(np.int32)).dtype == np.int32
    assert stump().scale == 1 / 510
    assert stump().scores(np.empty((0, 2), np.int8)).shape == (0, 2)


@given(forests, st.integers(0, 2**32 - 1))
def test_they_are_what_a_walk_gives(forest: Forest, seed: int) -> None:
    rows = rows_near(forest, 12, seed)
    assert forest.scores(rows).tolist() == [walked(forest, row) for row in rows]


def test_many_rows_are_scored_a_piece_at_a_time() -> None:
    forest = drawn_forest(1, trees=200, depth=3)
    rows = rows_near(forest, 3000, 2)
    scores = forest.scores(rows)
    assert scores[[0, 1400, 2999]].tolist() == [walked(forest, rows[at]) for at in (0, 1400, 2999)]


@given(forests)
def test_a_forest_comes_back_the_same(tmp_path_factory, forest: Forest) -> None:
    folder = tmp_path_factory.mktemp("forest")
    back = read_integer_model(write_integer_model(forest, folder))
    assert isinstance(back, Forest)
    for name, array in forest.to_arrays().items():
        assert back.to_arrays()[name].dtype == array.dtype, name
        assert np.array_equal(back.to_arrays()[name], array), name


@pytest.mark.parametrize(
    "rows",
    [
        np.zeros((1, 3), np.int32),
        np.zeros(2, np.int32),
        np.zeros((1, 2), np.float32),
        np.array([[FEATURE_MOST + 1, 0]]),
        np.array([[0, -FEATURE_MOST - 1]]),
        np.array([[2**63, 0]], np.uint64),
        [[0, 0]],
        scipy.sparse.csr_matrix(np.zeros((1, 2), np.int32)),
    ],
    ids=["width", "flat", "floats", "above", "below", "uint64", "list", "sparse"],
)
def test_rows_of_another_kind_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(ModelError, match="forest"):
        stump().scores(rows)


def int32(*values: int) -> np.ndarray:
    return np.array(values, np.int32)


HOSTILE = {
    "loop": ({"left": int32(0, -1)}, r"left\[0\] is 0"),
    "back": ({"right": int32(-2, 0)}, r"right\[1\] is 0"),
    "no such split": ({"left": int32(2, -1)}, r"left\[0\] is 2"),
    "no such leaf": ({"right": int32(-2, -3)}, r"right\[1\] is -3"),
    "least leaf": ({"right": int32(-2, -(2**31))}, r"right\[1\] is -2147483648"),
    "no such root": ({"roots": int32(0, 2)}, r"roots\[1\] is 2"),
    "two ways": ({"roots": int32(0, 0)}, "in two trees"),
    "no way": ({"roots": int32(0, -1)}, "in none"),
    "shared": ({"left": int32(1, -1)}, "in two trees"),
    "feature": ({"features": np.array([0, 2], np.uint16)}, "asks feature 2"),
    "threshold": ({"thresholds": int32(3, 2**24 + 1)}, "beyond 2\\^24"),
    "low threshold": ({"thresholds": int32(-(2**24) - 2, 0)}, "beyond 2\\^24"),
    "lengths": ({"thresholds": int32(3)}, "not as many thresholds"),
    "dtype": ({"left": np.array([-1, -1])}, "left are int32"),
    "dimensions": ({"shares": np.zeros(4, np.uint8)}, "shares are uint8 of 2"),
    "no leaves": ({"shares": np.zeros((0, 2), np.uint8)}, "0 leaves"),
    "no classes": ({"shares": np.zeros((2, 0), np.uint8)}, "0 classes"),
    "no trees": ({"roots": int32()}, "0 trees"),
    "no inputs": ({"inputs": np.array(0, np.int32)}, "0 inputs"),
    "many inputs": ({"inputs": np.array(2**31 - 1, np.int32)}, "2147483647 inputs"),
    "other array": ({"more": int32(1)}, "this has"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_arrays_that_are_no_forest_are_refused(name: str) -> None:
    changes, words = HOSTILE[name]
    with pytest.raises(ModelError, match=words) as told:
        stump(**changes)
    assert str(told.value).endswith("train it again")


def test_a_damaged_file_is_named_with_its_place_and_a_way_out(tmp_path) -> None:
    np.savez(tmp_path / "forest.npz", **{**stump().to_arrays(), "left": int32(0, -1)})
    with pytest.raises(ModelError) as told:
        read_integer_model(tmp_path / "forest.npz")
    words = "a forest's left[0] is 0, no split behind it and no leaf: train it again"
    assert str(told.value) == f"{tmp_path / 'forest.npz'}: {words}"


def test_no_way_is_too_long() -> None:
    def line(splits: int) -> Forest:
        numbers = np.arange(splits, dtype=np.int32)
        right = np.where(numbers + 1 < splits, numbers + 1, -1).astype(np.int32)
        same = {"features": np.zeros(splits, np.uint16), "thresholds": numbers}
        left = np.full(splits, -1, np.int32)
        return stump(roots=int32(0), left=left, right=right, **same)

    assert line(DEPTH_MOST).depth == DEPTH_MOST
    with pytest.raises(ModelError, match="65 splits deep"):
        line(DEPTH_MOST + 1)


@given(forests, st.sampled_from(["roots", "left", "right"]), st.data())
def test_a_changed_reference_is_refused_or_a_forest_still(forest: Forest, name: str, data) -> None:
    references = getattr(forest, name).copy()
    if len(references):
        place = data.draw(st.integers(0, len(references) - 1))
        references[place] = data.draw(st.integers(-forest.splits - 2, forest.splits + 1))
    try:
        changed = replace(forest, **{name: references})
    except ModelError:
        return
    rows = rows_near(changed, 3, 0)
    assert changed.scores(rows).tolist() == [walked(changed, row) for row in rows]

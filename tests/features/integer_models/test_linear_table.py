"""Linear tables: sums of int8 rows or of levels, biases, files; and a sentence for whatever is none."""

from dataclasses import replace
from math import isqrt

import numpy as np
import pytest

from zerotap.errors import ModelError
from zerotap.features import LinearTable, read_integer_model, write_integer_model
from zerotap.features.integer_models import ROOTS
from zerotap.features.integer_models.linear_table import root

THREE = LinearTable(
    np.array([[1, -2, 3], [4, 5, -6], [-127, 127, 0]], np.int8), np.array([10, -20, 30], np.int32), 3
)
BY_ROOT = LinearTable(np.array([[7], [-100]], np.int8), np.array([-160], np.int32), 2, by_root=True)
SMALL = LinearTable(
    np.array([0x10, 0x0F], np.uint8),
    np.array([1], np.int32),
    3,
    codebook=np.arange(-5, 11, dtype=np.int8),
    scale=0.25,
)


def ids(*texts):
    return np.array(texts, np.int32)


def test_scores_are_the_bias_and_the_rows_of_ids_wherever_zeros_stand():
    assert THREE.classes == 3
    scores = THREE.scores(ids([0, 0, 0], [2, 0, 2], [3, 1, 0]))
    assert scores.dtype == np.int32
    assert scores.tolist() == [[10, -20, 30], [18, -10, 18], [-116, 105, 33]]


def test_two_classes_are_one_column_and_its_negative():
    table = replace(THREE, weights=THREE.weights[:, :1].copy(), bias=np.array([-3], np.int32))
    assert table.classes == 2
    assert table.scores(ids([1, 2], [3, 3], [0, 0])).tolist() == [[-2, 2], [257, -257], [3, -3]]


def test_a_codebook_gives_the_levels_of_its_codes_low_ones_first():
    assert SMALL.rows().ravel().tolist() == [-5, -4, 10]
    assert SMALL.weight_bits == 4
    assert SMALL.scores(ids([1, 3, 0], [2, 2, 2]))[:, 1].tolist() == [6, -11]


def test_the_root_is_floored_and_near_for_every_count():
    counts = np.concatenate([np.arange(70_000), [(1 << 23) - 1, 1 << 23]])
    true = 16 * np.sqrt(counts)
    found = root(counts)
    assert found[:256].tolist() == [isqrt(256 * n) for n in range(256)] == ROOTS.tolist()
    assert (found <= true).all()
    assert (found >= true * 0.98 - 1).all()


def test_a_bias_by_the_root_rounds_downwards():
    scores = BY_ROOT.scores(ids([0, 0, 0], [1, 0, 0], [1, 1, 2]))[:, 1]
    assert scores.tolist() == [0, 7 - 10, 7 + 7 - 100 + ((-160 * 27) >> 8)]


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_a_column_of_a_label_is_a_score_by_itself(columns, tmp_path):
    arrays = THREE.weights[:, :columns].copy(), THREE.bias[:columns].copy()
    table = LinearTable(*arrays, 3, by_label=True)
    x = np.random.default_rng(0).integers(0, 4, (20, 9), np.int32)
    assert table.classes == table.columns == columns
    assert np.array_equal(table.scores(x), THREE.scores(x)[:, :columns])
    back = read_integer_model(write_integer_model(table, tmp_path))
    assert back.by_label and np.array_equal(back.scores(x), table.scores(x))


@pytest.mark.parametrize("table", [THREE, BY_ROOT, SMALL])
def test_a_table_comes_back_the_same(table, tmp_path):
    back = read_integer_model(write_integer_model(table, tmp_path))
    assert isinstance(back, LinearTable)
    assert (back.buckets, back.by_root, back.scale) == (table.buckets, table.by_root, table.scale)
    x = np.random.default_rng(0).integers(0, table.buckets + 1, (50, 9), np.int32)
    assert np.array_equal(back.scores(x), table.scores(x))


@pytest.mark.parametrize(
    "x",
    [
        ids([4, 0, 0]),
        ids([-1, 0, 0]),
        ids([1]).astype(np.int64),
        ids([1, 2])[0],
        ids([1]).astype(float),
        [[1]],
    ],
)
def test_other_rows_are_refused(x):
    with pytest.raises(ModelError, match="a table"):
        THREE.scores(x)


def test_texts_that_could_leave_int32_are_refused():
    long = np.broadcast_to(np.int32(0), (1, (1 << 23) + 1))
    with pytest.raises(ModelError, match="8,388,608"):
        THREE.scores(long)
    assert THREE.scores(long[:, :-1]).tolist() == [[10, -20, 30]]


WRONG = {
    "no weights": {"weights": None},
    "another": {"more": np.zeros(1, np.int8)},
    "int16": {"weights": THREE.weights.astype(np.int16)},
    "flat": {"weights": THREE.weights.ravel()},
    "-128": {"weights": np.full((3, 3), -128, np.int8)},
    "no buckets": {"form": np.array([0, 0, 0x3F800000])},
    "many buckets": {"form": np.array([1 << 17, 0, 0x3F800000])},
    "by_root": {"form": np.array([3, 2, 0x3F800000])},
    "form": {"form": np.array([3, 0], np.int64)},
    "of no labels": {"form": np.array([3, 0, 0x3F800000, 0])},
    "long form": {"form": np.array([3, 0, 0x3F800000, 1, 1])},
    "form's type": {"form": np.array([3, 0, 0x3F800000], np.int32)},
    "no scale": {"form": np.array([3, 0, 0])},
    "NaN": {"form": np.array([3, 0, 0x7FC00000])},
    "long scale": {"form": np.array([3, 0, 1 << 40])},
    "two columns": {"weights": THREE.weights[:, :2].copy(), "bias": np.zeros(2, np.int32)},
    "bias's type": {"bias": np.zeros(3, np.int64)},
    "large bias": {"bias": np.full(3, 1 << 30, np.int32)},
    "least bias": {"bias": np.full(3, -(1 << 31), np.int32)},
    "large bias by root": {"bias": np.full(3, 1 << 15, np.int32), "form": np.array([3, 1, 0x3F800000])},
    "codebook": {"codebook": np.zeros(16, np.int8)},
    "short codebook": {"weights": np.zeros(5, np.uint8), "codebook": np.zeros(15, np.int8)},
    "-128 in a codebook": {"weights": np.zeros(5, np.uint8), "codebook": np.full(16, -128, np.int8)},
    "a code too many": {"weights": np.full(5, 0x10, np.uint8), "codebook": np.zeros(16, np.int8)},
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_table_is_told_in_one_sentence(name):
    arrays = {**THREE.to_arrays(), **WRONG[name]}
    arrays = {key: array for key, array in arrays.items() if array is not None}
    with pytest.raises(ModelError, match="table") as told:
        LinearTable.from_arrays(arrays)
    assert "\n" not in str(told.value)
    assert str(told.value).endswith(": train it again")


def test_every_array_of_another_type_is_refused():
    for table in (THREE, BY_ROOT, SMALL):
        for name, array in table.to_arrays().items():
            with pytest.raises(ModelError):
                LinearTable.from_arrays({**table.to_arrays(), name: array.astype(np.float32)})

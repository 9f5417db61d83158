"""Scores and the comparison's rows, on outputs chosen by hand."""

import json
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import Windows
from zerotap.models import (
    Comparison,
    compare,
    comparison_table,
    dequantise,
    evaluate,
    load_trained,
    score,
    train,
)

FIELDS = [
    "name", "kind", "macro_f1_float", "macro_f1_int8", "accuracy_int8", "flash_bytes", "ram_bytes",
    "stack_bytes", "cycles", "ms", "samples", "mismatches", "oracle", "compiler", "board", "clock_hz",
]  # fmt: skip
BOARD = {
    "samples": 8, "mismatches": 0, "oracle": "o", "cycles": 96_000, "cycles_max": 96_001, "flash_bytes": 3,
    "ram_bytes": 4, "stack_bytes": 5, "compiler": "c", "board": "b", "clock_hz": 48_000_000, "ms": 2.0,
}  # fmt: skip


def test_a_recording_gets_one_verdict_from_the_mean_of_its_windows():
    windows = Windows(np.zeros((5, 2)), np.array([0, 0, 0, 1, 1]), np.array([4, 4, 4, 7, 9]))
    outputs = np.array([[1, 0], [1, 0], [0, 9], [0, 1], [1, 0]], float)
    scores = score(outputs, windows, 2)
    # Two windows of recording 4 are right, but the third is surer.
    assert scores.confusion == ((0, 1), (1, 1))
    assert scores.recordings == 3
    assert scores.accuracy == pytest.approx(1 / 3)
    assert scores.macro_f1 == pytest.approx((0 + 2 * 1 / (2 * 1 + 1 + 1)) / 2)


def test_a_class_without_test_recordings_counts_in_macro_f1():
    windows = Windows(np.zeros((2, 2)), np.array([0, 1]), np.array([0, 1]))
    assert score(np.eye(3)[:2], windows, 3).macro_f1 == pytest.approx(2 / 3)


def test_dequantise():
    assert dequantise(np.array([-128, 0, 127], np.int8), 0.5, -1).tolist() == [-63.5, 0.5, 64]
    large = np.array([(1 << 30) + 1, 1 << 30], np.int32)
    assert dequantise(large, 0.1, 0).argmax() == 0 and dequantise(large[::-1], 0.1, 0).argmax() == 1


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed") / "moods"
    return type_corpus(generate_corpus(40, 0), folder, seed=0, synthetic=True)


@pytest.fixture(scope="module")
def comparison(dataset) -> Comparison:
    """A board that always gets it right: its logits are the truth, whatever the float model says."""

    def measure(trained):
        outputs = np.where(np.eye(2, dtype=bool)[trained.test.y], 1, -1).astype(np.int8)
        return SimpleNamespace(outputs=outputs, output_scale=0.5, output_zero_point=0, report=BOARD)

    return compare(dataset, ["text", "conv"], measure)


def test_the_report_has_exactly_its_fields(comparison):
    report = json.loads(json.dumps(comparison.to_json()))
    assert list(report) == ["data", "models"]
    assert report["data"] == "synthetic"
    assert [sorted(row) for row in report["models"]] == [sorted(FIELDS)] * 2
    assert [(row["name"], row["kind"]) for row in report["models"]] == [("text", "text"), ("conv", "raw")]


def test_int8_scores_come_from_the_board_and_float_scores_from_keras(comparison):
    for row in comparison.rows:
        assert row.macro_f1_int8 == row.accuracy_int8 == 1
    assert any(row.accuracy_float < 1 for row in comparison.rows)
    assert comparison.rows[0].ms == 2.0


def test_the_table_says_synthetic_and_has_a_column_a_model(comparison):
    table = comparison_table(comparison)
    assert "synthetic" in str(table.title)
    assert [str(column.header) for column in table.columns[1:]] == [
        f"{row.name} ({row.kind})" for row in comparison.rows
    ]


def test_an_unknown_model_is_refused_before_any_training(dataset):
    def never(trained):
        raise AssertionError("measured")

    with pytest.raises(ModelError, match="choose one of dense, conv, separable"):
        compare(dataset, ["text", "transformer"], never)


def test_evaluate_scores_the_test_recordings(dataset):
    scores = evaluate(train(dataset, "text", epochs=1))
    assert scores.recordings == sum(map(sum, scores.confusion)) == 8


def test_a_model_without_a_dataset_cannot_be_evaluated(dataset, tmp_path):
    train(dataset, "text", epochs=1).save(tmp_path / "model")
    with pytest.raises(ModelError, match="load it with a dataset"):
        evaluate(load_trained(tmp_path / "model"))


def test_a_damaged_model_is_told_without_keras(dataset, tmp_path, monkeypatch):
    train(dataset, "text", epochs=1).save(tmp_path / "model")
    file = tmp_path / "model" / "model.keras"
    file.write_bytes(file.read_bytes()[:-100])
    monkeypatch.setitem(sys.modules, "keras", None)
    with pytest.raises(ModelError, match=r"model\.keras cannot be read \(it is not a whole \.keras file\)"):
        load_trained(tmp_path / "model", dataset)
    file.unlink()
    with pytest.raises(ModelError, match=r"model\.keras cannot be read \(there is no such file\)"):
        load_trained(tmp_path / "model", dataset)


def test_the_best_model_is_the_one_of_the_highest_int8_score(comparison):
    better = replace(comparison.rows[0], name="better", macro_f1_int8=1.1)
    assert replace(comparison, rows=(comparison.rows[0], better)).best.name == "better"

"""Scores, on outputs chosen by hand."""

import sys

import numpy as np
import pytest

from zerotap.capture import generate_corpus, type_corpus
from zerotap.errors import ModelError
from zerotap.features import Windows
from zerotap.models import (
    dequantise,
    evaluate,
    load_trained,
    score,
    train,
)


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

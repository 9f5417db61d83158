"""Scores by recording and by window, from outputs chosen by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import f1_score

from zerotap.features import Windows
from zerotap.models import (
    LOGITS,
    MARGINS,
    SHARES,
    Facts,
    Reading,
    Scores,
    by_recording,
    difference,
    reading_of,
    score,
)
from zerotap.models.heads import make_head

# Recording 4 has three windows of class 0, 7 and 9 one of class 1 each.
WINDOWS = Windows(np.zeros((5, 2)), np.array([0, 0, 0, 1, 1]), np.array([4, 4, 4, 7, 9]))
OUTPUTS = np.array([[1, 0], [1, 0], [0, 9], [0, 1], [1, 0]], float)


def test_windows_are_scored_one_by_one_beside_recordings():
    scores = score(OUTPUTS, WINDOWS, 2)
    assert scores.confusion == ((0, 1), (1, 1))
    assert scores.windows.confusion == ((2, 1), (1, 1))
    assert scores.windows.accuracy == pytest.approx(3 / 5)
    assert (scores.counted, scores.windows.counted) == (3, 5)
    assert scores.windows.recordings == 3
    assert scores.windows.windows is None


def test_each_class_has_its_precision_recall_f1_and_support():
    first, second = score(OUTPUTS, WINDOWS, 2).windows.per_class
    assert first == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert second == pytest.approx((1 / 2, 1 / 2, 1 / 2, 2))


def test_a_recording_of_many_windows_counts_once_in_the_interval():
    many = Windows(np.zeros((400, 1)), np.repeat([0, 0, 1, 1], 100), np.repeat([0, 1, 2, 3], 100))
    said = np.repeat([[1, 0], [0, 1], [0, 1], [0, 1]], 100, axis=0)
    scores = score(said, many, 2)
    assert scores.windows.accuracy == 0.75
    assert scores.windows.accuracy_interval == (0.5, 1)


def test_calibration_error_is_that_of_the_softmax_of_logits():
    logits = np.log([[0.9, 0.1]] * 10)
    windows = Windows(np.zeros((10, 1)), np.array([0] * 9 + [1]), np.arange(10))
    assert score(logits, windows, 2).calibration_error == pytest.approx(0)


def test_votes_are_shares_and_margins_no_probabilities():
    votes = np.array([[9, 1]] * 10, np.int32)
    windows = Windows(np.zeros((10, 1)), np.array([0] * 9 + [1]), np.arange(10))
    assert score(votes, windows, Reading.by_greatest(2, SHARES)).calibration_error == pytest.approx(0)
    assert score(votes, windows, Reading.by_greatest(2, MARGINS)).calibration_error is None
    nothing = np.zeros((10, 2), np.int32)
    assert score(nothing, windows, Reading.by_greatest(2, SHARES)).calibration_error == pytest.approx(0.4)


def test_the_smallest_difference_is_that_of_two_independent_models():
    scores = Scores(0.9, 0.9, ((450, 50), (50, 450)), 1000)
    share = 901 / 1002
    assert scores.smallest_difference == pytest.approx(1.96 * (2 * share * (1 - share) / 1000) ** 0.5)
    assert "1000 test recordings are too few for the second digit" in scores.warning
    assert "0.026" in scores.warning


def test_many_recordings_have_no_warning_and_three_without_a_mistake_have_one():
    assert Scores(0.95, 0.95, ((9500, 500), (500, 9500)), 20_000).warning == ""
    assert "3 test recordings are too few" in Scores(1, 1, ((2, 0), (0, 1)), 3).warning


def test_json_has_what_it_had_and_all_that_is_new():
    report = json.loads(json.dumps(score(OUTPUTS, WINDOWS, 2).to_json()))
    assert list(report)[:4] == ["accuracy", "macro_f1", "confusion", "recordings"]
    assert list(report)[4:] == [
        "per_class", "accuracy_interval", "macro_f1_interval", "calibration_error", "smallest_difference",
        "windows",
    ]  # fmt: skip
    assert report["per_class"][1] == {"precision": 0.5, "recall": 0.5, "f1": 0.5, "support": 2}
    assert report["windows"]["confusion"] == [[2, 1], [1, 1]]
    low, high = report["accuracy_interval"]
    assert low <= report["accuracy"] <= high


def test_a_paired_difference_is_by_recording():
    reading = Reading.by_greatest(2)
    recordings = by_recording(OUTPUTS, WINDOWS)
    assert recordings.groups.tolist() == [4, 7, 9]
    verdicts = reading.verdicts(recordings.x)
    found = difference(recordings.y, verdicts, recordings, reading)
    assert found.difference == pytest.approx(1 - score(OUTPUTS, WINDOWS, 2).macro_f1)
    assert found.interval.high >= found.difference


def test_one_logit_says_the_positive_class_from_its_threshold_on():
    head = make_head("binary", ("ham", "spam"))
    windows = Windows(np.zeros((4, 1)), np.array([0, 0, 1, 1]), np.arange(4))
    logits = np.array([[-1.0], [0.5], [0.4], [2.0]])
    assert score(logits, windows, Reading(head)).confusion == ((1, 1), (0, 2))
    assert score(logits, windows, Reading(head, (0.6,))).confusion == ((2, 0), (1, 1))


def test_one_logit_is_calibrated_by_the_logistic_function():
    head = make_head("binary", ("spam", "ham"), "spam")
    windows = Windows(np.zeros((10, 1)), np.array([0] * 8 + [1] * 2), np.arange(10))
    logits = np.full((10, 1), np.log(4))  # spam with 0.8, and eight of ten are
    assert score(logits, windows, Reading(head, (9.0,))).calibration_error == pytest.approx(0)


def test_labels_are_scored_each_at_its_threshold():
    head = make_head("labels", ("none", "toxic", "toxic+insult", "insult"))
    rng = np.random.default_rng(0)
    y = rng.integers(0, 4, 200)
    logits = np.where(head.truths(y), 1.0, -1.0) + rng.normal(0, 1, (200, 2))
    scores = score(logits, Windows(np.zeros((200, 1)), y, np.arange(200)), Reading(head, (0.2, -0.1)))
    said = logits >= np.array([0.2, -0.1])
    assert scores.macro_f1 == pytest.approx(f1_score(head.truths(y), said, average="macro"))
    assert scores.accuracy == (said == head.truths(y)).all(axis=1).mean()
    assert scores.of_labels
    assert scores.counted == 200
    assert [sum(row) for row in scores.confusion] == [200, 200]
    assert scores.calibration_error > 0


def test_a_models_facts_say_how_its_outputs_are_read():
    facts = Facts("n", ("ham", "spam"), True, 0, 1, 1, "", head="binary", labels=("ham",), thresholds=(0.5,))
    logits = np.array([[0.6], [0.4]])
    assert reading_of(facts).verdicts(logits).tolist() == [0, 1]
    assert reading_of(replace(facts, labels=("spam",))).verdicts(logits).tolist() == [1, 0]
    votes = replace(facts, head="classes", labels=(), thresholds=(), scores="shares")
    assert reading_of(votes) == Reading.by_greatest(("ham", "spam"), SHARES)


def test_of_shares_half_is_even_where_nothing_else_is_known():
    """Without a threshold, for one that is fitted, and where no window could say which is better."""
    head = make_head("binary", ("no", "yes"))
    shares, y = np.array([[0.1], [0.4], [0.6], [0.9]]), np.array([0, 0, 1, 1])
    reading = Reading(head, (), SHARES)
    assert reading.verdicts(shares).tolist() == [0, 0, 1, 1]
    assert Reading(head, (), LOGITS).verdicts(shares).tolist() == [1, 1, 1, 1]
    assert reading.fitted(shares, y).thresholds == pytest.approx((0.5,))
    assert reading.fitted(shares, np.zeros(4, int)).thresholds == (0.5,)
    assert Reading(head, (), LOGITS).fitted(shares, np.zeros(4, int)).thresholds == (0.0,)


def test_a_share_of_votes_is_the_probability_of_its_label():
    head = make_head("labels", ("none", "a", "a+b"))
    shares, y = np.array([[0.25, 0.5], [1.0, 0.75]]), np.array([0, 2])
    sure, so = Reading(head, (0.5, 0.5), SHARES).confidences(shares, y)
    assert sure.tolist() == [0.25, 0.5, 1.0, 0.75] and so.tolist() == [False, False, True, True]
    assert Reading(head, (0.5, 0.5), MARGINS).confidences(shares, y) is None

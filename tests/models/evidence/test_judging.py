"""Verdicts, confidences, and precision against recall."""

import numpy as np
import pytest
from sklearn.metrics import precision_recall_curve

from zerotap.features import Windows
from zerotap.models import Reading, judge
from zerotap.models.comparing.json_place import Place
from zerotap.models.evaluation.scoring import by_recording
from zerotap.models.evidence.judging import MOST_POINTS, Judgement, curve
from zerotap.models.heads import make_head

RNG = np.random.default_rng(3)


def windows_of(y: list[int]) -> Windows:
    return Windows(np.zeros((len(y), 1)), np.array(y, np.int64), np.arange(len(y)))


def test_a_recording_is_judged_by_the_mean_of_its_windows() -> None:
    windows = Windows(np.zeros((3, 1)), np.array([1, 1, 0]), np.array([5, 5, 9]))
    found = judge(np.array([[0.0, 8.0], [2.0, 0.0], [1.0, 0.0]]), windows, Reading.by_greatest(2))
    assert found.verdicts == (1, 0)
    assert found.confidence == pytest.approx((1 / (1 + np.exp(-3)), 1 / (1 + np.exp(-1))))


@pytest.mark.parametrize("meaning", ["logits", "shares", "margins"])
@pytest.mark.parametrize("classes", [2, 5])
def test_the_operating_point_is_the_verdicts_and_on_the_curve(meaning: str, classes: int) -> None:
    outputs = RNG.random((60, classes))
    y = RNG.integers(0, classes, 60).tolist()
    found = judge(outputs, windows_of(y), Reading.by_greatest(classes, meaning))
    assert found.verdicts == tuple(outputs.argmax(axis=1).tolist())
    assert (len(found.confidence) == 0) == (meaning == "margins")
    for number, one in enumerate(found.precision_recall.values()):
        said, true = np.array(found.verdicts) == number, np.array(y) == number
        right = (said & true).sum()
        assert one.operating == pytest.approx((right / said.sum(), right / true.sum()))
        assert one.operating in list(zip(one.precision, one.recall, strict=True))


def test_a_curve_is_scikit_learns() -> None:
    true, evidence = RNG.random(80) < 0.4, RNG.integers(0, 9, 80).astype(float)
    found = curve(true, evidence > 4, evidence)
    precision, recall, _ = precision_recall_curve(true, evidence)
    assert found.precision == pytest.approx(tuple(precision[-2::-1]))
    assert found.recall == pytest.approx(tuple(recall[-2::-1]))


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    evidence = RNG.random(5_000)
    found = curve(evidence > 0.5, evidence > 0.5, evidence)
    assert len(found.precision) == MOST_POINTS
    assert (found.recall[-1], found.operating) == (1.0, (1.0, 1.0))


def test_a_class_that_was_not_tested_has_no_curve() -> None:
    found = judge(np.eye(3)[[0, 1]], windows_of([0, 1]), Reading.by_greatest(["a", "b", "c"]))
    assert list(found.precision_recall) == ["a", "b"]


def test_a_binary_head_is_sure_of_what_it_says() -> None:
    reading = Reading(make_head("binary", ("ham", "spam"), "spam"), (0.5,))
    outputs = np.array([[2.0], [0.4], [-3.0]])
    found = judge(outputs, windows_of([1, 0, 0]), reading)
    assert found.verdicts == (1, 0, 0)
    assert found.confidence == pytest.approx((0.8808, 1 - 0.5987, 1 - 0.0474), abs=1e-4)
    assert found.precision_recall["spam"].operating == (1.0, 1.0)


def test_several_labels_are_a_number_of_bits() -> None:
    classes = ("none", "rude", "rude+toxic", "toxic")
    reading = Reading(make_head("labels", classes, None), (0.0, 0.0))
    outputs = np.array([[1.0, 1.0], [-1.0, 2.0], [-1.0, -1.0]])
    found = judge(outputs, windows_of([2, 3, 0]), reading)
    assert found.verdicts == (3, 2, 0)
    assert found.confidence == ()
    assert found.said(reading).tolist() == [[1, 1], [0, 1], [0, 0]]
    assert set(found.precision_recall) == {"rude", "toxic"}


def test_a_judgement_goes_through_json() -> None:
    outputs = RNG.random((20, 3))
    found = judge(outputs, windows_of(RNG.integers(0, 3, 20).tolist()), Reading.by_greatest(3))
    assert Judgement.from_json(Place(found.to_json(), "x")) == found
    assert len(by_recording(outputs, windows_of([0] * 20)).x) == 20

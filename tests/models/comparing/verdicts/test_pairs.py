"""Pairs of verdicts: counted, tested, and with an interval that holds the truth as often as it says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom
from sklearn.metrics import f1_score

from zerotap.models import Judged, Reading, pairs_of
from zerotap.models.comparing.verdicts.holm import holm
from zerotap.models.heads import make_head

CLASSES = ("none", "toxic", "insult", "insult+toxic")


def judged(name, verdicts, classes=3) -> Judged:
    return Judged(name, Reading.by_greatest(classes), np.asarray(verdicts))


@given(st.lists(st.tuples(*[st.integers(0, 2)] * 3), min_size=1, max_size=40))
@settings(max_examples=25, deadline=None)
def test_the_counts_are_those_of_a_loop(rows):
    truth, a, b = map(np.array, zip(*rows, strict=True))
    (pair,) = pairs_of([judged("a", a), judged("b", b)], None, truth)
    cells = [(x == y, z == y) for y, x, z in rows]
    assert pair.both == cells.count((True, True))
    assert pair.only_a == cells.count((True, False))
    assert pair.only_b == cells.count((False, True))
    assert pair.none == cells.count((False, False))
    assert pair.recordings == len(rows)
    f1 = [f1_score(truth, said, average="macro", labels=[0, 1, 2], zero_division=0) for said in (a, b)]
    assert pair.difference == pytest.approx(f1[0] - f1[1])


def test_each_two_models_and_each_with_the_reference_are_paired_and_corrected_apart():
    generator = np.random.default_rng(1)
    truth = generator.integers(0, 3, 200)

    def said(share):
        return np.where(generator.random(200) < share, truth, (truth + 1) % 3)

    models = [judged("a", said(0.9)), judged("b", said(0.8)), judged("c", said(0.7))]
    pairs = pairs_of(models, judged("reference", said(0.95)), truth)
    assert [(pair.a, pair.b) for pair in pairs] == [
        *[("a", "b"), ("a", "c"), ("b", "c")],
        *[("a", "reference"), ("b", "reference"), ("c", "reference")],
    ]
    for family in (pairs[:3], pairs[3:]):
        assert [pair.p_holm for pair in family] == pytest.approx(holm([pair.mcnemar for pair in family]))


def test_not_worse_asks_the_low_end_of_the_interval():
    truth = np.arange(400) % 2
    same = judged("a", truth, 2), judged("b", truth, 2)
    assert pairs_of(same, None, truth, 0.01)[0].not_worse
    worse = truth.copy()
    worse[:40] = 1 - worse[:40]
    (pair,) = pairs_of((judged("a", worse, 2), judged("b", truth, 2)), None, truth, 0.02)
    assert pair.difference == pytest.approx(-0.1, abs=1e-6)
    assert not pair.not_worse
    assert pairs_of((judged("a", worse, 2), judged("b", truth, 2)), None, truth, 0.2)[0].not_worse


def test_a_model_of_several_labels_is_right_in_every_label_or_not_at_all():
    reading = Reading(make_head("labels", CLASSES), (0.0, 0.0))
    truth = np.array([0, 1, 2, 3])
    verdicts = reading.truth(truth)
    verdicts[3, 0] = 0  # one of two labels is missed
    labels = Judged("labels", reading, verdicts)
    right = Judged("classes", Reading.by_greatest(CLASSES), truth)
    for pair in (pairs_of([labels, right], None, truth)[0], pairs_of([right, labels], None, truth)[0]):
        assert (pair.both, pair.only_a + pair.only_b, pair.none) == (3, 1, 0)
        assert abs(pair.difference) == pytest.approx((1 - 2 / 3) / 2)
    assert right.codes == (0, 1, 2, 3)
    assert labels.codes == tuple(int(code) for code in verdicts @ [1, 2])
    assert len(set(reading.truth(truth) @ [1, 2])) == len(CLASSES)


def test_a_model_of_one_logit_says_one_of_two_classes_as_any_other():
    reading = Reading(make_head("binary", ("ham", "spam"), "spam"), (0.5,))
    truth = np.array([0, 1, 1, 0])
    binary = Judged("binary", reading, reading.verdicts(np.array([[0.0], [0.5], [0.4], [-1.0]])))
    assert binary.codes == (0, 1, 0, 0)
    other = Judged("classes", Reading.by_greatest(("ham", "spam")), np.array([0, 0, 1, 0]))
    (pair,) = pairs_of([binary, other], None, truth)
    assert (pair.both, pair.only_a, pair.only_b, pair.none) == (2, 1, 1, 0)
    assert pair.difference == pytest.approx(0)


def chances(right: float, classes: int) -> np.ndarray:
    return np.full((classes, classes), (1 - right) / (classes - 1)) + np.eye(classes) * (
        right - (1 - right) / (classes - 1)
    )


def true_macro_f1(confusion: np.ndarray, counts: np.ndarray) -> float:
    """Of a population: ``confusion`` (true, said) chances, ``counts`` recordings a class."""
    grid = confusion * counts[:, None]
    return float(np.mean(2 * np.diag(grid) / (grid.sum(axis=0) + grid.sum(axis=1))))


def test_the_interval_holds_the_true_difference_in_about_95_of_100_draws():
    """Three classes, 300 recordings, two models that often fail on the same ones."""
    counts, draws, generator = np.array([150, 100, 50]), 150, np.random.default_rng(8)
    truth = np.repeat(np.arange(3), counts)
    rights = (0.85, 0.78)
    confusions = [chances(right, 3) for right in rights]
    true = true_macro_f1(confusions[0], counts) - true_macro_f1(confusions[1], counts)
    held = 0
    for _ in range(draws):
        hard = generator.random(300)  # of a recording, for both
        said = [
            np.where(hard < right, truth, (truth + generator.integers(1, 3, 300)) % 3) for right in rights
        ]
        (pair,) = pairs_of([judged("a", said[0]), judged("b", said[1])], None, truth)
        held += pair.interval.low <= true <= pair.interval.high
    assert binom.ppf(1e-3, draws, 0.95) <= held <= binom.ppf(1 - 1e-3, draws, 0.95)

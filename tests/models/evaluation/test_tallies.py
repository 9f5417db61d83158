"""Shares of counts, against scikit-learn's of the same verdicts."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, precision_recall_fscore_support

from zerotap.models.evaluation.tallies import ClassTally, LabelTally


@pytest.mark.parametrize("classes", [2, 5, 25])
def test_shares_of_classes_are_scikit_learns(classes):
    rng = np.random.default_rng(classes)
    truth, verdicts = rng.integers(0, classes, (2, 200))
    tally = ClassTally(classes)
    counts = tally.rows(truth, verdicts).sum(axis=0)
    shares = tally.shares(counts)
    labels = np.arange(classes)
    expected = precision_recall_fscore_support(truth, verdicts, labels=labels, zero_division=0)
    for found, one in zip(
        (shares.precision, shares.recall, shares.f1, shares.support), expected, strict=True
    ):
        np.testing.assert_allclose(found, one)
    assert shares.accuracy == pytest.approx(accuracy_score(truth, verdicts))
    macro = f1_score(truth, verdicts, labels=labels, average="macro", zero_division=0)
    assert shares.macro_f1 == pytest.approx(macro)
    assert np.array_equal(tally.grid(counts), confusion_matrix(truth, verdicts, labels=labels))


def test_shares_of_labels_are_scikit_learns():
    rng = np.random.default_rng(0)
    truth, verdicts = (rng.random((2, 300, 4)) < 0.3).astype(np.int64)
    tally = LabelTally(4)
    counts = tally.rows(truth, verdicts).sum(axis=0)
    shares = tally.shares(counts)
    expected = precision_recall_fscore_support(truth, verdicts, zero_division=0)
    for found, one in zip(
        (shares.precision, shares.recall, shares.f1, shares.support), expected, strict=True
    ):
        np.testing.assert_allclose(found, one)
    assert shares.accuracy == pytest.approx(accuracy_score(truth, verdicts))
    assert shares.macro_f1 == pytest.approx(f1_score(truth, verdicts, average="macro", zero_division=0))
    both = (truth & verdicts).sum(axis=0)
    missed, wrongly = truth.sum(axis=0) - both, verdicts.sum(axis=0) - both
    assert np.array_equal(
        tally.grid(counts), np.stack([300 - both - missed - wrongly, wrongly, missed, both], 1)
    )


def test_a_stack_of_counts_gives_what_each_gives_alone():
    rng = np.random.default_rng(1)
    for tally in (ClassTally(3), LabelTally(2)):
        stack = rng.integers(0, 9, (5, tally.cells))
        together = tally.shares(stack)
        for index, counts in enumerate(stack):
            for whole, one in zip(together, tally.shares(counts), strict=True):
                np.testing.assert_allclose(whole[index], one)


def test_a_class_that_is_never_true_nor_said_has_shares_of_nothing():
    shares = ClassTally(3).shares(np.array([2, 0, 0, 0, 3, 0, 0, 0, 0]))
    assert shares.f1.tolist() == [1, 1, 0]
    assert shares.support.tolist() == [2, 3, 0]

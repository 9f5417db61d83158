"""The bootstrap, against one that draws recording by recording."""

import numpy as np
import pytest
from sklearn.metrics import f1_score

from zerotap.models.evaluation.resampling import RESAMPLES, interval, macro_f1_difference, resampled_counts
from zerotap.models.evaluation.tallies import ClassTally

TALLY = ClassTally(2)


def verdicts(seed, recordings=120, right=0.8):
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1], [recordings // 3, recordings - recordings // 3])
    return truth, np.where(rng.random(recordings) < right, truth, 1 - truth)


def test_every_resample_has_as_many_recordings_of_each_class():
    truth, said = verdicts(0)
    drawn = resampled_counts(TALLY.rows(truth, said), truth)
    assert drawn.shape == (RESAMPLES, 4)
    assert (drawn.reshape(-1, 2, 2).sum(axis=2) == np.bincount(truth)).all()


def test_the_interval_is_that_of_drawing_one_by_one():
    truth, said = verdicts(1)
    found = interval(TALLY.shares(resampled_counts(TALLY.rows(truth, said), truth)).macro_f1)
    rng = np.random.default_rng(9)
    sides = [np.flatnonzero(truth == one) for one in (0, 1)]
    draws = [np.concatenate([rng.choice(side, len(side)) for side in sides]) for _ in range(1000)]
    slow = [f1_score(truth[chosen], said[chosen], average="macro") for chosen in draws]
    assert found == pytest.approx(np.percentile(slow, [2.5, 97.5]), abs=0.01)


def test_the_same_verdicts_have_the_same_interval_each_time():
    truth, said = verdicts(2)
    rows = TALLY.rows(truth, said)
    assert np.array_equal(resampled_counts(rows, truth), resampled_counts(rows, truth))


def test_windows_of_one_recording_are_drawn_together():
    truth = np.array([0, 0, 1, 1])
    rows = TALLY.rows(truth, np.array([0, 1, 1, 1])) * 50  # 50 windows that are all right, or all wrong
    assert interval(TALLY.shares(resampled_counts(rows, truth)).accuracy) == (0.5, 1.0)


def test_of_nine_of_ten_the_interval_is_as_wide_as_the_binomial():
    truth, said = verdicts(3, 900, 0.9)
    low, high = interval(TALLY.shares(resampled_counts(TALLY.rows(truth, said), truth)).accuracy)
    share = (truth == said).mean()
    assert (high - low) / 2 == pytest.approx(1.96 * (share * (1 - share) / 900) ** 0.5, rel=0.1)


def test_what_is_hard_for_both_models_cancels_in_a_paired_difference():
    truth, said = verdicts(4, 900, 0.9)
    better = said.copy()
    better[np.flatnonzero(said != truth)[:20]] = truth[np.flatnonzero(said != truth)[:20]]
    rows, better_rows = TALLY.rows(truth, said), TALLY.rows(truth, better)
    found = macro_f1_difference(TALLY, better_rows, rows, truth)
    assert found.difference == pytest.approx(
        f1_score(truth, better, average="macro") - f1_score(truth, said, average="macro")
    )
    assert 0 < found.interval.low < found.difference < found.interval.high
    alone = interval(TALLY.shares(resampled_counts(rows, truth)).macro_f1)
    assert found.interval.high - found.interval.low < (alone.high - alone.low) / 2
    same = macro_f1_difference(TALLY, rows, rows, truth)
    assert same == (0, (0, 0))

"""Folds and seeds, by a family that is fitted at once: no TensorFlow is needed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import ModelError
from zerotap.features import Pipeline, Windows, transforms
from zerotap.models import FittedSpec, Scores
from zerotap.models.training.folds import fold_numbers, out_of_fold
from zerotap.models.training.one_fit import Fit, Fitter
from zerotap.models.training.settings import TrainingSettings
from zerotap.models.training.several_seeds import Seeded, fit_seeds, median, seeds_report
from zerotap.models.training.validation import validation_mask
from zerotap.reporting import no_progress

COUNTS = st.lists(st.integers(1, 4), min_size=3, max_size=12)


def cut(counts_by_class, contents=1000) -> Windows:
    """Windows of recordings, all of one number where the contents run out: those are equal."""
    counts = [count for counts in counts_by_class for count in counts]
    groups = np.repeat(np.arange(len(counts)), counts)
    y = np.repeat(np.arange(len(counts_by_class)), [sum(counts) for counts in counts_by_class])
    x = np.repeat((groups % contents).astype(np.int32)[:, None] + 1, 3, axis=1)
    return Windows(x, y, groups)


@given(COUNTS, COUNTS, st.integers(2, 3), st.integers(0, 3), st.sampled_from([3, 1000]))
def test_recordings_are_dealt_out_whole_by_class(one, other, folds, seed, contents):
    windows = cut([one, other], contents)
    fold = fold_numbers(windows, folds, seed)
    assert set(fold.tolist()) <= set(range(folds))
    for label in (0, 1):
        mine = windows.y == label
        assert len(set(fold[mine].tolist())) == folds
    keys = {}
    if all(len(np.unique(windows.x[windows.y == label, 0])) >= folds for label in (0, 1)):
        for group in np.unique(windows.groups):
            assert len(set(fold[windows.groups == group].tolist())) == 1
        for content, label, number in zip(windows.x[:, 0], windows.y, fold, strict=True):
            keys.setdefault((content, label), set()).add(number)
    assert np.array_equal(fold, fold_numbers(windows, folds, seed))


def test_equal_contents_stay_together():
    windows = cut([[1] * 9, [1] * 9], contents=4)
    fold = fold_numbers(windows, 3, 0)
    for content in range(4):
        of_class = [fold[(windows.x[:, 0] == content + 1) & (windows.y == label)] for label in (0, 1)]
        assert all(len(set(numbers.tolist())) <= 1 for numbers in of_class)


def test_a_class_of_one_recording_is_dealt_out_in_blocks():
    windows = cut([[9], [1] * 6])
    assert fold_numbers(windows, 3, 0)[:9].tolist() == [0] * 3 + [1] * 3 + [2] * 3


@pytest.mark.parametrize(("folds", "words"), [(1, "give 2 or more"), (4, "too few for 4 folds")])
def test_folds_that_cannot_be_are_refused(folds, words):
    with pytest.raises(ModelError, match=words):
        fold_numbers(cut([[1, 1, 1], [1] * 6]), folds, 0)


@pytest.fixture
def fitter(tiny_model):
    """It remembers what it was fitted on, and tells the class of a recording by whether it has seen it."""
    seen = []

    def fit(windows, classes, seed, settings):
        seen.append((windows, seed))
        counts = np.zeros((2000, classes), np.int32)
        np.add.at(counts, (windows.x[:, 0], windows.y), 1)
        counts[:, seed % classes] += 1
        return tiny_model(counts)

    pipeline = Pipeline("ids", (transforms.TypedWords(255),))
    spec = FittedSpec("tiny", fit, pipeline, words=True)
    made = Fitter(spec, ("calm", "tense"), lambda *, is_needed: bytes(32), no_progress)
    fit.seen = seen
    return made


def test_each_fold_is_scored_by_a_model_that_has_not_seen_it(fitter):
    windows = cut([[2] * 6, [1] * 6])
    done = out_of_fold(fitter, windows, TrainingSettings(), 3)
    assert len(fitter.spec.fit.seen) == 3
    for number, (learnt, _) in enumerate(fitter.spec.fit.seen):
        assert not set(learnt.groups.tolist()) & set(windows.groups[done.fold == number].tolist())
        assert len(learnt) + (done.fold == number).sum() == len(windows)
    # Who has not seen a recording says what the seed has it say: (1 + 0) * 3 ids * half a unit a step.
    assert done.outputs.tolist() == [[1.5, 0.0]] * len(windows)
    assert [scores.recordings for scores in done.scores(2)] == [4, 4, 4]
    assert [scores.accuracy for scores in done.scores(2)] == [0.5] * 3


def test_several_seeds_are_scored_and_validated_by_what_they_did_not_learn_from(fitter):
    windows, test = cut([[1] * 8, [1] * 8]), cut([[1] * 2, [1] * 3])
    made = fit_seeds(fitter, lambda _: (windows, test), TrainingSettings(seed=5), 3)
    assert [one.seed for one in made] == [5, 6, 7]
    for position, one in enumerate(made):
        whole, without = fitter.spec.fit.seen[2 * position : 2 * position + 2]
        assert len(whole[0]) == 16
        assert len(without[0]) == 16 - validation_mask(windows, one.seed).sum()
        assert one.validation == pytest.approx(1 / 3)  # one class alone is said
    assert np.isnan(fit_seeds(fitter, lambda _: (windows, test), TrainingSettings(), 1)[0].validation)
    with pytest.raises(ModelError, match="none to train by"):
        fit_seeds(fitter, lambda _: (windows, test), TrainingSettings(seed=2**32 - 1), 2)


def seeded(seed, validation, test) -> Seeded:
    return Seeded(seed, None, (), Fit(None), validation, Scores(test, test, ((1,),), 1))


def test_the_median_by_validation_is_kept_whatever_the_test_says():
    three = [seeded(0, 0.9, 0.1), seeded(1, 0.7, 0.9), seeded(2, 0.8, 0.5)]
    assert median(three).seed == 2
    assert median(three[:2]).seed == 1
    assert median([seeded(0, 0.5, 0), seeded(1, 0.5, 0), seeded(2, 0.5, 0)]).seed == 1
    report = seeds_report(three, three[2])
    assert report["kept"] == 2 and report["macro_f1_worst"] == 0.1
    assert report["macro_f1_mean"] == pytest.approx(0.5)
    assert [one["seed"] for one in report["each"]] == [0, 1, 2]

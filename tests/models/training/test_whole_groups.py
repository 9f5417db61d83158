"""Folds and what validates keep the groups of a dataset whole, where that leaves every class to train on."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from zerotap.features import Windows
from zerotap.models.training.folds import fold_numbers, subset
from zerotap.models.training.validation import validation_mask


def windows(kin, classes=2):
    """A recording of every class for each of ``kin``, of three windows."""
    count = len(kin) * classes
    y = np.repeat(np.tile(np.arange(classes), len(kin)), 3)
    x = np.arange(count * 3, dtype=np.int32)[:, None]
    return Windows(x, y, np.repeat(np.arange(count), 3), np.repeat(np.repeat(kin, classes), 3))


@given(st.integers(4, 12), st.integers(2, 4), st.integers(0, 9))
def test_no_group_is_in_two_folds(groups, folds, seed):
    cut = windows(np.arange(groups) * 7)
    fold = fold_numbers(cut, folds, seed)
    assert set(fold.tolist()) == set(range(folds))
    assert all(len(np.unique(fold[cut.kin == one])) == 1 for one in np.unique(cut.kin))


@given(st.integers(2, 12), st.integers(0, 9))
def test_no_group_validates_and_trains(groups, seed):
    cut = windows(np.arange(groups))
    held_out = validation_mask(cut, seed)
    assert held_out.any() and not held_out.all()
    assert not set(cut.kin[held_out]) & set(cut.kin[~held_out])


def test_where_each_class_is_of_one_group_recordings_are_dealt_out():
    cut = windows(np.arange(6), classes=1)
    cut = Windows(cut.x, np.repeat([0, 1], 9), cut.groups, np.repeat([0, 1], 9))
    fold = fold_numbers(cut, 3, 0)
    held_out = validation_mask(cut, 0)
    for label in (0, 1):
        assert len(np.unique(fold[cut.y == label])) == 3
        assert not held_out[cut.y == label].all()


def test_a_part_of_windows_knows_its_groups():
    cut = windows(np.array([3, 5]))
    assert subset(cut, cut.y == 1).kin.tolist() == [3, 3, 3, 5, 5, 5]
    assert subset(Windows(cut.x, cut.y, cut.groups), cut.y == 1).kin is None

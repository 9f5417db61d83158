"""Bags: the ids of each recording in one row, in their order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zerotap.errors import FeatureError
from zerotap.features import Windows, bags


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3)), max_size=30), st.integers(0, 5))
def test_each_recording_keeps_its_ids_in_order(items, first_group):
    ids = np.array([number for number, _ in items], np.int32)
    groups = np.array([group + first_group for _, group in items], np.int64)
    made = bags(Windows(ids, groups % 2, groups))
    assert made.x.dtype == np.int32 and made.x.ndim == 2
    assert made.groups.tolist() == list(dict.fromkeys(groups.tolist()))
    assert (made.y == made.groups % 2).all()
    for row, group in zip(made.x, made.groups, strict=True):
        mine = [number for number, its in zip(ids.tolist(), groups.tolist(), strict=True) if its == group]
        wanted = [number for number in mine if number]
        assert row.tolist() == wanted + [0] * (made.x.shape[1] - len(wanted))
    longest = max(((row != 0).sum() for row in made.x), default=0)
    assert made.x.shape[1] == longest


@pytest.mark.parametrize("x", [np.zeros((3, 4), np.int32), np.zeros(3, np.uint8)])
def test_what_is_no_id_is_refused(x):
    with pytest.raises(FeatureError, match="end the pipeline with ids"):
        bags(Windows(x, np.zeros(3, np.int64), np.zeros(3, np.int64)))

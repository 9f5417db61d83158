"""Thresholds: the best on what is given."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from zerotap.models.thresholds import best_threshold, enough

LOGITS = st.lists(st.integers(-20, 20), min_size=2, max_size=24)


@given(LOGITS, st.integers(0, 2**24), st.booleans())
def test_no_other_threshold_is_better(logits, bits, both):
    truth = np.array([bool(bits >> at & 1) for at in range(len(logits))])
    values = np.array(logits, np.float32) / 4

    def quality(threshold: float) -> float:
        said = enough(values[:, None], [threshold])[:, 0]
        scores = [f1_score(truth, said, zero_division=0), f1_score(~truth, ~said, zero_division=0)]
        return float(np.mean(scores)) if both else scores[0]

    found = best_threshold(values, truth, both)
    if truth.all() or not truth.any():
        assert found == 0
        return
    others = np.concatenate([np.unique(values), [values.max() + 1]])
    assert quality(found) == pytest.approx(max(map(quality, others)))


def test_of_equally_good_ones_the_nearest_to_zero():
    assert best_threshold(np.array([-8.0, -2.0, 4.0]), np.array([False, True, True])) == -5
    assert best_threshold(np.array([1.0, 2.0]), np.array([True, True])) == 0

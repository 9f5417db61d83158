"""Holm's correction: against statsmodels, and what it promises."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from zerotap.models.comparing.verdicts.holm import holm

P_VALUES = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(P_VALUES)
@settings(max_examples=60, deadline=None)
def test_it_is_that_of_statsmodels(p_values):
    with patch("gc.collect"):  # it walks over all that a test process holds, each time
        theirs = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(theirs, abs=1e-12)


def test_one_stays_and_none_stay():
    assert holm([0.03]) == (0.03,)
    assert holm([]) == ()


def test_among_true_hypotheses_one_in_twenty_families_errs_at_most():
    draws, generator = 4000, np.random.default_rng(3)
    wrong = sum(min(holm(generator.random(6).tolist())) < 0.05 for _ in range(draws)) / draws
    assert abs(wrong - 0.049) < 4 * np.sqrt(0.05 * 0.95 / draws)

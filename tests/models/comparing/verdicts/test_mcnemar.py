"""McNemar's exact test and its power: against SciPy and statsmodels, by brute force, and by drawing."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import binom, binomtest
from statsmodels.stats.contingency_tables import mcnemar

from zerotap.models.comparing.verdicts.mcnemar import (
    ALPHA,
    POWER,
    _critical,
    exact_p,
    power,
    recordings_needed,
)

COUNTS = st.integers(0, 400)
ALPHAS = (0.05, 0.05 / 3, 0.05 / 21, 0.05 / 1000, 0.2)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
@settings(max_examples=300, deadline=None)
def test_p_is_that_of_scipy_and_of_statsmodels(both, only_a, only_b, none):
    p = exact_p(only_a, only_b)
    if only_a + only_b:
        assert p == pytest.approx(binomtest(only_a, only_a + only_b, 0.5).pvalue, abs=1e-12)
    theirs = mcnemar([[both, only_a], [only_b, none]], exact=True).pvalue
    assert p == pytest.approx(1.0 if np.isnan(theirs) else theirs, abs=1e-12)
    assert p == exact_p(only_b, only_a)


@pytest.mark.parametrize(
    ("only_a", "only_b", "p"), [(0, 0, 1), (1, 0, 1), (3, 3, 1), (6, 0, 2 / 64), (8, 1, 20 / 512)]
)
def test_p_by_hand(only_a, only_b, p):
    assert exact_p(only_a, only_b) == pytest.approx(p)


@pytest.mark.parametrize("alpha", ALPHAS)
def test_the_critical_split_is_the_last_that_gives_a_small_p(alpha):
    counts = np.r_[0:2000, 100_000:100_050, 1_000_000:1_000_005]
    found = _critical(counts, alpha)
    assert ((2 * binom.cdf(found, counts, 0.5) < alpha) | (found == -1)).all()
    assert (2 * binom.cdf(found + 1, counts, 0.5) >= alpha).all()


@given(st.integers(1, 25), st.floats(0.01, 1), st.floats(0.5, 1), st.sampled_from(ALPHAS))
@settings(max_examples=25, deadline=None)
def test_power_is_the_sum_over_every_table(recordings, share, split, alpha):
    whole = sum(
        binom.pmf(k, recordings, share) * binom.pmf(right, k, split)
        for k in range(recordings + 1)
        for right in range(k + 1)
        if exact_p(right, k - right) < alpha
    )
    assert power(recordings, share, split, alpha) == pytest.approx(whole, abs=1e-7)


@pytest.mark.parametrize(
    ("recordings", "share", "split"), [(500, 0.1, 0.7), (100, 0.3, 0.8), (1115, 0.02, 0.9), (40, 1, 0.7)]
)
def test_power_is_how_often_drawn_tables_show_it(recordings, share, split):
    draws, generator = 40_000, np.random.default_rng(15)
    discordant = generator.binomial(recordings, share, draws)
    right = generator.binomial(discordant, split)
    p = np.minimum(1, 2 * binom.cdf(np.minimum(right, discordant - right), discordant, 0.5))
    shown, expected = (p < ALPHA).mean(), power(recordings, share, split)
    assert abs(shown - expected) < 4 * sqrt(expected * (1 - expected) / draws)


@given(st.integers(0, 40), st.integers(0, 12), st.integers(1, 500), st.sampled_from((1, 3, 21)))
@settings(max_examples=25, deadline=None)
def test_what_is_needed_is_enough_and_one_fewer_is_not(only_a, only_b, agreeing, compared):
    assume(only_a != only_b)
    recordings, alpha = only_a + only_b + agreeing, ALPHA / compared
    needed = recordings_needed(only_a, only_b, recordings, alpha)
    share, split = (only_a + only_b) / recordings, max(only_a, only_b) / (only_a + only_b)
    assert power(needed, share, split, alpha) >= POWER > power(needed - 1, share, split, alpha)
    assert needed == recordings_needed(only_b, only_a, recordings, alpha)


@given(st.integers(0, 40), st.integers(0, 12), st.integers(0, 500), st.sampled_from((1, 3, 21)))
@settings(max_examples=40, deadline=None)
def test_more_are_needed_than_showed_nothing(only_a, only_b, agreeing, compared):
    """A report never says that fewer recordings would do than those that did not."""
    assume(only_a != only_b and exact_p(only_a, only_b) >= ALPHA / compared)
    recordings = only_a + only_b + agreeing
    assert recordings_needed(only_a, only_b, recordings, ALPHA / compared) > recordings


@pytest.mark.parametrize(
    ("only_a", "only_b", "recordings"), [(0, 0, 100), (7, 7, 100), (50_001, 50_000, 1_000_000), (1, 0, 10**7)]
)
def test_nothing_shows_an_even_split_nor_one_so_nearly_even(only_a, only_b, recordings):
    assert recordings_needed(only_a, only_b, recordings) is None

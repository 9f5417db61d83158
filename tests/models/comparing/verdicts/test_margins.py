"""Not worse by more than a margin: of a model that is, it is said one time in twenty at most."""

import numpy as np
import pytest
from scipy.stats import poisson

from zerotap.models import Judged, Reading, pairs_of
from zerotap.models.comparing.verdicts.margins import FEW, is_not_worse, most_lost


def pair(a, b, truth, margin=0.02):
    reading = Reading.by_greatest(2)
    (one,) = pairs_of([Judged("a", reading, a), Judged("b", reading, b)], None, truth, margin)
    return one


@pytest.mark.parametrize(
    ("recordings", "is_shown"), [(10, False), (120, False), (180, False), (190, True), (500, True)]
)
def test_models_that_always_agree_are_alike_only_on_enough_recordings(recordings, is_shown):
    truth = np.arange(recordings) % 2
    assert pair(truth, truth, truth).interval == (0, 0)
    assert pair(truth, truth, truth).not_worse == is_shown


def test_a_rare_class_asks_for_more():
    truth = np.r_[np.zeros(990, int), np.ones(10, int)]
    assert not pair(truth, truth, truth).not_worse


@pytest.mark.parametrize("lost", [0, 1, 5])
def test_what_may_be_lost_is_the_exact_limit_of_a_count(lost):
    limit = most_lost(lost, (100, 300)) * 100 * 2
    assert poisson.cdf(lost, limit) == pytest.approx(0.025)
    assert most_lost(lost, (100, 0, 300)) == pytest.approx(limit / 300)


def test_many_discordant_recordings_leave_it_to_the_interval():
    assert is_not_worse(FEW, 2 * FEW, -0.019, (20, 20), 0.02)
    assert not is_not_worse(0, 0, -0.021, (10_000, 10_000), 0.02)


@pytest.mark.parametrize("recordings", [150, 400, 1000])
def test_a_model_that_is_worse_by_the_margin_passes_one_time_in_twenty_at_most(recordings):
    """b is always right; a misses so many that its macro-F1 is .02 lower, or a hair more."""
    generator, truth, draws = np.random.default_rng(6), np.arange(recordings) % 2, 200
    passed = 0
    for _ in range(draws):
        missed = generator.random(recordings) < 0.0201
        passed += pair(np.where(missed, 1 - truth, truth), truth, truth).not_worse
    assert passed <= 0.05 * draws

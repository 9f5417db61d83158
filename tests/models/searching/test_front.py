"""Limits, and which of the points no other is better than."""

import pytest

from zerotap.models import FrontPoint, PlannedCosts, SearchLimits, pareto_front
from zerotap.models.searching.front import is_beaten

LIMITS = SearchLimits(1000, 100, 48_000, 48_000_000)


def point(number, score, cycles, flash=10):
    return FrontPoint(
        number, "linear", {"family": "linear"}, score, (score,), PlannedCosts(flash, 10, cycles, cycles)
    )


@pytest.mark.parametrize(
    ("costs", "fits"),
    [
        (PlannedCosts(1000, 100, 48_000, 90_000), True),
        (PlannedCosts(1001, 100, 48_000, 48_000), False),
        (PlannedCosts(1000, 101, 48_000, 48_000), False),
        (PlannedCosts(1000, 100, 48_001, 48_001), False),
    ],
)
def test_what_fits_is_within_all_limits(costs, fits):
    assert LIMITS.fit(costs) is fits
    assert (max(LIMITS.excess(costs)) <= 0) is fits


def test_without_a_latency_any_time_will_do():
    assert SearchLimits(1000, 100, None, 1).fit(PlannedCosts(1, 1, 10**12, 10**12))


def test_the_front_is_what_none_is_better_than_the_cheapest_first():
    found = [
        point(0, 0.9, 100),
        point(1, 0.8, 50),
        point(2, 0.85, 120),
        point(3, 0.95, 500),
        point(4, 0.9, 100),
    ]
    assert [each.number for each in pareto_front(found, "cycles")] == [1, 0, 3]


def test_the_objective_says_what_is_cheap():
    found = [point(0, 0.9, 100, flash=10), point(1, 0.8, 50, flash=20)]
    assert [each.number for each in pareto_front(found, "flash")] == [0]
    assert [each.number for each in pareto_front(found, "cycles")] == [1, 0]


def test_beaten_is_what_one_that_is_no_dearer_is_better_than_by_far():
    found = [point(0, 0.9, 100)]
    assert is_beaten(found, "cycles", PlannedCosts(1, 1, 100, 100), 0.87)
    assert not is_beaten(found, "cycles", PlannedCosts(1, 1, 100, 100), 0.885)
    assert not is_beaten(found, "cycles", PlannedCosts(1, 1, 99, 99), 0.1)

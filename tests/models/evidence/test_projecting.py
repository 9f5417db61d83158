"""Windows as points of a plane."""

import numpy as np
import pytest

from zerotap.features import Windows
from zerotap.models import project
from zerotap.models.comparing.projection import MOST_POINTS
from zerotap.models.evidence.projecting import components

RNG = np.random.default_rng(1)


def test_components_are_those_of_the_covariance() -> None:
    x = RNG.normal(size=(200, 5)) @ RNG.normal(size=(5, 5))
    x[:, 3] = 7.0  # constant: it is left out
    found = components(x)
    assert found is not None
    places, explained = found
    kept = np.delete(x, 3, axis=1)
    values = np.linalg.eigvalsh(np.corrcoef(kept.T))[::-1]
    assert explained == pytest.approx(tuple(values[:2] / values.sum()))
    assert places.std(axis=0) == pytest.approx((1, 1), abs=1e-3)
    assert abs(np.corrcoef(places.T)[0, 1]) < 1e-3


@pytest.mark.parametrize("x", [np.zeros((9, 4)), np.outer(np.arange(9), [1, 2, 3]), RNG.normal(size=(2, 6))])
def test_what_has_no_two_directions_has_no_plane(x: np.ndarray) -> None:
    assert components(x) is None


def test_points_are_drawn_from_both_sides_and_name_their_recording() -> None:
    train = Windows(RNG.integers(0, 9, (2_000, 4, 2)), np.arange(2_000) % 2, np.arange(2_000) // 4)
    test = Windows(RNG.integers(0, 9, (400, 4, 2)), np.arange(400) % 2, 500 + np.arange(400) // 4)
    names = [f"r{number}" for number in range(600)]
    found = project(train, test, names, "conv", seed=3)
    assert found is not None and len(found.points) == MOST_POINTS
    assert {point.side for point in found.points} == {"train", "test"}
    assert all((int(point.recording[1:]) >= 500) == (point.side == "test") for point in found.points)
    assert project(train, test, names, "conv", seed=3) == found

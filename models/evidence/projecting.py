"""Windows as points of a plane: the two directions in which they differ most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from zerotap.models.comparing.projection import MOST_POINTS, ProjectedPoint, Projection

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Windows


def project(
    train: Windows, test: Windows, names: Sequence[str], pipeline: str, seed: int = 0
) -> Projection | None:
    """Principal components of standardised windows of both sides; None where there are not two.

    ``names`` of the recordings, by group. At most MOST_POINTS windows are drawn by ``seed``.
    """
    y, groups = np.concatenate([train.y, test.y]), np.concatenate([train.groups, test.groups])
    drawn = np.random.default_rng(seed).permutation(len(y))[:MOST_POINTS]
    drawn.sort()
    x = np.stack([_row(train, test, index) for index in drawn.tolist()])
    found = components(x)
    if found is None:
        return None
    places, explained = found
    points = [
        ProjectedPoint(names[int(groups[index])], int(y[index]), _side(index, len(train)), *place)
        for index, place in zip(drawn.tolist(), places.tolist(), strict=True)
    ]
    return Projection(pipeline, tuple(points), explained)


def components(x: NDArray[Any]) -> tuple[NDArray[np.float64], tuple[float, float]] | None:
    """Places (n, 2) of rows (n, values), each axis in its standard deviations, and its share of the variance.

    Columns that are constant are left out. None where fewer than two directions have any variance.
    """
    values = x.reshape(len(x), -1).astype(np.float64)
    spread = values.std(axis=0)
    values = (values[:, spread > 0] - values[:, spread > 0].mean(axis=0)) / spread[spread > 0]
    if min(values.shape) < 3:
        return None
    left, sizes, _ = np.linalg.svd(values, full_matrices=False)
    shares = sizes**2 / (sizes**2).sum()
    if shares[1] < np.finfo(np.float32).eps:
        return None
    places: NDArray[np.float64] = left[:, :2] * np.sqrt(len(values))
    places *= np.where(places[np.abs(places).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)  # always the same way up
    return places.round(4), (float(shares[0]), float(shares[1]))


def _row(train: Windows, test: Windows, index: int) -> NDArray[Any]:
    row: NDArray[Any] = train.x[index] if index < len(train) else test.x[index - len(train)]
    return row


def _side(index: int, trained: int) -> Literal["train", "test"]:
    return "train" if index < trained else "test"

"""What somebody who holds a model, and knows zerotap and the seed, can try: which rows belong to typed words?

Each attack gives a row a score; how well the scores part typed rows from the others is an AUC, given as the
distance from guessing: 0.5 parts nothing, 1 everything, whichever way round.
"""

import numpy as np
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

_FLAT = 1e-9  # of its squared distance: less is a plane, and no chance
_CLOSE = 16  # rows that are compared with all others at a time are this share of the table


def auc(scores: np.ndarray, typed: np.ndarray) -> float:
    """0.5 to 1."""
    area = float(roc_auc_score(typed, scores))
    return max(area, 1 - area)


def attack(table: np.ndarray, typed: np.ndarray, seeded: np.ndarray) -> dict[str, float]:
    """AUC by attack on a table (rows, width), float or int8, without the padding's row.

    ``typed``: bool (rows,), the truth. ``seeded``: the table that the seed gives before training, on the
    same scale.
    """
    rows = table.astype(np.float64)
    nearest, density = _surroundings(rows)
    scores = {
        "seed: distance from what the seed gives": np.abs(rows - seeded).max(axis=1),
        "seed: likeness to what the seed gives": _likeness(rows, seeded),
        "norm": np.linalg.norm(rows, axis=1),
        "norm: distance from the mean row": np.linalg.norm(rows - rows.mean(axis=0), axis=1),
        "equality: rows that equal it": _equals(rows),
        "equality: values that equal its own": sum(_equals(column[:, None]) for column in rows.T),
        "nearest other row": nearest,
        "density around it": density,
        "plane through close rows that it lies in": _planes(rows),
    }
    return {name: auc(values, typed) for name, values in scores.items()}


def attack_two(first: np.ndarray, second: np.ndarray, typed: np.ndarray) -> dict[str, float]:
    """AUC by attack on the tables of two models of the same data: what comes out alike was trained.

    Two trainings turn the space that rows lie in; the map that fits most rows turns it back.
    """
    one, other = first.astype(np.float64), second.astype(np.float64)
    turned = np.column_stack([one, np.ones(len(one))])
    turned = turned @ np.linalg.lstsq(turned, other, rcond=None)[0]
    scores = {
        "two models: equal rows": (one == other).all(axis=1),
        "two models: distance": np.linalg.norm(one - other, axis=1),
        "two models: distance, turned": np.linalg.norm(turned - other, axis=1),
        "two models: likeness, turned": _likeness(turned, other),
    }
    return {name: auc(values, typed) for name, values in scores.items()}


def worst(aucs: dict[str, float]) -> float:
    return max(aucs.values())


def _likeness(rows: np.ndarray, seeded: np.ndarray) -> np.ndarray:
    return ((rows - rows.mean(axis=0)) * (seeded - seeded.mean(axis=0))).sum(axis=1)


def _planes(rows: np.ndarray) -> np.ndarray:
    """How far from the nearest plane through a row and those next to it, two dimensions short of all."""
    flat = np.full(len(rows), np.inf)
    if rows.shape[1] < 2:  # no plane has so few dimensions
        return np.ones(len(rows))
    _, close = cKDTree(rows).query(rows, k=min(rows.shape[1] - 1, len(rows) - 1))
    for row, near in enumerate(close):
        ways = rows - rows[row]
        basis, _ = np.linalg.qr(ways[near[1:]].T)
        lengths = (ways**2).sum(axis=1)
        out = np.maximum(lengths - ((ways @ basis) ** 2).sum(axis=1), 0) / np.maximum(lengths, 1e-30)
        out[[row, *near]] = np.inf
        flat = np.minimum(flat, out)
    return np.where(flat < _FLAT, flat, 1)


def _equals(rows: np.ndarray) -> np.ndarray:
    _, inverse, counts = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    return counts[inverse.ravel()]


def _surroundings(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The distance to the nearest other row, and how many rows lie about, each weighed by its distance."""
    parts = np.array_split(np.arange(len(rows)), _CLOSE)
    width = np.median(cdist(rows[:: max(1, len(rows) // 256)], rows)) / 4 or 1.0
    nearest, density = np.empty(len(rows)), np.empty(len(rows))
    for part in parts:
        distances = cdist(rows[part], rows)
        density[part] = np.exp(-((distances / width) ** 2)).sum(axis=1)
        distances[np.arange(len(part)), part] = np.inf
        nearest[part] = distances.min(axis=1)
    return nearest, density

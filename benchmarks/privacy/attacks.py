"""What somebody who holds a model, and knows zerotap and the seed, can try: which rows belong to typed words?

Each attack gives a row a score; how well the scores part typed rows from the others is an AUC, given as the
distance from guessing: 0.5 parts nothing, 1 everything, whichever way round.
"""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.metrics import roc_auc_score

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
    }
    return {name: auc(values, typed) for name, values in scores.items()}


def worst(aucs: dict[str, float]) -> float:
    return max(aucs.values())


def _likeness(rows: np.ndarray, seeded: np.ndarray) -> np.ndarray:
    return ((rows - rows.mean(axis=0)) * (seeded - seeded.mean(axis=0))).sum(axis=1)


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

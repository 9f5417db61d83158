"""A forest that was fitted to labels, which a row has or has not, in integers: scores are a label's votes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.features import Forest
from zerotap.features.integer_models import WHOLE_SHARE

from .merging import Tree, merged
from .scikit import tree_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


def label_forest(fitted: Any) -> Forest:  # noqa: ANN401 - scikit-learn is not typed
    """Take over a forest of scikit-learn that was fitted to 0 and 1: (n,), or (n, labels) of several.

    Each score is of a label: the sum over the trees of the share of a leaf's rows that have it.
    """
    trees = [_tree(one.tree_, _known(fitted)) for one in fitted.estimators_]
    return merged(trees, int(fitted.n_features_in_))


def label_agreement(forest: Forest, fitted: Any, x: NDArray[Any]) -> float:  # noqa: ANN401
    """Share of rows int (n, features) where the labels with half of the votes are those of ``predict``."""
    if len(x) == 0:
        return 1.0
    said = fitted.predict(x.astype(np.float32)).reshape(len(x), -1)
    given = 2 * forest.scores(x) > WHOLE_SHARE * forest.trees
    return float((given == (said == 1)).all(axis=1).mean())


def _known(fitted: Any) -> list[NDArray[np.int64]]:  # noqa: ANN401
    """Which of 0 and 1 each label was in training, in the order of the trees' values."""
    return list(fitted.classes_) if fitted.n_outputs_ > 1 else [fitted.classes_]


def _tree(tree: Any, known: list[NDArray[np.int64]]) -> Tree:  # noqa: ANN401
    shares = np.zeros((tree.node_count, len(known)), np.uint8)
    for label, values in enumerate(known):
        rows = tree.value[:, label, :].astype(np.float64)
        totals = rows.sum(axis=1)
        given = rows[:, : len(values)] @ (values == 1)
        shares[:, label] = np.rint(given / np.where(totals > 0, totals, 1) * WHOLE_SHARE).astype(np.uint8)
    return tree_of(tree, shares)

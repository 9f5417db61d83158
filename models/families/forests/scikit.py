"""A fitted forest of scikit-learn as one in integers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.errors import ModelError
from zerotap.features import Forest
from zerotap.features.integer_models import FEATURE_MOST, WHOLE_SHARE

from .merging import Tree, merged

if TYPE_CHECKING:
    from numpy.typing import NDArray

TAKEN: Final = (
    "RandomForestClassifier",
    "ExtraTreesClassifier",
    "DecisionTreeClassifier",
    "ExtraTreeClassifier",
)
AGREEMENT_LEAST: Final = 0.995


def forest_from(fitted: Any, classes: int | None = None) -> Forest:  # noqa: ANN401 - scikit-learn is not typed
    """Take a fitted RandomForestClassifier, ExtraTreesClassifier or DecisionTreeClassifier over as integers.

    For integer features within +-2^24, on which each threshold is what its floor is. The scores are the sums
    of the trees' class shares, each rounded to 1/255: their greatest is what ``predict`` gives, but for near
    ties (see ``agreement``). ``classes``: how many there are, where the labels that it was fitted to are
    0 to ``classes`` - 1 and some may be missing; None takes its ``classes_`` in their order.

    Raises ModelError for anything else, also for one that was fitted to features beyond 2^24. A pickle is
    refused: who opens one runs the code that is in it.
    """
    if isinstance(fitted, str | Path):
        raise ModelError(
            f"{fitted} is not opened, as whoever opens a pickle runs what is in it: load it yourself if you "
            "trust it, and give forest_from the fitted object"
        )
    estimators = _estimators(fitted)
    columns = _columns(fitted, classes)
    count = columns.max() + 1 if classes is None else classes
    trees = [_tree(estimator.tree_, columns, int(count)) for estimator in estimators]
    return merged(trees, int(fitted.n_features_in_))


def agreement(forest: Forest, fitted: Any, x: NDArray[Any]) -> float:  # noqa: ANN401
    """Share of rows int (n, features) where the forest's best class is that of ``fitted.predict``.

    Its classes are ``classes_`` in their order, or labels from 0 on of which ``fitted`` knows some. Raises
    ModelError for rows that the forest does not take.
    """
    best = forest.scores(x).argmax(axis=1)
    if len(x) == 0:
        return 1.0
    known = np.asarray(fitted.classes_)
    said = fitted.predict(x.astype(np.float32))
    wanted = np.searchsorted(known, said) if len(known) == forest.classes else said
    return float((best == wanted).mean())


def _estimators(fitted: Any) -> list[Any]:  # noqa: ANN401
    name = type(fitted).__name__
    is_ours = type(fitted).__module__.partition(".")[0] == "sklearn"
    if not is_ours or name not in TAKEN:
        raise ModelError(
            f"a {name} is no forest that can be taken over: give a fitted one of {', '.join(TAKEN)}"
        )
    estimators = getattr(fitted, "estimators_", None)
    found = [fitted] if estimators is None else list(estimators)
    if not all(hasattr(estimator, "tree_") for estimator in found) or not found:
        raise ModelError(f"this {name} is not fitted: call its fit() first")
    if fitted.n_outputs_ != 1:
        raise ModelError(f"this {name} has {fitted.n_outputs_} outputs: fit one of them at a time")
    return found


def _columns(fitted: Any, classes: int | None) -> NDArray[np.int64]:  # noqa: ANN401
    """The class that each column of the trees' values is of."""
    labels = np.asarray(fitted.classes_)
    if classes is None:
        return np.arange(len(labels))
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ModelError(
            f"the forest was fitted to labels other than 0 to {classes - 1}: leave the number of classes out"
        )
    return labels.astype(np.int64)


def _tree(tree: Any, columns: NDArray[np.int64], classes: int) -> Tree:  # noqa: ANN401
    values = tree.value[:, 0, :].astype(np.float64)
    totals = values.sum(axis=1, keepdims=True)
    shares = np.zeros((len(values), classes), np.uint8)
    parts = values / np.where(totals > 0, totals, 1)
    shares[:, columns] = np.rint(parts * WHOLE_SHARE).astype(np.uint8)
    return tree_of(tree, shares)


def tree_of(tree: Any, shares: NDArray[np.uint8]) -> Tree:  # noqa: ANN401
    """A fitted tree's splits as integers, with what each of its nodes gives, uint8 (nodes, scores)."""
    return Tree(
        tree.feature.astype(np.int64),
        _floors(tree),
        tree.children_left.astype(np.int64),
        tree.children_right.astype(np.int64),
        shares,
    )


def _floors(tree: Any) -> NDArray[np.int64]:  # noqa: ANN401
    """The thresholds of splits as integers; raises ModelError for one that no feature comes up to."""
    asked = tree.threshold[tree.children_left >= 0]
    # scikit-learn's threshold between a missing value and any other is infinite: integers are all below it.
    beyond = np.isfinite(asked) & (np.abs(asked) > FEATURE_MOST)
    if beyond.any():
        raise ModelError(
            f"the forest asks whether a feature is at most {asked[beyond][0]:g}, and features are integers "
            "within +-2^24: fit it to smaller ones"
        )
    floors: NDArray[np.int64] = np.clip(np.floor(tree.threshold), -FEATURE_MOST - 1, FEATURE_MOST).astype(
        np.int64
    )
    return floors

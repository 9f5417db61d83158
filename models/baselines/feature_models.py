"""The desktop's models of features: a random forest and a support vector machine, from scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .texts import margins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Windows

TREES: Final = 300
MOST_SVM_WINDOWS: Final = 5000
"""An SVM's time grows with the square of what it is fitted to: of more windows so many are drawn."""


def forest_outputs(train: Windows, test: Windows, seed: int) -> NDArray[Any]:
    """The share of each class among the trees, float64 (n, classes), for the windows of ``test``."""
    from sklearn.ensemble import RandomForestClassifier

    forest = RandomForestClassifier(TREES, random_state=seed, n_jobs=-1, class_weight="balanced")
    shares: NDArray[Any] = forest.fit(flat(train), train.y).predict_proba(flat(test))
    return shares


def svm_outputs(train: Windows, test: Windows, seed: int) -> NDArray[Any]:
    """Margins float64 (n, classes) of an SVM with radial kernel on standardised features."""
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    from sklearn.svm import SVC

    chosen = np.random.default_rng(seed).permutation(len(train))[:MOST_SVM_WINDOWS]
    svm = make_pipeline(StandardScaler(), SVC(C=10, class_weight="balanced", random_state=seed))
    return margins(svm.fit(flat(train)[chosen], train.y[chosen]).decision_function(flat(test)))


def flat(windows: Windows) -> NDArray[np.float32]:
    """A row of features a window."""
    return windows.x.reshape(len(windows), -1).astype(np.float32)

"""Logistic regression on features: scikit-learn fits it, the board has one layer.

Cox (The regression analysis of binary sequences, 1958), with as many logits as classes. Features are
standardised first, so that one penalty suits them all; that is folded into the weights. How strong it is,
folds of the training side say, by recording. The first to try on features of a sensor's windows: it is
fitted in seconds, and what it weighs can be read.

Shape: features -> Dense of the outputs.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 1,280 B, 342 B, 851
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.features import Pipeline, Windows
from zerotap.models.families.family import FitSettings, FittedSpec, Space, Variants
from zerotap.models.families.space import Ask, as_windows, drawn_windows
from zerotap.models.label_targets import Labels
from zerotap.models.scaling import model_input

if TYPE_CHECKING:
    import keras
    from numpy.typing import NDArray
    from sklearn.linear_model import LogisticRegression

_STRENGTHS: Final = (0.01, 0.1, 1.0, 10.0)  # of the fit against the penalty, scikit-learn's C
_FOLDS: Final = 4
_ITERATIONS: Final = 2000
_NEVER: Final = 8.0  # logits below the others: a class without a window


def fit(windows: Windows, classes: int, seed: int, settings: FitSettings) -> keras.Model:
    """Fit features (n, ...): a network of float32 in, 0 to 1 as model_input gives, logits (outputs,) out."""
    x = model_input(windows.x).reshape(len(windows), -1)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation[deviation == 0] = 1
    standard = replace(windows, x=(x - mean) / deviation)
    if settings.labels is None:
        weights, bias = _by_class(_fitted(standard, settings.class_weights[windows.y], seed), classes)
    else:
        weights, bias = _by_label(standard, settings.labels, seed)
    return _dense(windows.x.shape[1:], weights / deviation, bias - (weights * mean / deviation).sum(axis=1))


def _fitted(windows: Windows, weights: NDArray[np.float64], seed: int) -> LogisticRegression:
    """Fit standardised windows, each of which weighs as ``weights`` (n,) says."""
    return _regression(_best_strength(windows, weights, seed)).fit(windows.x, windows.y, weights)


def _regression(strength: float) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=strength, max_iter=_ITERATIONS)


def _best_strength(windows: Windows, weights: NDArray[np.float64], seed: int) -> float:
    """The strength with the best macro-F1 on folds; 1 where there are too few recordings for them."""
    from sklearn.metrics import f1_score

    x, y = windows.x, windows.y
    parts = _folds(windows, seed)
    found = []
    for strength in _STRENGTHS if parts else ():
        verdicts = np.empty_like(y)
        for learnt, held in parts:
            fitted = _regression(strength).fit(x[learnt], y[learnt], weights[learnt])
            verdicts[held] = fitted.predict(x[held])
        found.append(f1_score(y, verdicts, average="macro", zero_division=0))
    return _STRENGTHS[int(np.argmax(found))] if found else 1.0


def _folds(windows: Windows, seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Which windows each fold learns from and holds out: by group where there are such, or by recording.

    None at all where a fold would have a class alone to learn from.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    y = windows.y
    for whole in (windows.kin, windows.groups):
        if whole is None:
            continue
        counts = [len(np.unique(whole[y == label])) for label in np.unique(y)]
        if min(counts) < 2:
            continue
        folds = StratifiedGroupKFold(min(_FOLDS, *counts), shuffle=True, random_state=seed)
        parts = list(folds.split(windows.x, y, whole))
        if all(len(np.unique(y[learnt])) == len(counts) for learnt, _ in parts):
            return parts
    return []


def _by_label(windows: Windows, labels: Labels, seed: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (labels, features) and bias (labels,), each label by itself; what all or none have is sure."""
    rows, biases = np.zeros((labels.outputs, windows.x.shape[1])), np.zeros(labels.outputs)
    for number, truth in enumerate(labels.truths.T):
        if truth.all() or not truth.any():
            biases[number] = _NEVER if truth.any() else -_NEVER
            continue
        alone = replace(windows, y=truth.astype(np.int64))
        fitted = _fitted(alone, labels.weights[:, number], seed)
        rows[number], biases[number] = fitted.coef_[0], fitted.intercept_[0]
    return rows, biases


def _by_class(fitted: LogisticRegression, classes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weights (classes, features) and bias (classes,); of two classes scikit-learn gives the difference."""
    weights, bias = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:
        weights, bias = np.concatenate([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    every, biases = np.zeros((classes, weights.shape[1])), np.full(classes, bias.min() - _NEVER)
    every[fitted.classes_], biases[fitted.classes_] = weights, bias
    return every, biases


def _dense(shape: tuple[int, ...], weights: NDArray[np.float64], bias: NDArray[np.float64]) -> keras.Model:
    import keras
    from keras import layers

    window = keras.Input(shape, name="window")
    outputs = layers.Dense(len(weights))
    model = keras.Model(window, outputs(layers.Flatten()(window)), name="linear")
    outputs.set_weights([weights.T, bias])
    return model


def _blank(pipeline: Pipeline, classes: int) -> keras.Model:
    weights = np.zeros((classes, pipeline.signals[-1].size))
    return _dense(pipeline.input_shape, weights, np.zeros(classes))


_PLAIN: Final = FittedSpec(
    "linear",
    fit,
    Pipeline.raw("linear", length=12, hop=4),
    statistics=("mean", "deviation", "min", "max"),
    blank=_blank,
)


def _windows(ask: Ask) -> Pipeline:
    return Pipeline.raw("linear", *drawn_windows(ask, (6, 12, 24, 48)))


SPEC: Final[FittedSpec] = replace(
    _PLAIN,
    about=__doc__,
    variants=Variants(space=Space(lambda _ask: _PLAIN, _windows, {"default": as_windows(12, 0.33)})),
)

"""Logistic regression on features: scikit-learn fits it, the board has one layer.

Cox (The regression analysis of binary sequences, 1958), with as many logits as classes. Features are
standardised first, so that one penalty suits them all; that is folded into the weights. How strong it is,
folds of the training side say, by recording. The first to try on features of a sensor's windows: it is
fitted in seconds, and what it weighs can be read.

Shape: features -> Dense of the outputs.

Cost of two classes (flash, RAM with stack, cycles), by the plan:

- default: 1,280 B, 198 B, 1,200
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.features import Pipeline, Windows
from zerotap.models.families.family import FitSettings, FittedSpec, Space, Variants
from zerotap.models.families.space import Ask, as_windows, drawn_windows
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
    """Fit features (n, ...): a network of float32 in, 0 to 1 as model_input gives, logits (classes,) out."""
    x = model_input(windows.x).reshape(len(windows), -1)
    mean, deviation = x.mean(axis=0), x.std(axis=0)
    deviation[deviation == 0] = 1
    standard = (x - mean) / deviation
    strength = _best_strength(standard, windows, seed, settings)
    fitted = _regression(strength, windows.y, settings).fit(standard, windows.y)
    weights, bias = _by_class(fitted, classes)
    return _dense(windows.x.shape[1:], weights / deviation, bias - (weights * mean / deviation).sum(axis=1))


def _regression(strength: float, y: NDArray[np.int64], settings: FitSettings) -> LogisticRegression:
    from sklearn.linear_model import LogisticRegression

    weights = {label: float(settings.class_weights[label]) for label in np.unique(y).tolist()}
    return LogisticRegression(C=strength, class_weight=weights, max_iter=_ITERATIONS)


def _best_strength(x: NDArray[np.float32], windows: Windows, seed: int, settings: FitSettings) -> float:
    """The strength with the best macro-F1 on folds by recording; 1 where there are too few recordings."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

    recordings = [len(np.unique(windows.groups[windows.y == label])) for label in np.unique(windows.y)]
    if min(recordings) < 2:
        return 1.0
    folds = StratifiedGroupKFold(min(_FOLDS, *recordings), shuffle=True, random_state=seed)
    found = []
    for strength in _STRENGTHS:
        model = _regression(strength, windows.y, settings)
        verdicts = cross_val_predict(model, x, windows.y, groups=windows.groups, cv=folds)
        found.append(f1_score(windows.y, verdicts, average="macro", zero_division=0))
    return _STRENGTHS[int(np.argmax(found))]


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

"""Macro-F1 of margins, and the bias with which it is best on texts that were held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SMOOTHED: Final = 100
"""The quality of a threshold is the mean over a hundredth of all: the best is less of a chance."""
_TRIED: Final = 41
_ROUNDS: Final = 2


def chosen(margins: NDArray[Any]) -> NDArray[np.int64]:
    """The class of margins (n, columns): of one column the second where it is above 0."""
    return (margins[:, 0] > 0).astype(np.int64) if margins.shape[1] == 1 else margins.argmax(axis=1)


def macro_f1(margins: NDArray[Any], y: NDArray[np.int64]) -> float:
    """The mean F1 of the classes that occur in ``y`` or are said."""
    classes = max(2, margins.shape[1])
    pairs = np.bincount(y * classes + chosen(margins), minlength=classes * classes)
    table = pairs.reshape(classes, classes)
    true, said = table.sum(axis=1), table.sum(axis=0)
    occurs = true + said > 0
    return float((2 * np.diag(table)[occurs] / (true + said)[occurs]).mean())


def f1_of_labels(said: NDArray[np.bool_], truths: NDArray[np.bool_], *, both: bool = False) -> float:
    """The mean F1 of labels that are said or true of any text, bool (n, labels) both.

    With ``both`` an F1 too of having none of a label.
    """
    if both:
        said, truths = np.hstack([~said, said]), np.hstack([~truths, truths])
    counted = said.sum(axis=0) + truths.sum(axis=0)
    occurs = counted > 0
    hits = 2 * (said & truths).sum(axis=0)
    return float((hits[occurs] / counted[occurs]).mean()) if occurs.any() else 1.0


def best_bias(margins: NDArray[np.float64], y: NDArray[np.int64]) -> NDArray[np.float64]:
    """What to add to each column (columns,) for the best macro-F1 on ``y``; zeros where one class is all."""
    if len(np.unique(y)) < 2:
        return np.zeros(margins.shape[1])
    if margins.shape[1] == 1:
        return np.array([-threshold(margins[:, 0], y == 1)])
    bias = np.zeros(margins.shape[1])
    for _ in range(_ROUNDS):
        for column in range(len(bias)):
            bias = _one_moved(margins, y, bias, column)
    return bias


def _one_moved(
    margins: NDArray[np.float64], y: NDArray[np.int64], bias: NDArray[np.float64], column: int
) -> NDArray[np.float64]:
    """The best of steps of one column's bias: of equals the one in the middle."""
    steps = np.linspace(-0.5, 0.5, _TRIED) * margins[:, column].std()
    tried = [bias + step * (np.arange(len(bias)) == column) for step in steps]
    quality = np.convolve([macro_f1(margins + each, y) for each in tried], [0.25, 0.5, 0.25], "same")
    inner = slice(1, -1)
    best: NDArray[np.float64] = tried[1 + int(np.argmax(quality[inner] - 1e-6 * np.abs(steps[inner])))]
    return best


def threshold(margins: NDArray[np.float64], truth: NDArray[np.bool_], *, both: bool = True) -> float:
    """Above which ``truth`` (n,) is said: where its F1, smoothed along thresholds, is best.

    With ``both`` the mean of its F1 and of that of its opposite.
    """
    order = np.argsort(margins, kind="stable")
    count, positives = len(truth), int(truth.sum())
    said = count - np.arange(count + 1)
    hits = positives - np.concatenate([[0], np.cumsum(truth[order])])
    quality = hits / np.maximum(said + positives, 1)
    if both:
        refused = count - said - (positives - hits)
        quality = quality + refused / np.maximum(2 * count - said - positives, 1)
    width = min(len(quality), max(1, count // _SMOOTHED) | 1)
    smooth = np.convolve(np.pad(quality, width // 2, mode="edge"), np.full(width, 1 / width), "valid")
    best = int(np.argmax(smooth))
    ordered = np.concatenate([margins[order][:1] - 1, margins[order], margins[order][-1:] + 1])
    return float((ordered[best] + ordered[best + 1]) / 2)

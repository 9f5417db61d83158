"""Columns of weights: a linear SVM a class on counts that IDF or the NB ratio scales, folded in again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .counts import Counts
    from .targets import Targets

Scaling = Literal["idf", "nb"]
_NB_SMOOTHING: Final = 1.0
_PASSES: Final = 2000


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one column is fitted: its scaling, C, and whether texts are divided by the root of their length."""

    scaling: Scaling
    c: float
    by_root: bool


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """``weights`` float64 (buckets, columns) and ``bias`` (columns,): scores are sums, and bias x length."""

    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    by_root: bool

    def margins(self, counts: Counts) -> NDArray[np.float64]:
        """Scores divided by the length, float64 (n, columns): of the same size for short and long texts."""
        sums: NDArray[np.float64] = counts.matrix @ self.weights
        return sums / counts.lengths(by_root=self.by_root)[:, None] + self.bias

    def times(self, factors: NDArray[np.float64]) -> Columns:
        """Each column times a factor."""
        return Columns(self.weights * factors, self.bias * factors, self.by_root)

    def plus(self, other: Columns) -> Columns:
        """The sum of two, of one kind of length."""
        return Columns(self.weights + other.weights, self.bias + other.bias, self.by_root)

    def moved(self, bias: NDArray[np.float64]) -> Columns:
        """With so much more bias."""
        return Columns(self.weights, self.bias + bias, self.by_root)


def fit_columns(counts: Counts, targets: Targets, recipe: Recipe, seed: int, tolerance: float) -> Columns:
    """Fit a column a class against the rest, of two classes one for the second; or one a label.

    Each is scaled so that the margins of the texts it was fitted to deviate by 1.
    """
    wanted = map(targets.column, range(targets.columns))
    fitted = [_column(counts, is_of, weights, recipe, seed, tolerance) for is_of, weights in wanted]
    weights, bias = zip(*fitted, strict=True)
    columns = Columns(np.column_stack(weights), np.array(bias), recipe.by_root)
    deviations = columns.margins(counts).std(axis=0)
    return columns.times(1 / np.maximum(deviations, 1e-9))


def _column(
    counts: Counts,
    is_of: NDArray[np.bool_],
    text_weights: NDArray[np.float64],
    recipe: Recipe,
    seed: int,
    tolerance: float,
) -> tuple[NDArray[np.float64], float]:
    """Weights (buckets,) and bias of one class; zeros where all texts or none are of it."""
    from scipy.sparse import diags
    from sklearn.svm import LinearSVC

    if is_of.all() or not is_of.any():
        return np.zeros(counts.matrix.shape[1]), 1.0 if is_of.all() else -1.0
    scales = inverse_frequencies(counts) if recipe.scaling == "idf" else log_ratios(counts, is_of)
    scaled = diags(1 / counts.lengths(by_root=recipe.by_root)) @ counts.matrix @ diags(scales)
    # The texts' mean norm is 1, so that a C means the same for each scaling and data set.
    norm = float(np.sqrt(scaled.multiply(scaled).sum(axis=1)).mean()) or 1.0
    machine = LinearSVC(C=recipe.c, tol=tolerance, max_iter=_PASSES, random_state=seed)
    machine.fit(scaled / norm, is_of, sample_weight=text_weights)
    return machine.coef_[0] * scales / norm, float(machine.intercept_[0])


def inverse_frequencies(counts: Counts) -> NDArray[np.float64]:
    """IDF of each bucket (Spaerck Jones 1972), smooth, at least 1: float64 (buckets,)."""
    frequencies: NDArray[np.float64] = np.log((1 + len(counts)) / (1 + counts.texts_with)) + 1
    return frequencies


def log_ratios(counts: Counts, is_of: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The NB log-count ratio of each bucket (Wang and Manning 2012), by texts that have it: (buckets,)."""
    within = counts.rows(np.flatnonzero(is_of)).texts_with + _NB_SMOOTHING
    without = counts.rows(np.flatnonzero(~is_of)).texts_with + _NB_SMOOTHING
    ratios: NDArray[np.float64] = np.log((within / within.sum()) / (without / without.sum()))
    return ratios

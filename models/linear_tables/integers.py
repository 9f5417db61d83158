"""Columns in integers: int8, or sixteen levels, whichever decides as the float columns do for less."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.features.integer_models import BIAS_MOST, LEVELS, ROOT_BIAS_MOST, LinearTable

from .choosing import Fold, Side, held_out_margins

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .columns import Columns

_MOST: Final = 127
_INT8_BITS: Final = 8
_CLIPS: Final = (1.0, 0.9999, 0.999)
"""Shares of the weights that are not cut."""
_ROUNDS: Final = 30
_SCALES: Final = 10.0 ** np.linspace(-2, 2, 81)


@dataclass(frozen=True, slots=True)
class Form:
    """How weights become integers: which share of them is not cut, and their bits, 8 or 4.

    ``by_label``: each column is an output of its own.
    """

    clip: float = 1.0
    bits: int = _INT8_BITS
    by_label: bool = False

    def table(self, columns: Columns, like: Columns | None = None) -> LinearTable:
        """The columns as a table; its scale is that of the float columns.

        Steps and levels are those that suit ``like``, where given: decoys have no say in them.
        """
        like = like or columns
        step = _step(like, self.clip)
        bias = np.rint(columns.bias / step * (16 if columns.by_root else 1)).astype(np.int32)
        weights = _int8(columns, step)
        scale = float(np.float32(step))
        table = LinearTable(weights, bias, len(weights), columns.by_root, scale=scale, by_label=self.by_label)
        return table if self.bits == _INT8_BITS else by_levels(table, levels_of(_int8(like, step)))


def choose_form(side: Side, folds: list[Fold], bits: int | None = None) -> Form:
    """By held-out texts: int8 as near to the float columns as can be, 4 bits where they lose nothing.

    ``bits``: so many whatever they lose, None where that is to be found.
    """
    targets = side.targets
    if not folds:
        return Form(bits=bits or _INT8_BITS, by_label=targets.by_label)
    wanted = targets.said(held_out_margins(side, folds))
    forms = [Form(clip, by_label=targets.by_label) for clip in _CLIPS]
    scores = {form: held_out_scores(side, folds, form) for form in forms}
    best = max(scores, key=lambda form: (targets.said(scores[form]) == wanted).sum())
    if bits is not None:
        return replace(best, bits=bits)
    small = replace(best, bits=4)
    loses = targets.quality(held_out_scores(side, folds, small)) < targets.quality(scores[best])
    return best if loses else small


def calibrated(table: LinearTable, side: Side, folds: list[Fold], form: Form) -> LinearTable:
    """Give ``table`` the scale that makes margins of held-out texts logits: the least log loss."""
    if not folds:
        return table
    held = held_out_scores(side, folds, form)
    best = min(_SCALES, key=lambda scale: side.targets.log_loss(held * scale))
    return replace(table, scale=float(np.float32(best * table.scale)))


def levels_of(weights: NDArray[np.int8]) -> NDArray[np.int8]:
    """Sixteen levels for weights, ascending, with the least squared error about (Lloyd 1982)."""
    values, counts = np.unique(weights, return_counts=True)
    levels = np.quantile(values, (np.arange(LEVELS) + 0.5) / LEVELS)
    for _ in range(_ROUNDS):
        nearest = np.abs(values[:, None] - levels).argmin(axis=1)
        held = np.bincount(nearest, counts, LEVELS)
        sums = np.bincount(nearest, counts * values.astype(np.float64), LEVELS)
        levels = np.where(held > 0, sums / np.maximum(held, 1), levels)
    return np.sort(np.rint(levels)).astype(np.int8)


def by_levels(table: LinearTable, levels: NDArray[np.int8]) -> LinearTable:
    """The same table with the nearest of sixteen levels in place of each weight."""
    codes = np.abs(np.arange(-_MOST, _MOST + 1)[:, None] - levels.astype(np.int16)).argmin(axis=1)
    cells = codes[table.weights.ravel().astype(np.int16) + _MOST].astype(np.uint8)
    pairs = np.pad(cells, (0, len(cells) % 2)).reshape(-1, 2)
    return replace(table, weights=pairs[:, 0] | pairs[:, 1] << 4, codebook=levels)


def _int8(columns: Columns, step: float) -> NDArray[np.int8]:
    return np.clip(np.rint(columns.weights / step), -_MOST, _MOST).astype(np.int8)


def _step(columns: Columns, clip: float) -> float:
    """What one step of a weight is worth: the bias has to be in range too."""
    most = float(np.quantile(np.abs(columns.weights), clip)) or float(np.abs(columns.weights).max())
    of_bias = ROOT_BIAS_MOST / 16 if columns.by_root else BIAS_MOST
    least = float(np.abs(columns.bias).max()) / (of_bias - 1)
    return max(most / _MOST, least, 1e-9)


def held_out_scores(side: Side, folds: list[Fold], form: Form) -> NDArray[np.float64]:
    """What integers make of texts (n, columns), each by columns that did not see it, times their step."""
    scores = np.empty((len(side), side.targets.columns))
    for fold in folds:
        table, counts = form.table(fold.columns), side.counts.rows(fold.held)
        sums = counts.matrix @ table.rows().astype(np.float64)
        scores[fold.held] = (sums + table.begins(counts.sizes)) * table.scale
    return scores

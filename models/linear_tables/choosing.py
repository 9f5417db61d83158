"""Which recipe, and which mixture of two, is best on folds of the training side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from .columns import Columns, Recipe, fit_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .counts import Counts
    from .targets import Targets

FOLDS: Final = (5, 3)
"""Of few texts and of many."""
_MANY: Final = 8000
COSTS: Final = (0.03, 0.1, 0.3, 1.0, 3.0)
"""C of the machines, from the middle on while it gets better."""
RECIPES_MOST: Final = 2 * len(COSTS)
"""That are tried."""
SHARES: Final = (0.0, 0.3, 0.5, 0.7, 1.0)
"""Of IDF's column in the mixture."""
_ROUGH: Final = 0.1
_FINE: Final = 0.01
_MIDDLE: Final = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Training texts: their counts, what is true of each, and the seed of folds and fits.

    ``kin`` int64 (n,): texts of one number are of one group, which no fold divides; None where there is none.
    """

    counts: Counts
    targets: Targets
    seed: int
    kin: NDArray[np.int64] | None = None

    def rows(self, chosen: NDArray[np.int64]) -> Side:
        """Some texts."""
        kin = None if self.kin is None else self.kin[chosen]
        return Side(self.counts.rows(chosen), self.targets.rows(chosen), self.seed, kin)

    def fit(self, recipe: Recipe, tolerance: float = _FINE) -> Columns:
        """Fit to all of them."""
        return fit_columns(self.counts, self.targets, recipe, self.seed, tolerance)

    def __len__(self) -> int:
        return len(self.counts)


@dataclass(frozen=True, slots=True)
class Mixture:
    """``share`` of IDF's columns and the rest of NB's; what has no share is not fitted."""

    nb: Recipe
    idf: Recipe
    share: float

    def of(self, nb: Columns, idf: Columns) -> Columns:
        """Mix columns."""
        one = np.ones(len(nb.bias))
        return nb.times(one * (1 - self.share)).plus(idf.times(one * self.share))

    def fit(self, side: Side) -> Columns:
        """Fit what has a share to all texts."""
        if self.share in (0, 1):
            return side.fit(self.idf if self.share else self.nb)
        return self.of(side.fit(self.nb), side.fit(self.idf))


@dataclass(frozen=True, slots=True, eq=False)
class Fold:
    """Columns that were fitted without the texts ``held``, int64 (k,)."""

    held: NDArray[np.int64]
    columns: Columns


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What was chosen, the ``bias`` (columns,) to add, and the folds, which have it: none of few texts."""

    mixture: Mixture
    bias: NDArray[np.float64]
    folds: list[Fold]


def choose(side: Side, tell: Callable[[int], None]) -> Choice:
    """Choose on stratified folds; the middle of everything where a class has too few texts for that."""
    folds = _folds(side)
    if not folds:
        nb, idf = Recipe("nb", _MIDDLE, True), Recipe("idf", _MIDDLE, True)
        return Choice(Mixture(nb, idf, 0.5), np.zeros(side.targets.columns), [])
    trials = _Trials(side, folds, tell)
    nb = trials.climbed(max((Recipe("nb", _MIDDLE, root) for root in (True, False)), key=trials.of))
    idf = trials.climbed(Recipe("idf", _MIDDLE, nb.by_root))
    mixtures = [Mixture(nb, idf, share) for share in SHARES]
    best = max(mixtures, key=lambda mixture: trials.quality(trials.mixed(mixture)))
    mixed = trials.mixed(best)
    bias = side.targets.best_bias(trials.margins(mixed))
    return Choice(best, bias, [Fold(fold.held, fold.columns.moved(bias)) for fold in mixed])


class _Trials:
    """What recipes come to on folds; each is fitted once."""

    def __init__(self, side: Side, folds: list[NDArray[np.int64]], tell: Callable[[int], None]) -> None:
        self._side, self._tell, self._known = side, tell, dict[Recipe, list[Fold]]()
        everything = np.arange(len(side))
        self._parts = [(side.rows(np.setdiff1d(everything, held)), held) for held in folds]

    def fitted(self, recipe: Recipe) -> list[Fold]:
        """Each fold's columns by a recipe."""
        if recipe not in self._known:
            self._known[recipe] = [Fold(held, rest.fit(recipe, _ROUGH)) for rest, held in self._parts]
            self._tell(len(self._known))
        return self._known[recipe]

    def of(self, recipe: Recipe) -> float:
        """What a recipe comes to."""
        return self.quality(self.fitted(recipe))

    def climbed(self, recipe: Recipe) -> Recipe:
        """The recipe with the C next to it, and next to that, as long as it is better."""
        best, middle = recipe, COSTS.index(recipe.c)
        for further in (COSTS[middle + 1 :], COSTS[:middle][::-1]):
            for cost in further:
                if self.of(replace(recipe, c=cost)) <= self.of(best):
                    break
                best = replace(recipe, c=cost)
            if best != recipe:
                break
        return best

    def mixed(self, mixture: Mixture) -> list[Fold]:
        """Each fold's columns by a mixture of recipes that were fitted."""
        pairs = zip(self.fitted(mixture.nb), self.fitted(mixture.idf), strict=True)
        return [Fold(nb.held, mixture.of(nb.columns, idf.columns)) for nb, idf in pairs]

    def margins(self, folds: list[Fold]) -> NDArray[np.float64]:
        """Margins (n, columns) of all texts, each by columns that did not see it."""
        return held_out_margins(self._side, folds)

    def quality(self, folds: list[Fold]) -> float:
        """What the verdicts are worth with the bias that suits."""
        margins, targets = self.margins(folds), self._side.targets
        return targets.quality(margins + targets.best_bias(margins))


def held_out_margins(side: Side, folds: list[Fold]) -> NDArray[np.float64]:
    """Margins (n, columns) of all texts, each by columns that did not see it."""
    margins = np.empty((len(side), side.targets.columns))
    for fold in folds:
        margins[fold.held] = fold.columns.margins(side.counts.rows(fold.held))
    return margins


def _folds(side: Side) -> list[NDArray[np.int64]]:
    """The texts that each fold holds out; none where a class has too few for that, or there is one class."""
    from sklearn.model_selection import StratifiedKFold

    strata = side.targets.strata
    counts = np.bincount(strata)
    folds = min(FOLDS[len(side) > _MANY], int(counts[counts > 0].min()))
    if (counts > 0).sum() < 2 or folds < 2:
        return []
    if side.kin is not None and (whole := _whole_groups(strata, side.kin, folds, side.seed)):
        return whole
    parts = StratifiedKFold(folds, shuffle=True, random_state=side.seed)
    return [held for _, held in parts.split(np.zeros(len(side)), strata)]


def _whole_groups(
    strata: NDArray[np.int64], kin: NDArray[np.int64], folds: int, seed: int
) -> list[NDArray[np.int64]]:
    """Folds that divide no group; none where these would leave a class nothing to be fitted to."""
    from sklearn.model_selection import StratifiedGroupKFold

    count = min(folds, len(np.unique(kin)))
    if count < 2:
        return []
    parts = StratifiedGroupKFold(count, shuffle=True, random_state=seed).split(strata, strata, kin)
    found = [(strata[rest], held) for rest, held in parts]
    return [held for _, held in found] if all(set(strata) == set(rest) for rest, _ in found) else []

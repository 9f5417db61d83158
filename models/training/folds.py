"""Folds: cross-validation within the training side, by whole recordings; each is scored by others' model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import ModelError
from zerotap.models.evaluation.scores import Scores
from zerotap.models.evaluation.scoring import score
from zerotap.models.networks import network_outputs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Windows
    from zerotap.models.evaluation.readings import Reading

    from .one_fit import Fitter
    from .settings import TrainingSettings


@dataclass(frozen=True, slots=True, eq=False)
class OutOfFold:
    """What models that did not learn from a window say of it: ``outputs`` (n, outputs), ``fold`` int (n,).

    In the order of ``windows``, the training side's: thresholds are chosen by these. ``meaning`` says
    what the outputs are, as of a ``Fit``.
    """

    windows: Windows
    outputs: NDArray[np.floating[Any]]
    fold: NDArray[np.int64]
    meaning: str

    def scores(self, reading: Reading) -> list[Scores]:
        """The scores of each fold, its outputs read so."""
        parts = [self.fold == number for number in range(int(self.fold.max()) + 1)]
        return [score(self.outputs[part], subset(self.windows, part), reading) for part in parts]


def out_of_fold(fitter: Fitter, windows: Windows, settings: TrainingSettings, folds: int) -> OutOfFold:
    """Train ``folds`` models, each on the windows of the other folds, and let it score its own.

    Raises ModelError for fewer than two folds, or more than a class has windows.
    """
    strata = fitter.head_of(settings).strata(windows.y)
    fold = fold_numbers(replace(windows, y=strata), folds, settings.seed)
    parts = []
    for number in range(folds):
        mine = fold == number
        fitter.on_progress(f"fold {number + 1} of {folds}", number, folds)
        fit = fitter.fit(subset(windows, ~mine), settings)
        parts.append(network_outputs(fit.network, windows.x[mine]))
    outputs = np.empty((len(windows), *parts[0].shape[1:]), parts[0].dtype)
    for number, part in enumerate(parts):
        outputs[fold == number] = part
    return OutOfFold(windows, outputs, fold, fit.meaning)


def subset(windows: Windows, chosen: NDArray[np.bool_]) -> Windows:
    """The windows that are ``chosen``, bool (n,)."""
    kin = None if windows.kin is None else windows.kin[chosen]
    return type(windows)(windows.x[chosen], windows.y[chosen], windows.groups[chosen], kin)


def fold_numbers(windows: Windows, folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each window, int64 (n,), 0 to ``folds`` - 1: each class's recordings dealt out by ``seed``.

    Recordings of equal windows are in one fold; so are those of one group where the dataset has groups, if
    that leaves each class something to train on. The windows of a class that has fewer recordings
    than there are folds are dealt out in blocks of time. Raises ModelError where a class has too few of them.
    """
    if folds < _FEWEST:
        raise ModelError(f"{folds} folds leave nothing to train on or to score: give {_FEWEST} or more")
    rng = np.random.default_rng(seed)
    contents = _contents(windows)
    for kin in () if windows.kin is None else (_joined(windows.kin, contents), windows.kin):
        if (by_kin := _by_kin(kin, windows.y, folds, rng)) is not None:
            return by_kin
    fold = np.zeros(len(windows), np.int64)
    for label in np.unique(windows.y).tolist():
        of_class = np.flatnonzero(windows.y == label)
        if len(of_class) < folds:
            raise ModelError(f"a class has {len(of_class)} windows, too few for {folds} folds: give fewer")
        found = rng.permutation(np.unique(contents[of_class]))
        if len(found) < folds:
            fold[of_class] = np.arange(len(of_class)) * folds // len(of_class)
            continue
        place = np.empty(contents.max() + 1, np.int64)
        place[found] = np.arange(len(found)) % folds
        fold[of_class] = place[contents[of_class]]
    return fold


_FEWEST = 2


def _by_kin(
    kin: NDArray[np.int64], y: NDArray[np.int64], folds: int, rng: np.random.Generator
) -> NDArray[np.int64] | None:
    """Deal out whole groups; None where some fold would be empty, or leave a class nothing to train on."""
    names, member = np.unique(kin, return_inverse=True)
    fold: NDArray[np.int64] = rng.permutation(np.arange(len(names)) % folds)[member]
    counts = np.zeros((folds, int(y.max(initial=0)) + 1), np.int64)
    np.add.at(counts, (fold, y), 1)
    present = counts.sum(axis=0) > 0
    is_whole = counts.sum(axis=1).all() and (counts.sum(axis=0) > counts)[:, present].all()
    return fold if is_whole else None


def _joined(kin: NDArray[np.int64], contents: NDArray[np.int64]) -> NDArray[np.int64]:
    """Groups that share content are one, int64 (n,)."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names, group = np.unique(kin, return_inverse=True)
    count = len(names) + int(contents.max(initial=-1)) + 1
    links = coo_array((np.ones(len(kin), bool), (group, len(names) + contents)), shape=(count, count))
    joined: NDArray[np.int64] = connected_components(links, directed=False)[1][group].astype(np.int64)
    return joined


def _contents(windows: Windows) -> NDArray[np.int64]:
    """A number for the content of each window's recording, int64 (n,): equal ones have the same."""
    digests = {}
    for group in np.unique(windows.groups):
        mine = np.ascontiguousarray(windows.x[windows.groups == group])
        digests[group] = blake2b(mine.data, digest_size=16).digest()
    numbers = {digest: number for number, digest in enumerate(dict.fromkeys(digests.values()))}
    return np.array([numbers[digests[group]] for group in windows.groups], np.int64)

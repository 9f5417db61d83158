"""What says when to stop: windows of the training side that nothing is learnt from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Windows

VALIDATION_FRACTION: Final = 0.15


def validation_mask(windows: Windows, seed: int) -> NDArray[np.bool_]:
    """Choose the windows to stop early by: bool (n,), some whole recordings of every class.

    Where the dataset has groups they are whole groups, if every class is then left to train on.
    A class with a single recording gives its last windows. These may share packets with training windows;
    the test set never does. Raises ModelError where no class has two windows.
    """
    rng = np.random.default_rng(seed)
    if windows.kin is not None and (by_kin := _by_kin(windows.kin, windows.y, rng)) is not None:
        return by_kin
    mask = np.zeros(len(windows), np.bool_)
    for label in np.unique(windows.y):
        of_class = np.flatnonzero(windows.y == label)
        groups = np.unique(windows.groups[of_class])
        if len(groups) > 1:
            count = max(1, round(len(groups) * VALIDATION_FRACTION))
            chosen = rng.choice(groups, count, replace=False)
            mask[of_class] = np.isin(windows.groups[of_class], chosen)
        elif len(of_class) > 1:
            mask[of_class[-max(1, round(len(of_class) * VALIDATION_FRACTION)) :]] = True
    if not mask.any():
        raise ModelError("there is one training window a class, too few to stop training by: record more")
    return mask


def _by_kin(
    kin: NDArray[np.int64], y: NDArray[np.int64], rng: np.random.Generator
) -> NDArray[np.bool_] | None:
    """Choose whole groups; None where these would be all that a class has."""
    names = np.unique(kin)
    mask = np.isin(kin, rng.choice(names, max(1, round(len(names) * VALIDATION_FRACTION)), replace=False))
    return mask if np.isin(y, y[~mask]).all() else None

"""A forest of decision trees in integers: comparisons with thresholds, and sums of the leaves' shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import numpy as np

from zerotap.errors import ModelError

if TYPE_CHECKING:
    from numpy.typing import NDArray

WHOLE_SHARE: Final = 255
"""What a leaf gives in all, but for rounding."""
FEATURE_MOST: Final = 1 << 24
"""Of either sign: integers up to it are exact as float32, in which scikit-learn compares."""
INPUTS_MOST: Final = 1 << 12
TREES_MOST: Final = 1 << 10
SPLITS_MOST: Final = 1 << 17
LEAVES_MOST: Final = 1 << 16
CLASSES_MOST: Final = 256
DEPTH_MOST: Final = 64
_CELLS: Final = 1 << 18  # (rows, trees) at a time stay in a cache

_DTYPES: Final[dict[str, str]] = {
    "inputs": "int32",
    "roots": "int32",
    "features": "uint16",
    "thresholds": "int32",
    "left": "int32",
    "right": "int32",
    "shares": "uint8",
}


@dataclass(frozen=True, slots=True, eq=False)
class Forest:
    """Trees over int features (n, inputs); a row goes left where its feature is at most the threshold.

    Split i asks ``features[i]``, uint16 (splits,), for ``thresholds[i]``, int32, in [-2^24 - 1, 2^24].
    ``left`` and ``right``, int32 (splits,), and ``roots``, int32 (trees,), are references: a split's number,
    or ~leaf. Each split is referred to once, by one with a smaller number or as a root: every way ends. Many
    may refer to one leaf. ``shares``, uint8 (leaves, classes), are what a leaf gives each class, 255 in
    all, or each of labels, 255 where all of its rows have it.
    ``inputs``, int32 (), is the number of features.

    Raises ModelError for arrays that are not such, or a depth above 64.
    """

    file_name: ClassVar[str] = "forest.npz"
    meaning: ClassVar[str] = "shares"

    inputs: NDArray[np.int32]
    roots: NDArray[np.int32]
    features: NDArray[np.uint16]
    thresholds: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    shares: NDArray[np.uint8]

    def __post_init__(self) -> None:
        _check_arrays(self)
        _check_ranges(self)
        _check_references(self)
        if self.depth > DEPTH_MOST:
            raise ModelError(
                f"a forest is {self.depth} splits deep and may be {DEPTH_MOST}: train it with a smaller depth"
            )

    @property
    def classes(self) -> int:
        """How many scores a row gets."""
        return int(self.shares.shape[1])

    @property
    def trees(self) -> int:
        """How many leaves a row's scores are the sum of."""
        return len(self.roots)

    @property
    def splits(self) -> int:
        """How many splits all trees have together."""
        return len(self.features)

    @property
    def scale(self) -> float:
        """What one step of a score is worth as a share of all trees' votes."""
        return 1 / (WHOLE_SHARE * self.trees)

    @property
    def depth(self) -> int:
        """The most splits that a row meets in one tree."""
        below = depths(self)
        return max((below[root] for root in self.roots.tolist() if root >= 0), default=0)

    def scores(self, x: NDArray[Any]) -> NDArray[np.int32]:
        """Sum the leaves' shares: integers (n, inputs) within +-2^24, of any dtype, to int32 (n, classes).

        Raises ModelError for other rows.
        """
        if not isinstance(x, np.ndarray):
            raise ModelError(
                f"a forest takes no {type(x).__name__}: give it a NumPy array of integers (rows, features)"
            )
        if x.ndim != 2 or x.shape[1] != int(self.inputs) or x.dtype.kind not in "iu":
            raise ModelError(
                f"a forest of {int(self.inputs)} features takes no {x.dtype} of shape {x.shape}: "
                "give it integers (rows, features)"
            )
        check_features(x)
        rows = np.ascontiguousarray(x, np.int32)
        scores = np.empty((len(rows), self.classes), np.int32)
        step = max(1, _CELLS // self.trees)
        for start in range(0, len(rows), step):
            reached = self._leaves(rows[start : start + step])
            scores[start : start + step] = self._sums(reached)
        return scores

    def _leaves(self, rows: NDArray[np.int32]) -> NDArray[np.int32]:
        """The leaf (n, trees) that each row comes to."""
        at = np.broadcast_to(self.roots, (len(rows), self.trees)).copy()
        while (open_ones := at >= 0).any():
            row, _ = np.nonzero(open_ones)
            split = at[open_ones]
            goes_left = rows[row, self.features[split]] <= self.thresholds[split]
            at[open_ones] = np.where(goes_left, self.left[split], self.right[split])
        return ~at

    def _sums(self, reached: NDArray[np.int32]) -> NDArray[np.int32]:
        sums = np.zeros((len(reached), self.classes), np.int32)
        for tree in range(self.trees):
            sums += self.shares[reached[:, tree]]
        return sums

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """What the file holds."""
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Check and take arrays of ``to_arrays``; raises ModelError for a name or value that is not its."""
        if set(arrays) != set(_DTYPES):
            raise ModelError(
                f"a forest is the arrays {', '.join(_DTYPES)}, this has {', '.join(arrays)}: train it again"
            )
        return cls(**{name: arrays[name] for name in _DTYPES})


def check_features(x: NDArray[Any]) -> None:
    """Raise ModelError where integers are beyond +-2^24."""
    if x.size and not -FEATURE_MOST <= int(x.min()) <= int(x.max()) <= FEATURE_MOST:
        raise ModelError(
            "a forest's features lie within +-2^24, and these go beyond: scale them, as range_scale does"
        )


def depths(forest: Forest) -> list[int]:
    """The most splits on a way down from each split, itself counted."""
    below = [0] * forest.splits
    children = list(zip(forest.left.tolist(), forest.right.tolist(), strict=True))
    for split in reversed(range(forest.splits)):
        below[split] = 1 + max(below[child] if child >= 0 else 0 for child in children[split])
    return below


def _check_arrays(forest: Forest) -> None:
    for name, array in forest.to_arrays().items():
        dimensions = {"inputs": 0, "shares": 2}.get(name, 1)
        if not isinstance(array, np.ndarray) or array.dtype.name != _DTYPES[name] or array.ndim != dimensions:
            raise ModelError(
                f"a forest's {name} are {_DTYPES[name]} of {dimensions} dimensions: train it again"
            )
    for name in ("thresholds", "left", "right"):
        if len(getattr(forest, name)) != forest.splits:
            raise ModelError(f"a forest of {forest.splits} splits has not as many {name}: train it again")


def _check_ranges(forest: Forest) -> None:
    counts = {
        "inputs": (int(forest.inputs), INPUTS_MOST),
        "trees": (forest.trees, TREES_MOST),
        "leaves": (len(forest.shares), LEAVES_MOST),
        "classes": (forest.classes, CLASSES_MOST),
    }
    for name, (count, most) in counts.items():
        if not 1 <= count <= most:
            raise ModelError(
                f"a forest of {count} {name} is not possible, it has 1 to {most}: train it again"
            )
    if forest.splits > SPLITS_MOST:
        raise ModelError(
            f"a forest of {forest.splits} splits is not possible, it has up to {SPLITS_MOST}: train it again"
        )
    if forest.splits and int(forest.features.max()) >= int(forest.inputs):
        raise ModelError(
            f"a forest of {int(forest.inputs)} features asks feature {int(forest.features.max())}: "
            "train it again"
        )
    if forest.splits and not threshold_fits(forest.thresholds):
        raise ModelError("a forest's threshold lies beyond 2^24: scale the features, and train it again")


def threshold_fits(thresholds: NDArray[np.int32]) -> bool:
    """Whether all lie in [-2^24 - 1, 2^24]."""
    return int(thresholds.min()) >= -FEATURE_MOST - 1 and int(thresholds.max()) <= FEATURE_MOST


def _check_references(forest: Forest) -> None:
    """Every way ends, and in a leaf that is there; no split is reached in two ways."""
    numbers = np.arange(forest.splits)
    for name, least in (
        ("roots", np.zeros(forest.trees, int)),
        ("left", numbers + 1),
        ("right", numbers + 1),
    ):
        references = getattr(forest, name).astype(np.int64)
        is_leaf = references < 0
        fits = np.where(
            is_leaf, ~references < len(forest.shares), (references >= least) & (references < forest.splits)
        )
        if not fits.all():
            place = int(np.argmin(fits))
            raise ModelError(
                f"a forest's {name}[{place}] is {references[place]}, no split behind it and no leaf: "
                "train it again"
            )
    every = np.concatenate([forest.roots, forest.left, forest.right])
    if not (np.bincount(every[every >= 0], minlength=forest.splits) == 1).all():
        raise ModelError("a forest's split is in two trees, or in none: train it again")

"""Trees one behind the other as one integer forest: equal leaves once, and no split between equal leaves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from zerotap.features import Forest

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """One tree, the root its node 0.

    ``features``, ``thresholds`` and the children ``left`` and ``right``, int (nodes,), below 0 where a node
    is a leaf; ``shares`` uint8 (nodes, classes) are read of leaves.
    """

    features: NDArray[np.int64]
    thresholds: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    shares: NDArray[np.uint8]


@dataclass(slots=True)
class _Merged:
    """What is kept of the trees so far; ``leaves``: a leaf's shares -> its number."""

    splits: list[list[int]] = field(default_factory=list)
    leaves: dict[bytes, int] = field(default_factory=dict)

    def leaf(self, shares: NDArray[np.uint8]) -> int:
        return ~self.leaves.setdefault(shares.tobytes(), len(self.leaves))

    def add(self, tree: Tree) -> int:
        """Keep a tree; returns the reference of its root."""
        kept = _kept(tree, [self.leaf(shares) for shares in tree.shares])
        return self._put(tree, kept, 0)

    def _put(self, tree: Tree, kept: list[int | None], node: int) -> int:
        reference = kept[node]
        if reference is not None:
            return reference
        place = len(self.splits)
        self.splits.append([int(tree.features[node]), int(tree.thresholds[node]), 0, 0])
        self.splits[place][2] = self._put(tree, kept, int(tree.left[node]))
        self.splits[place][3] = self._put(tree, kept, int(tree.right[node]))
        return place


def _kept(tree: Tree, leaves: list[int]) -> list[int | None]:
    """The leaf that each node comes to whatever is asked, None for a split that is kept.

    scikit-learn's children have greater numbers than their parents.
    """
    kept: list[int | None] = [None] * len(tree.left)
    for node in reversed(range(len(kept))):
        left, right = int(tree.left[node]), int(tree.right[node])
        if left < 0:
            kept[node] = leaves[node]
        elif kept[left] is not None and kept[left] == kept[right]:
            kept[node] = kept[left]
    return kept


def merged(trees: Sequence[Tree], inputs: int) -> Forest:
    """All ``trees`` as one forest of ``inputs`` features; raises ModelError for what no forest can be."""
    made = _Merged()
    roots = [made.add(tree) for tree in trees]
    classes = trees[0].shares.shape[1]
    splits = np.array(made.splits, np.int64).reshape(-1, 4)
    shares = np.frombuffer(b"".join(made.leaves), np.uint8).reshape(-1, classes)
    reached, numbers = _reached(np.concatenate([roots, splits[:, 2], splits[:, 3]]), len(shares))
    return Forest(
        inputs=np.array(inputs, np.int32),
        roots=_renumbered(np.array(roots), numbers),
        features=splits[:, 0].astype(np.uint16),
        thresholds=splits[:, 1].astype(np.int32),
        left=_renumbered(splits[:, 2], numbers),
        right=_renumbered(splits[:, 3], numbers),
        shares=shares[reached],
    )


def _reached(references: NDArray[np.int64], leaves: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which leaves are referred to, and the number that each then has."""
    reached = np.unique(~references[references < 0])
    numbers = np.zeros(leaves, np.int64)
    numbers[reached] = np.arange(len(reached))
    return reached, numbers


def _renumbered(references: NDArray[np.int64], numbers: NDArray[np.int64]) -> NDArray[np.int32]:
    leaves = ~numbers[np.where(references < 0, ~references, 0)]
    return np.where(references < 0, leaves, references).astype(np.int32)

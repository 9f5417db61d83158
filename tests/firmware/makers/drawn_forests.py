"""Forests that are drawn at random, as arrays; and what hypothesis draws of them."""

import numpy as np
from hypothesis import strategies as st

from zerotap.features.integer_models.forest import FEATURE_MOST, Forest

EXTREMES = (
    -FEATURE_MOST - 1,
    -FEATURE_MOST,
    -32769,
    -32768,
    -129,
    -128,
    -1,
    0,
    1,
    127,
    255,
    32767,
    FEATURE_MOST,
)


def drawn_forest(
    seed: int,
    inputs: int = 5,
    trees: int = 4,
    depth: int = 5,
    classes: int = 3,
    limits: tuple[int, int] = (-128, 127),
    leaves: int = 6,
    fullness: float = 0.8,
    mixed: int = 0,
) -> Forest:
    """Trees of at most ``depth`` splits a way; ``limits`` of the thresholds, ``fullness`` of the trees.

    Leaves give shares to ``mixed`` classes at most, 0 for all.
    """
    rng = np.random.default_rng(seed)
    features, thresholds, children = [], [], []

    def grow(left: int) -> int:
        if left == 0 or rng.random() > fullness:
            return ~int(rng.integers(leaves))
        split = len(features)
        features.append(int(rng.integers(inputs)))
        thresholds.append(int(rng.integers(limits[0], limits[1] + 1)))
        children.append([0, 0])
        children[split] = [grow(left - 1), grow(left - 1)]
        return split

    roots = [grow(depth) for _ in range(trees)]
    pairs = np.array(children, np.int32).reshape(-1, 2)
    shares = rng.dirichlet([0.3] * classes, leaves)
    if mixed:
        shares[np.argsort(np.argsort(-shares, axis=1), axis=1) >= mixed] = 0
    shares *= 255 / shares.sum(axis=1, keepdims=True)
    return Forest(
        inputs=np.array(inputs, np.int32),
        roots=np.array(roots, np.int32),
        features=np.array(features, np.uint16),
        thresholds=np.array(thresholds, np.int32),
        left=pairs[:, 0].copy(),
        right=pairs[:, 1].copy(),
        shares=np.rint(shares).astype(np.uint8),
    )


def rows_near(forest: Forest, count: int, seed: int) -> np.ndarray:
    """Features int32 (count, inputs) at thresholds, one beside them, and at the ends of the range."""
    rng = np.random.default_rng(seed)
    rows = rng.choice(np.array(EXTREMES), (count, int(forest.inputs)))
    if forest.splits:
        near = rng.choice(forest.thresholds, rows.shape) + rng.integers(-1, 2, rows.shape)
        rows = np.where(rng.random(rows.shape) < 0.8, near, rows)
    return np.clip(rows, -FEATURE_MOST, FEATURE_MOST).astype(np.int32)


def walked(forest: Forest, row: np.ndarray) -> list[int]:
    """Scores of one row by a loop that anybody can read."""
    sums = [0] * forest.classes
    for root in forest.roots.tolist():
        at = root
        while at >= 0:
            left = row[forest.features[at]] <= forest.thresholds[at]
            at = int(forest.left[at] if left else forest.right[at])
        sums = [total + int(share) for total, share in zip(sums, forest.shares[~at], strict=True)]
    return sums


forests = st.builds(
    drawn_forest,
    seed=st.integers(0, 2**32 - 1),
    inputs=st.sampled_from([1, 2, 7, 64, 65, 130, 300]),
    trees=st.integers(1, 9),
    depth=st.integers(0, 7),
    classes=st.sampled_from([1, 2, 3, 4, 5, 9, 25, 70]),
    limits=st.sampled_from([(0, 127), (-128, 127), (0, 255), (-32768, 32767), (-(2**24) - 1, 2**24)]),
    leaves=st.integers(1, 40),
    fullness=st.sampled_from([0.5, 0.8, 1.0]),
    mixed=st.sampled_from([0, 0, 1, 2]),
)

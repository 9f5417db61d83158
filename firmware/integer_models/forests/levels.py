"""A forest as levels of full trees: the same time for every input (runtime/zerotap_forest_levels.inc)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.firmware.integer_models.interface import TwinCode, TwinImplementation

from .cost import Cost
from .leaves import STACK_BYTES, Leaves, shared_array
from .sources import defined, forest_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Forest

NODES_MOST: Final = 1 << 18  # more than the board has flash
_NEAR: Final = 64  # features that a byte reaches, times 4
_WIDTHS: Final = (("int8", 1), ("uint8", 1), ("int16", 2), ("int32", 4))
_LIMITS_CYCLES: Final = {1: 2, 2: 3, 4: 3}
_LIMITS_BYTES: Final = {1: 2, 2: 4, 4: 4}


def levels(forest: Forest, leaves: Leaves) -> TwinImplementation | None:
    """Its implementation, None where a byte does not hold the features, the leaves or the trees' number."""
    depth, nodes = forest.depth, forest.trees << forest.depth
    used = int(forest.features.max(initial=0)) + 1
    numbers = leaves.row_of.max(initial=0)
    if forest.trees > 255 or nodes > NODES_MOST or used > 256 or numbers > 255:
        return None
    limits = _limits(forest)
    constants = -(-(2 * nodes - forest.trees) // 4) * 4 + -(-limits.nbytes // 4) * 4
    cost = _cost(forest, leaves, depth, limits.dtype.itemsize, used > _NEAR)
    return TwinImplementation(
        kernel="levels of full trees",
        constant_bytes=constants + leaves.constant_bytes,
        code_bytes=cost.code_bytes,
        static_bytes=0,
        stack_bytes=STACK_BYTES,
        cycles=cost.most,
        cycles_min=cost.least,
        constant_time=True,
        emit=partial(_emit, forest, leaves, limits),
    )


def _scale(leaves: Leaves) -> int:
    """1 where a byte holds the codes themselves."""
    return 1 if leaves.row_of.max(initial=0) * leaves.step < 256 else leaves.step


def _cost(forest: Forest, leaves: Leaves, depth: int, width: int, is_far: bool) -> Cost:
    tree = _tree_cost(leaves, depth, width, is_far)
    long_start, is_odd = 2 * forest.trees - 1 > 255, forest.trees % 2 == 1
    start = Cost.straight(6 + 8 + 4 * long_start, 5 + long_start)
    literal = Cost.straight(4 if leaves.form == "sums" else 0, 0)
    odd = Cost.straight(4, 3 - 1) if is_odd else Cost()
    is_long, pairs = _is_long(tree), (forest.trees + 1) // 2
    between = (7 if is_long else 6) * pairs - 1
    loop = Cost.straight(2 * tree.code_bytes + 10 + 2 * is_long, forest.trees * tree.most + between)
    return leaves.begin() + start + literal + odd + loop + leaves.end()


def _tree_cost(leaves: Leaves, depth: int, width: int, is_far: bool) -> Cost:
    level = Cost.straight(10 + 2 * is_far + _LIMITS_BYTES[width], 7 + is_far + _LIMITS_CYCLES[width])
    scaled = Cost.straight(4, 2) if _scale(leaves) > 1 else Cost()
    return level.written(depth) + Cost.straight(2, 2) + scaled + leaves.leaf()


def _is_long(tree: Cost) -> bool:
    """Whether a conditional jump does not leap over two trees."""
    return 2 * tree.code_bytes + 8 > 250


def _limits(forest: Forest) -> NDArray[np.signedinteger | np.unsignedinteger]:
    """threshold + 1 of every split, (nodes below the leaves,), in the narrowest dtype."""
    placed = _placed(forest)
    limits = np.zeros(max(1, (forest.trees << forest.depth) - forest.trees), np.int64)
    for node, reference in placed.items():
        if reference >= 0 and node < forest.trees << forest.depth:
            limits[node - forest.trees] = int(forest.thresholds[reference]) + 1
    dtype = next(
        dtype for dtype, _ in _WIDTHS if np.iinfo(dtype).min <= limits.min() and limits.max() <= np.iinfo(dtype).max
    )
    return limits.astype(dtype)


def _placed(forest: Forest) -> dict[int, int]:
    """Node of the heap -> what is there; a leaf above the last level stands for both of its children."""
    placed = dict(enumerate(forest.roots.tolist(), forest.trees))
    row = dict(placed)
    for _ in range(forest.depth):
        below = {}
        for node, reference in row.items():
            left, right = (
                (int(forest.left[reference]), int(forest.right[reference]))
                if reference >= 0
                else (reference, reference)
            )
            below[2 * node + 1], below[2 * node] = left, right
        placed |= below
        row = below
    return placed


def _plane(forest: Forest, leaves: Leaves) -> NDArray[np.uint8]:
    """A byte a node: where its feature lies, or its leaf's code."""
    first, near = forest.trees, int(forest.features.max(initial=0)) < _NEAR
    last = forest.trees << forest.depth
    scale = leaves.step if _scale(leaves) == 1 else 1
    plane = np.zeros(2 * last - first, np.uint8)
    for node, reference in _placed(forest).items():
        if node >= last:
            plane[node - first] = leaves.number(~reference) * scale
        elif reference >= 0:
            plane[node - first] = int(forest.features[reference]) * (4 if near else 1)
    return plane


def _emit(forest: Forest, leaves: Leaves, limits: NDArray[np.generic], name: str) -> TwinCode:
    near, scale = int(forest.features.max(initial=0)) < _NEAR, _scale(leaves)
    c_type = f"{limits.dtype.name}_t"
    tables = shared_array("uint8_t", _plane(forest, leaves), f"{name}_plane")
    tables += shared_array(c_type, limits, f"{name}_limits")
    shift = " >> 2" if near else ""
    step = f"""            node = 2 * node + (input[{name}_plane[node - {forest.trees}]{shift}] < {name}_limits[node - {forest.trees}]);
"""
    loop = f"        for (int32_t level = 0; level < {forest.depth}; level++) {{\n{step}        }}\n"
    walk = f"""    for (int32_t tree = 0; tree < {forest.trees}; tree++) {{
        int32_t node = {forest.trees} + tree;
{loop if forest.depth else ""}        {name}_leaf((uint32_t){name}_plane[node - {forest.trees}] * {scale}, output);
    }}
"""
    constants: dict[str, int | str] = {
        "NAME": f"{name}_invoke",
        "PLANE": f"{name}_plane",
        "LIMITS": f"{name}_limits",
        "TREES": forest.trees,
        "DEPTH": forest.depth,
        "WIDTH": limits.dtype.itemsize,
        "UNSIGNED": int(limits.dtype == np.uint8),
        "FAR": int(not near),
        "SCALE": scale,
        "LONG_LOOP": int(_is_long(_tree_cost(leaves, forest.depth, limits.dtype.itemsize, not near))),
        **leaves.defines(f"{name}_rows"),
    }
    about = f"{forest.trees} full trees of {forest.depth} splits a way, the same time for every input"
    return forest_code(
        name, leaves, tables, walk, about, defined(constants, "zerotap_forest_levels.inc")
    )

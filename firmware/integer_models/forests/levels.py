"""A forest as levels of full trees: the same time for every input (runtime/zerotap_forest_levels.h)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.firmware.integer_models.interface import TwinCode, TwinImplementation

from .cost import Cost
from .leaves import STACK_BYTES, Leaves, shared_array
from .sources import defined, forest_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Forest

_NODES_MOST: Final = 1 << 18  # more than the board has flash
_TREES_MOST: Final = 255
_NEAR: Final = 64  # features that a byte reaches, times 4
_LONG_BYTES: Final = 242  # of two trees, over which no conditional jump leaps
_DTYPES: Final = ("int8", "uint8", "int16", "int32")
_LIMIT: Final = {1: (2, 2), 2: (4, 3), 4: (4, 3)}
"""Bytes and cycles of reading a limit of so many bytes."""


def levels(forest: Forest, leaves: Leaves) -> TwinImplementation | None:
    """Its implementation, None where a byte does not hold the features, the leaves or the trees' number."""
    form = _Levels(forest, leaves.equally_long())
    if not form.fits:
        return None
    cost = form.cost()
    return TwinImplementation(
        kernel="levels of full trees",
        constant_bytes=form.constant_bytes,
        code_bytes=cost.code_bytes,
        static_bytes=0,
        stack_bytes=STACK_BYTES,
        cycles=cost.most,
        cycles_min=cost.least,
        constant_time=True,
        emit=form.emit,
    )


@dataclass(frozen=True)
class _Levels:
    """The heap of all trees: nodes ``first`` to ``last`` - 1 are splits, and leaves from ``last`` on."""

    forest: Forest
    leaves: Leaves

    @cached_property
    def depth(self) -> int:
        return self.forest.depth

    @property
    def first(self) -> int:
        return self.forest.trees

    @property
    def last(self) -> int:
        return self.first << self.depth

    @cached_property
    def _features(self) -> int:
        return int(self.forest.features.max(initial=0)) + 1

    @property
    def is_near(self) -> bool:
        """Whether a byte holds where a feature lies."""
        return self._features <= _NEAR

    @cached_property
    def codes(self) -> list[int]:
        return self.leaves.codes

    @property
    def scale(self) -> int:
        """By what a leaf's byte is multiplied: 1 where it holds the code itself."""
        return 1 if max(self.codes) < 256 else self.leaves.step

    @property
    def fits(self) -> bool:
        numbers = max(self.codes) // self.scale
        is_small = self.first <= _TREES_MOST and self.last <= _NODES_MOST
        return is_small and self._features <= 256 and numbers < 256 and self.scale < 256

    @property
    def constant_bytes(self) -> int:
        tables = (2 * self.last - self.first, self.limits.nbytes)
        return sum(-(-size // 4) * 4 for size in tables) + self.leaves.constant_bytes

    @cached_property
    def placed(self) -> dict[int, int]:
        """Node -> what is there; a leaf above the last level stands for both of its children."""
        placed = dict(enumerate(self.forest.roots.tolist(), self.first))
        left, right = self.forest.left.tolist(), self.forest.right.tolist()
        for node in range(self.first, self.last):
            at = placed[node]
            placed[2 * node + 1], placed[2 * node] = (left[at], right[at]) if at >= 0 else (at, at)
        return placed

    @cached_property
    def limits(self) -> NDArray[np.signedinteger | np.unsignedinteger]:
        """threshold + 1 of every split, (last - first,), in the narrowest dtype."""
        limits = np.zeros(max(1, self.last - self.first), np.int64)
        for node in range(self.first, self.last):
            if self.placed[node] >= 0:
                limits[node - self.first] = int(self.forest.thresholds[self.placed[node]]) + 1
        least, most = limits.min(), limits.max()
        ranges = {name: np.iinfo(name) for name in _DTYPES}
        dtype = next(name for name, held in ranges.items() if held.min <= least and most <= held.max)
        return limits.astype(dtype)

    def plane(self) -> NDArray[np.uint8]:
        """A byte a node: where its feature lies, or its leaf's code."""
        plane = np.zeros(2 * self.last - self.first, np.uint8)
        for node, at in self.placed.items():
            if node >= self.last:
                plane[node - self.first] = self.codes[self.leaves.row_of[~at]] // self.scale
            elif at >= 0:
                plane[node - self.first] = int(self.forest.features[at]) * (4 if self.is_near else 1)
        return plane

    def cost(self) -> Cost:
        trees, tree = self.forest.trees, self._tree_cost()
        long_start, is_odd, is_long = 2 * trees - 1 > 255, trees % 2, self._is_long()
        start = Cost.straight(14 + 4 * long_start, 5 + long_start)
        odd = Cost.straight(4, 3 - 1) if is_odd else Cost()
        literal = Cost.straight(4 * self.leaves.reads_rows, 0)
        between = (7 if is_long else 6) * (trees + is_odd) // 2 - 1
        loop = Cost.straight(2 * tree.code_bytes + 10 + 2 * is_long, trees * tree.most + between)
        return self.leaves.begin() + start + literal + odd + loop + self.leaves.end()

    def _tree_cost(self) -> Cost:
        limit_bytes, limit_cycles = _LIMIT[self.limits.dtype.itemsize]
        is_far, scaled = not self.is_near, self.scale > 1
        level = Cost.straight(10 + 2 * is_far + limit_bytes, 7 + is_far + limit_cycles)
        add = Cost.straight(self.leaves.leaf_bytes(), self.leaves.leaf_cycles(0))
        return level.written(self.depth) + Cost.straight(2 + 4 * scaled, 2 + 2 * scaled) + add

    def _is_long(self) -> bool:
        return 2 * self._tree_cost().code_bytes > _LONG_BYTES

    def emit(self, name: str) -> TwinCode:
        tables = shared_array("uint8_t", self.plane(), f"{name}_plane")
        tables += shared_array(f"{self.limits.dtype.name}_t", self.limits, f"{name}_limits")
        depth, trees = self.depth, self.forest.trees
        about = f"{trees} full trees of {depth} splits a way, the same time for every input"
        assembly = defined(self._constants(name), "zerotap_forest_levels.h")
        return forest_code(name, self.leaves, tables, self._walk(name), about, assembly)

    def _constants(self, name: str) -> dict[str, int | str]:
        return {
            "FUNCTION": f"{name}_invoke",
            "PLANE": f"{name}_plane",
            "LIMITS": f"{name}_limits",
            "TREES": self.forest.trees,
            "DEPTH": self.depth,
            "WIDTH": self.limits.dtype.itemsize,
            "UNSIGNED": int(self.limits.dtype == np.uint8),
            "FAR": int(not self.is_near),
            "SCALE": self.scale,
            "LONG_LOOP": int(self._is_long()),
            **self.leaves.defines(f"{name}_rows"),
        }

    def _walk(self, name: str) -> str:
        """In C: nodes are counted from the first one on."""
        trees, shift = self.forest.trees, " >> 2" if self.is_near else ""
        step = f"""        for (int32_t level = 0; level < {self.depth}; level++) {{
            const int32_t feature = input[plane[node]{shift}];
            node = 2 * node + {trees} + (feature < {name}_limits[node]);
        }}
"""
        unread = "" if self.depth else "    (void)input;\n"
        return f"""{unread}    const uint8_t *plane = {name}_plane;
    for (int32_t tree = 0; tree < {trees}; tree++) {{
        int32_t node = tree;
{step if self.depth else ""}        {name}_leaf((uint32_t)plane[node] * {self.scale}, output);
    }}
"""

"""A forest as full trees of words, the same time for every input (runtime/zerotap_forest_packed.h).

For limits of 16 bits the fastest that takes constant time; those of a byte are smaller as levels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.firmware.integer_models.interface import TwinCode, TwinImplementation

from .cost import Cost
from .leaves import Leaves, shared_array
from .sources import defined, forest_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Forest

_DEPTH_MOST: Final = 5  # a difference of features and limits has so many more bits of its sign, and 1
_FEATURES_MOST: Final = 64  # that a byte reaches, times 4
_WORDS_MOST: Final = 1 << 16  # more than the board has flash
_STACK_BYTES: Final = 20
_STORED: Final = {1: (4, 3), 2: (6, 5), 3: (8, 7), 4: (10, 9)}
"""Bytes and cycles of unpacking and storing the scores of so many classes."""


def packed(forest: Forest, leaves: Leaves) -> TwinImplementation | None:
    """Its implementation, None where a word does not hold a split, or a byte the leaves' numbers."""
    form = _Packed(forest, leaves)
    if not form.fits:
        return None
    cost = form.cost()
    return TwinImplementation(
        kernel="full trees of words",
        constant_bytes=4 * len(form.table()),
        code_bytes=cost.code_bytes,
        static_bytes=0,
        stack_bytes=_STACK_BYTES,
        cycles=cost.most,
        cycles_min=cost.least,
        constant_time=True,
        emit=form.emit,
    )


@dataclass(frozen=True)
class _Packed:
    forest: Forest
    leaves: Leaves

    @property
    def fits(self) -> bool:
        limits = self.forest.thresholds.astype(np.int64) + 1
        return (
            self.leaves.form == "words"
            and 1 <= self.forest.depth <= _DEPTH_MOST
            and int(self.forest.features.max()) < _FEATURES_MOST
            and limits.min() >= -(1 << 15)
            and limits.max() < 1 << 15
            and len(self.leaves.rows) <= 256
            and self.forest.trees << self.forest.depth < _WORDS_MOST
        )

    @property
    def shift(self) -> int:
        """By which a leaf's number becomes the place of its row; 0 where it is that itself."""
        return (self.leaves.step.bit_length() - 1) if max(self.leaves.codes) > 255 else 0

    @cached_property
    def _trees(self) -> NDArray[np.uint32]:
        table = np.zeros((self.forest.trees, 1 << self.forest.depth), np.uint32)
        for words, root in zip(table, self.forest.roots.tolist(), strict=True):
            self._put(words, root)
        return table.ravel()

    def _put(self, words: NDArray[np.uint32], at: int) -> None:
        """A subtree into its words; one that is a leaf too early has splits that lead to it either way."""
        half = len(words) // 2
        if half == 0:
            code = self.leaves.code(~at)
            words[0] |= np.uint32((code // self.leaves.step if self.shift else code) << 8)
            return
        left = right = at
        if at >= 0:
            left, right = int(self.forest.left[at]), int(self.forest.right[at])
            limit, feature = int(self.forest.thresholds[at]) + 1, int(self.forest.features[at])
            words[half - 1] |= np.uint32((limit & 0xFFFF) << 16 | 4 * feature)
        self._put(words[:half], right)
        self._put(words[half:], left)

    def table(self) -> NDArray[np.uint32]:
        """The trees, and the rows behind them."""
        return np.concatenate([self._trees, self.leaves.word_rows().ravel()])

    def cost(self) -> Cost:
        both = self.leaves.words == 2
        start = Cost.straight(2 + 2 * 6 + 2 + 2 * both, 6 + 2 * 2 + 1 + both)
        add = Cost.straight(8, 6) if both else Cost.straight(4, 3)
        level = Cost.straight(14, 9).written(self.forest.depth)
        scaled = Cost.straight(2, 1) if self.shift else Cost()
        tree = level + Cost.straight(2, 2) + scaled + add + Cost.straight(6, 4)
        stored = Cost.straight(*_STORED[self.leaves.classes])
        back = Cost.straight(2 + 2 + 2, 2 + 5 + 2 - 1)  # the last tree's jump is none
        whole = start + tree.times(self.forest.trees) + stored + back
        return whole + Cost.straight(-whole.code_bytes % 4, 0)

    def emit(self, name: str) -> TwinCode:
        depth, trees = self.forest.depth, self.forest.trees
        constants: dict[str, int | str] = {
            "FUNCTION": f"{name}_invoke",
            "TREES": f"{name}_trees",
            "BYTES": self._trees.nbytes,
            "DEPTH": depth,
            "SHIFT": self.shift,
            "CLASSES": self.leaves.classes,
            "WORDS": self.leaves.words,
        }
        about = f"{trees} full trees of {depth} splits a way, the same time for every input"
        tables = shared_array("uint32_t", self.table(), f"{name}_trees")
        assembly = defined(constants, "zerotap_forest_packed.h")
        return forest_code(
            name, self.leaves, tables, self._walk(name), about, assembly, rows=self._rows(name)
        )

    def _rows(self, name: str) -> str:
        """What the C takes for the table of the rows."""
        return f"({name}_trees + {len(self._trees)})"

    def _walk(self, name: str) -> str:
        """In C."""
        depth = self.forest.depth
        return f"""    for (int32_t tree = 0; tree < {self.forest.trees}; tree++) {{
        const uint32_t *word = {name}_trees + (tree << {depth});
        for (int32_t span = {1 << depth} >> 1; span > 0; span >>= 1) {{
            const uint32_t split = word[span - 1];
            word += input[(split & 0xFF) >> 2] < (int32_t)split >> 16 ? span : 0;
        }}
        {name}_leaf((*word >> 8 & 0xFF) << {self.shift}, output);
    }}
"""

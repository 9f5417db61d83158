"""A forest as a table of words, one a split and one a leaf (runtime/zerotap_forest_nodes.h)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from zerotap.firmware.integer_models.interface import TwinCode, TwinImplementation

from .cost import Cost, cycles_down
from .leaves import STACK_BYTES, Leaves, shared_array
from .sources import defined, forest_code

if TYPE_CHECKING:
    from zerotap.features import Forest

WORDS_MOST: Final = 1 << 16  # a root's place is 16 bits
_LEFT_CYCLES: Final = 11
_RIGHT_CYCLES: Final = 16
_TREE_CYCLES: Final = 14  # from its root's place to the next tree, without LEAF


@dataclass(frozen=True, slots=True)
class Layout:
    """A word: ``bits`` of threshold at its top, ``reach_bits`` to the right child, a flag, ``field`` bits."""

    bits: int
    field: int

    @property
    def reach_bits(self) -> int:
        """Bits of the way to the right child; negative where there are none left."""
        return 31 - self.bits - self.field

    @property
    def reach(self) -> int:
        """Words that the right child may lie behind the left one."""
        return (1 << max(0, self.reach_bits)) - 1


@dataclass(slots=True)
class _Table:
    """The words from the last to the first; ``places`` of the leaves that came last, by their codes."""

    forest: Forest
    leaves: Leaves
    layout: Layout
    sizes: list[int]
    words: list[int] = field(default_factory=list)
    places: dict[int, int] = field(default_factory=dict)
    farthest: int = 0

    def put(self, reference: int) -> int:
        """Put a tree in front of what is there; returns its place, counted from the last word."""
        return self._split(reference) if reference >= 0 else self._leaf(~reference)

    def _leaf(self, leaf: int) -> int:
        code = self.leaves.code(leaf)
        self.words.append((code << 1 | 1) << self.layout.field)
        self.places[code] = len(self.words) - 1
        return self.places[code]

    def _split(self, split: int) -> int:
        left, right = int(self.forest.left[split]), int(self.forest.right[split])
        place = self._shared(right, self.sizes[left] if left >= 0 else 1)
        place = self.put(right) if place is None else place
        way = self.put(left) - place
        self.farthest = max(self.farthest, way)
        threshold = int(self.forest.thresholds[split]) & ((1 << self.layout.bits) - 1)
        feature, field_bits = int(self.forest.features[split]), self.layout.field
        self.words.append(threshold << (32 - self.layout.bits) | way << (field_bits + 1) | feature)
        return len(self.words) - 1

    def _shared(self, reference: int, words_between: int) -> int | None:
        """The place of such a leaf, if one is near enough."""
        place = None if reference >= 0 else self.places.get(self.leaves.code(~reference))
        is_near = place is not None and len(self.words) + words_between - 1 - place <= self.layout.reach
        return place if is_near else None


def nodes(forest: Forest, leaves: Leaves) -> TwinImplementation | None:
    """Its implementation, None where a word does not hold a threshold, a feature and the way to a child."""
    layout = _layout(forest)
    code_bits = max(leaves.codes).bit_length()
    if layout.reach_bits < 1 or code_bits + layout.field + 1 > 32:
        return None
    table, roots = _laid_out(forest, leaves, layout)
    if table.farthest > layout.reach or len(table.words) > WORDS_MOST:
        return None
    cost = _cost(forest, leaves)
    return TwinImplementation(
        kernel="table of nodes",
        constant_bytes=4 * len(table.words) + -(-2 * len(roots) // 4) * 4 + leaves.constant_bytes,
        code_bytes=cost.code_bytes,
        static_bytes=0,
        stack_bytes=STACK_BYTES + 4,
        cycles=cost.most,
        cycles_min=cost.least,
        constant_time=forest.splits == 0,
        emit=partial(_emit, forest, leaves, layout),
    )


def _layout(forest: Forest) -> Layout:
    thresholds = forest.thresholds.tolist() or [0]
    bits = 1 + max((value if value >= 0 else ~value).bit_length() for value in thresholds)
    return Layout(bits, max(1, int(forest.features.max(initial=0)).bit_length()))


def _laid_out(forest: Forest, leaves: Leaves, layout: Layout) -> tuple[_Table, list[int]]:
    """The table, and the place of each root from the first word on."""
    table = _Table(forest, leaves, layout, _sizes(forest))
    places = [table.put(root) for root in reversed(forest.roots.tolist())]
    return table, [len(table.words) - 1 - place for place in reversed(places)]


def _sizes(forest: Forest) -> list[int]:
    """The most words that each split takes with what is below it."""
    sizes = [0] * forest.splits
    for split in reversed(range(forest.splits)):
        children = (int(forest.left[split]), int(forest.right[split]))
        sizes[split] = 1 + sum(sizes[child] if child >= 0 else 1 for child in children)
    return sizes


def _cost(forest: Forest, leaves: Leaves) -> Cost:
    least, most = cycles_down(
        forest, lambda leaf: leaves.leaf_cycles(leaf) + _TREE_CYCLES, _LEFT_CYCLES, _RIGHT_CYCLES
    )
    literals = 12 + 4 * leaves.reads_rows
    saved = Cost.straight(4 + 8 + 4 + literals, 3 + 7 + 3 - 1)
    walk = Cost(46 + leaves.leaf_bytes(), least, most)
    return leaves.begin() + saved + walk + leaves.end()


def _emit(forest: Forest, leaves: Leaves, layout: Layout, name: str) -> TwinCode:
    table, roots = _laid_out(forest, leaves, layout)
    words = np.array(table.words[::-1], np.uint32)
    tables = shared_array("uint32_t", words, f"{name}_nodes")
    tables += shared_array("uint16_t", np.array(roots, np.uint16), f"{name}_roots")
    field_bits, bits = layout.field, layout.bits
    walk = f"""    for (int32_t tree = 0; tree < {forest.trees}; tree++) {{
        const uint32_t *node = {name}_nodes + {name}_roots[tree];
        while ((*node >> {field_bits} & 1u) == 0) {{
            const uint32_t word = *node++;
            if (input[word & {(1 << field_bits) - 1}u] > (int32_t)word >> {32 - bits}) {{
                node += word << {bits} >> {bits + field_bits + 1};
            }}
        }}
        {name}_leaf(*node >> {field_bits + 1}, output);
    }}
"""
    constants: dict[str, int | str] = {
        "FUNCTION": f"{name}_invoke",
        "NODES": f"{name}_nodes",
        "ROOTS": f"{name}_roots",
        "TREES": forest.trees,
        "BITS": bits,
        "FIELD": field_bits,
        **leaves.defines(f"{name}_rows"),
    }
    about = f"{forest.trees} trees of at most {forest.depth} splits a way, {len(words)} words"
    return forest_code(name, leaves, tables, walk, about, defined(constants, "zerotap_forest_nodes.h"))

"""What a piece of assembly costs, and what the ways through a tree do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zerotap.features import Forest


@dataclass(frozen=True, slots=True)
class Cost:
    """``code_bytes`` of flash, and cycles (zero wait states) of the cheapest and the dearest way through."""

    code_bytes: int = 0
    least: int = 0
    most: int = 0

    @classmethod
    def straight(cls, code_bytes: int, cycles: int) -> Cost:
        """Code without another way."""
        return cls(code_bytes, cycles, cycles)

    def __add__(self, other: Cost) -> Cost:
        """Return the two, one behind the other."""
        return Cost(self.code_bytes + other.code_bytes, self.least + other.least, self.most + other.most)

    def times(self, count: int) -> Cost:
        """Return a loop's cycles: the code is there once."""
        return Cost(self.code_bytes, self.least * count, self.most * count)

    def written(self, count: int) -> Cost:
        """Return the code written out so many times."""
        return Cost(self.code_bytes * count, self.least * count, self.most * count)


def cycles_down(forest: Forest, leaf: Callable[[int], int], left: int, right: int) -> tuple[int, int]:
    """Least and most cycles of all trees, where ``left`` and ``right`` are what each step costs.

    ``leaf(number)`` is what a leaf costs.
    """
    ways: list[tuple[int, int]] = [(0, 0)] * forest.splits

    def of(reference: int) -> tuple[int, int]:
        return ways[reference] if reference >= 0 else (leaf(~reference), leaf(~reference))

    children = zip(forest.left.tolist(), forest.right.tolist(), strict=True)
    for split, (below_left, below_right) in reversed(list(enumerate(children))):
        one, other = of(below_left), of(below_right)
        ways[split] = (min(left + one[0], right + other[0]), max(left + one[1], right + other[1]))
    trees = [of(root) for root in forest.roots.tolist()]
    return sum(least for least, _ in trees), sum(most for _, most in trees)

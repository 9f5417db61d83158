"""What nothing else beats in score and cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

_One = TypeVar("_One")


def front_of(
    found: Iterable[_One], cost: Callable[[_One], float], score: Callable[[_One], float]
) -> list[_One]:
    """Those that no other beats in score without costing more, the cheapest first; of equals the first."""
    kept: list[_One] = []
    for one in sorted(found, key=lambda each: (cost(each), -score(each))):
        if not kept or score(one) > score(kept[-1]):
            kept.append(one)
    return kept

"""Holm's correction: of many tests some come out by chance, so each p is raised."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Adjust p-values of one family, in their order; below alpha they hold all together with that error.

    The smallest is multiplied by how many there are, the next by one fewer, and so on; none falls below the
    one before it, or rises above 1.
    """
    adjusted = [0.0] * len(p_values)
    least = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        least = max(least, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = least
    return tuple(adjusted)

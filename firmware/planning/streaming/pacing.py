"""When rows come to be: windows that overlap share the rows that begin at the same items.

Windows begin every ``hop`` items, rows of a level ``step`` items apart from a window's first. So the windows
0, P, 2 P, ... with P = step / gcd(hop, step) have their rows in common, and the windows between them none of
these: rows come in P streams, window w's in stream w modulo P, each with a ring of its own. Where fewer
windows than that are under way at once, as many streams as windows do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .levels import Level


@dataclass(frozen=True, slots=True)
class Pace:
    """Of a level: ``streams``, and in each its first row with the ``first``-th item, then by ``step``."""

    first: int
    step: int
    rows: int
    streams: int


def paces(levels: Sequence[Level], length: int, hop: int) -> tuple[Pace, ...]:
    """The pace of every level; that of the model's input is every item."""
    found: list[Pace] = []
    for level in levels:
        below = math.lcm(1, *(found[read].streams for read in level.reads))
        found.append(Pace(level.span, level.step, level.rows, _streams(level, below, length, hop)))
    return tuple(found)


def _streams(level: Level, below: int, length: int, hop: int) -> int:
    apart = level.step // math.gcd(hop, level.step)
    under_way = windows_under_way(level, length, hop)
    return apart if apart <= under_way else min(apart, -(-under_way // below) * below)


def windows_under_way(level: Level, length: int, hop: int) -> int:
    """How many windows at most have a row of the level, and are not complete."""
    return (length - level.span) // hop + 1


def overlapping(level: Level, pace: Pace, length: int, hop: int) -> int:
    """How many of them share a stream."""
    return (length - level.span) // (hop * pace.streams) + 1

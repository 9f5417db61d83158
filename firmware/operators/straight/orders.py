"""The order in which one output takes its inputs, and where it closes its runs: the fewest cycles.

A run is a stretch of inputs whose products share one word of two sums. It is proven never to leave its half
of the word where the weights' magnitudes add up to at most RUN_MAX: 255 * 128 < 2**15.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

RUN_MAX: Final = 255
# The largest magnitude of an input, and of what half a word holds.
INPUT_MAX: Final = 128
HALF_MAX: Final = (1 << 15) - 1
# Cycles of a product that begins a run, and of one that is added to it, by the weight's magnitude.
START_CYCLES: Final = tuple(1 if magnitude & (magnitude - 1) == 0 else 2 for magnitude in range(256))
ADD_CYCLES: Final = tuple(START_CYCLES[magnitude] + (magnitude > 1) for magnitude in range(256))
# A run that may reach so far is closed not only where it must be.
_EARLY: Final = 160 * INPUT_MAX


class Step(NamedTuple):
    """One product: of which input, and whether the run before it is closed first."""

    input: int
    closes: bool


class _State(NamedTuple):
    """What a way so far costs; ``used``: how far the open run may reach, 0 where none is open."""

    cycles: int
    used: int
    is_negative: bool
    steps: tuple[Step, ...]
    before: _State | None


def row_order(
    weights: Sequence[int],
    groups: Sequence[Sequence[int]],
    close_cycles: int,
    reaches: Sequence[int] | None = None,
) -> list[tuple[Step, ...]]:
    """For each group of inputs that are at hand together, the steps of an output with ``weights``.

    ``close_cycles``: what closing a run takes; one more where the sum is held with the other sign.
    ``reaches``: the largest magnitude of each input, INPUT_MAX unless given.
    """
    reaches = reaches or (INPUT_MAX,) * len(weights)
    states = [_State(0, 0, False, (), None)]
    for group in groups:
        taken = [index for index in group if weights[index]]
        if taken:
            states = _after(states, taken, weights, close_cycles, reaches)
        else:
            states = [_State(*state[:3], (), state) for state in states]
    best: _State | None = min(states, key=lambda state: state.cycles + state.is_negative)
    steps = []
    while best is not None and best.before is not None:
        steps.append(best.steps)
        best = best.before
    return steps[::-1]


def _after(
    states: list[_State], taken: list[int], weights: Sequence[int], close_cycles: int, reaches: Sequence[int]
) -> list[_State]:
    """The ways on, over a group's inputs in each order of two."""
    begun = [_State(*state[:3], (), state) for state in states]
    found: list[_State] = []
    for order in (taken, taken[::-1]) if len(taken) > 1 else (taken,):
        ways = begun
        for index in order:
            ways = _with_product(ways, index, weights[index], close_cycles, reaches[index])
        found += ways
    return _best(found)


def _with_product(ways: list[_State], index: int, weight: int, close_cycles: int, reach: int) -> list[_State]:
    """One product more, in the open run or in a new one."""
    magnitude, minus, found = abs(weight), weight < 0, []
    more, first, taken = ADD_CYCLES[magnitude], START_CYCLES[magnitude], magnitude * reach
    room = HALF_MAX - taken
    for cycles, used, is_negative, steps, before in ways:
        if used and used <= room:
            added = (*steps, Step(index, False))
            found.append(_State(cycles + more, used + taken, is_negative and minus, added, before))
        if not used or used > room or used > _EARLY:
            closing = close_cycles + is_negative if used else 0
            begun = (*steps, Step(index, used > 0))
            found.append(_State(cycles + closing + first, taken, minus, begun, before))
    return found


def _best(states: list[_State]) -> list[_State]:
    """Those that no other one beats in cycles and in room."""
    states.sort(key=lambda state: (state.used, state.cycles))
    fewest = [min(state.cycles for state in states) + 6] * 2
    kept = []
    for state in states:
        if state.cycles < fewest[state.is_negative]:
            kept.append(state)
            # A sum that is held with its own sign is worth as much with the other one, and more.
            fewest[state.is_negative] = state.cycles
            if not state.is_negative:
                fewest[True] = min(fewest)
    return kept

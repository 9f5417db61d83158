"""The order in which one output takes its inputs, and where it closes its runs: the fewest cycles.

A run is a stretch of inputs whose products share one word of two sums. It is proven never to leave its half
of the word where the weights' magnitudes add up to at most RUN_MAX: 255 * 128 < 2**15.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

RUN_MAX: Final = 255
# Cycles of a product that begins a run, and of one that is added to it, by the weight's magnitude.
START_CYCLES: Final = tuple(1 if magnitude & (magnitude - 1) == 0 else 2 for magnitude in range(129))
ADD_CYCLES: Final = tuple(START_CYCLES[magnitude] + (magnitude > 1) for magnitude in range(129))
# A run of more than so many is closed only where it must be.
_EARLY: Final = 160


@dataclass(frozen=True, slots=True)
class Step:
    """One product: of which input, and whether the run before it is closed first."""

    index: int
    closes: bool


@dataclass(frozen=True, slots=True)
class _State:
    """What a way so far costs; ``used`` of the open run's RUN_MAX, 0 where none is open."""

    cycles: int
    used: int
    is_negative: bool
    steps: tuple[Step, ...]
    before: _State | None


def row_order(
    weights: Sequence[int], groups: Sequence[Sequence[int]], close_cycles: int
) -> list[tuple[Step, ...]]:
    """For each group of inputs that are at hand together, the steps of an output with ``weights``.

    ``close_cycles``: what closing a run takes; one more where the sum is held with the other sign.
    """
    states = [_State(0, 0, False, (), None)]
    for group in groups:
        taken = [index for index in group if weights[index]]
        states = _best([after for state in states for after in _after(state, taken, weights, close_cycles)])
    best: _State | None = min(states, key=lambda state: state.cycles + state.is_negative)
    steps = []
    while best is not None and best.before is not None:
        steps.append(best.steps)
        best = best.before
    return steps[::-1]


def _after(state: _State, taken: list[int], weights: Sequence[int], close_cycles: int) -> Iterator[_State]:
    """The ways on, over a group's inputs in each order of two."""
    if not taken:
        yield _State(state.cycles, state.used, state.is_negative, (), state)
        return
    for order in (taken, taken[::-1]) if len(taken) > 1 else (taken,):
        ways: list[_Way] = [(state.cycles, state.used, state.is_negative, ())]
        for index in order:
            ways = [after for way in ways for after in _product(way, index, weights[index], close_cycles)]
        for way in ways:
            yield _State(*way, state)


_Way = tuple[int, int, bool, tuple[Step, ...]]


def _product(way: _Way, index: int, weight: int, close_cycles: int) -> Iterator[_Way]:
    """One product more, in the open run or in a new one."""
    cycles, used, is_negative, steps = way
    magnitude = abs(weight)
    fits = used + magnitude <= RUN_MAX
    if used and fits:
        more = cycles + ADD_CYCLES[magnitude], used + magnitude, is_negative and weight < 0
        yield *more, (*steps, Step(index, False))
    if not used or not fits or used > _EARLY:
        closing = close_cycles + is_negative if used else 0
        begun = cycles + closing + START_CYCLES[magnitude], magnitude, weight < 0
        yield *begun, (*steps, Step(index, used > 0))


def _best(states: list[_State]) -> list[_State]:
    """Those that no other one beats in cycles and in room."""
    kept = []
    for sign in (False, True):
        fewest = min(state.cycles for state in states) + 6
        for state in sorted(
            (state for state in states if state.is_negative == sign),
            key=lambda each: (each.used, each.cycles),
        ):
            if state.cycles < fewest:
                kept.append(state)
                fewest = state.cycles
    return kept

"""Which kernel each layer gets: a decision under a budget of flash and RAM.

"speed": the fastest combination that fits. "size": the smallest that fits. Where none fits, the one that
exceeds the budget least, so that the error can say what would fit. A kernel's code counts once, however many
layers share it, so that layers cannot be decided one by one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Final, NamedTuple

from zerotap.firmware.operators import Implementation
from zerotap.firmware.options import Budget

from . import cost_model

# So many combinations are all tried; beyond, layers are switched one by one, or all with the same kernel.
MOST_COMBINATIONS: Final = 2_000

Choices = Sequence[Implementation]
Picks = tuple[int, ...]


class Figures(NamedTuple):
    """What a combination costs, by the cost model."""

    cycles: int
    flash_bytes: int
    ram_bytes: int


def choose(
    options: Sequence[Choices], optimise: str, budget: Budget, ram_bytes: Callable[[Choices], int]
) -> list[Implementation]:
    """One of each layer's ``options``; ``ram_bytes`` of a combination: arena, stack, input and output."""
    problem = Problem(options, optimise, budget, ram_bytes)
    picks = problem.exhaustive() if problem.combinations <= MOST_COMBINATIONS else problem.greedy()
    return problem.choices(picks)


class Problem:
    """Combinations, as an index into each layer's options, and how good each is."""

    def __init__(
        self, options: Sequence[Choices], optimise: str, budget: Budget, ram_bytes: Callable[[Choices], int]
    ) -> None:
        self._options = options
        self._optimise = optimise
        self._budget = budget
        self._ram_bytes = ram_bytes
        self._known: dict[Picks, Figures] = {}

    @cached_property
    def combinations(self) -> int:
        """How many there are."""
        return math.prod(len(each) for each in self._options)

    def choices(self, picks: Picks) -> list[Implementation]:
        """The implementations of a combination."""
        return [each[pick] for each, pick in zip(self._options, picks, strict=True)]

    def figures(self, picks: Picks) -> Figures:
        """What a combination costs."""
        if picks not in self._known:
            chosen = self.choices(picks)
            flash_bytes, ram_bytes = cost_model.flash_bytes(chosen), self._ram_bytes(chosen)
            self._known[picks] = Figures(cost_model.cycles(chosen), flash_bytes, ram_bytes)
        return self._known[picks]

    def excess_bytes(self, picks: Picks) -> int:
        """Flash and RAM beyond the budget."""
        _, flash_bytes, ram_bytes = self.figures(picks)
        return max(0, flash_bytes - self._budget.flash_bytes) + max(0, ram_bytes - self._budget.ram_bytes)

    def rank(self, picks: Picks) -> tuple[int, ...]:
        """The lower, the better."""
        cycles, flash_bytes, ram_bytes = self.figures(picks)
        wanted = (flash_bytes, cycles) if self._optimise == "size" else (cycles, flash_bytes)
        return (self.excess_bytes(picks), *wanted, ram_bytes)

    def exhaustive(self) -> Picks:
        """The best of all."""
        return min(itertools.product(*(range(len(each)) for each in self._options)), key=self.rank)

    def greedy(self) -> Picks:
        """The better of two ways: from the fastest down into the budget, and from the smallest up."""
        fastest = self._each(lambda each: (each.cycles, cost_model.own_bytes(each)))
        smallest = self._each(lambda each: (cost_model.own_bytes(each), each.cycles))
        starts = (self._into_budget(fastest), smallest)
        return min((self._improved(start) for start in starts), key=self.rank)

    def _each(self, cost: Callable[[Implementation], tuple[int, int]]) -> Picks:
        return tuple(min(range(len(each)), key=lambda pick: cost(each[pick])) for each in self._options)

    def _into_budget(self, picks: Picks) -> Picks:
        """Switch where most bytes are saved for a cycle lost, until it fits or nothing saves any more."""
        while excess := self.excess_bytes(picks):
            saving = [move for move in self._moves(picks) if self.excess_bytes(move) < excess]
            if not saving:
                break
            picks = max(saving, key=lambda move: self._bytes_a_cycle(picks, move))
        return picks

    def _bytes_a_cycle(self, before: Picks, after: Picks) -> float:
        lost = self.figures(after).cycles - self.figures(before).cycles
        saved = self.excess_bytes(before) - self.excess_bytes(after)
        return saved / lost if lost > 0 else math.inf

    def _improved(self, picks: Picks) -> Picks:
        """Take the best single step, as long as one helps."""
        while self.rank(best := min(self._moves(picks), key=self.rank, default=picks)) < self.rank(picks):
            picks = best
        return picks

    def _moves(self, picks: Picks) -> Iterator[Picks]:
        """One layer switched; or, as code is shared, all layers that have one kernel to another of theirs."""
        for layer, each in enumerate(self._options):
            for pick in range(len(each)):
                if pick != picks[layer]:
                    yield (*picks[:layer], pick, *picks[layer + 1 :])
        kernels = sorted({choice.kernel for choice in self.choices(picks)})
        offered = sorted({choice.kernel for each in self._options for choice in each})
        for old, new in itertools.permutations(sorted({*kernels, *offered}), 2):
            if old in kernels and (moved := self._replaced(picks, old, new)) != picks:
                yield moved

    def _replaced(self, picks: Picks, old: str, new: str) -> Picks:
        moved = list(picks)
        for layer, each in enumerate(self._options):
            named = [choice.kernel for choice in each]
            if named[picks[layer]] == old and new in named:
                moved[layer] = named.index(new)
        return tuple(moved)

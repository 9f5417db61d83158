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
from typing import Final, NamedTuple, TypeVar

from zerotap.firmware.operators import Implementation
from zerotap.firmware.options import Budget
from zerotap.firmware.planning import cost_model

from .prices import Price, price, shared_parts, worth_having
from .search import FEW, WIDTHS, Found, Picks, fastest, smallest

# So many combinations are all tried; more are searched.
MOST_COMBINATIONS: Final = 500
# Depths of the stack that are tried as limits where RAM is short.
_MOST_DEPTHS: Final = 4

Choices = Sequence[Implementation]
_Option = TypeVar("_Option")


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
    picks = problem.exhaustive() if problem.combinations <= MOST_COMBINATIONS else problem.searched()
    return problem.choices(picks)


class Problem:
    """Combinations, as an index into each layer's options, and how good each is.

    Options that another of their layer beats in flash, cycles and RAM are left out.
    """

    def __init__(
        self, options: Sequence[Choices], optimise: str, budget: Budget, ram_bytes: Callable[[Choices], int]
    ) -> None:
        prices = [[price(option) for option in each] for each in options]
        shared = shared_parts(prices)
        kept = [worth_having(each, shared) for each in prices]
        self._options = _some(options, kept)
        self._prices: list[list[Price]] = _some(prices, kept)
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

    def searched(self) -> Picks:
        """The best that the search finds; where RAM is short, within several depths of stack."""
        best = self._best_of([list(range(len(each))) for each in self._options])
        if not self.excess_bytes(best):
            return best
        best = min(best, self._leanest, key=self.rank)
        for allowed in self._within_ram():
            better = self._best_of(allowed) if self.excess_bytes(best) else self._better(best, allowed)
            best = min(best, better, key=self.rank)
        return best

    def _best_of(self, allowed: Sequence[Sequence[int]]) -> Picks:
        """The best of these options of each layer, whatever RAM it takes; the smallest where none fits."""
        found = self._fastest(allowed) if self._optimise == "speed" else None
        return found or _as_picks(allowed, smallest(_some(self._prices, allowed)))

    def _better(self, best: Picks, allowed: Sequence[Sequence[int]]) -> Picks:
        """The best of these options, if that is better than one that fits."""
        if self._optimise == "size":
            return self._best_of(allowed)
        return self._fastest(allowed, self.figures(best).cycles - cost_model.INVOKE_CYCLES, FEW) or best

    def _fastest(
        self,
        allowed: Sequence[Sequence[int]],
        most_cycles: int | None = None,
        widths: tuple[int, ...] = WIDTHS,
    ) -> Picks | None:
        room = self._budget.flash_bytes - cost_model.INVOKE_BYTES
        found = fastest(_some(self._prices, allowed), room, most_cycles, widths)
        return _as_picks(allowed, found) if found else None

    @cached_property
    def _leanest(self) -> Picks:
        """The option of each layer with the least scratch, then the least stack."""
        return tuple(
            min(range(len(each)), key=lambda pick: (each[pick].scratch_bytes, each[pick].stack_bytes))
            for each in self._prices
        )

    def _within_ram(self) -> Iterator[list[list[int]]]:
        """For depths of stack, with loops and own functions or without: what leaves RAM enough, by layer."""
        both, seen = (True, False), []
        for depth, loops, own in itertools.product(self._depths(), both, both):
            allowed = [
                [pick for pick in range(len(each)) if self._leaves_enough(layer, pick, depth, loops, own)]
                for layer, each in enumerate(self._prices)
            ]
            if all(allowed) and allowed not in seen:
                seen.append(allowed)
                yield allowed

    def _depths(self) -> list[int]:
        """Depths of options' stacks, from the deepest that leaves RAM enough to a combination's least."""
        least = max(min(each.stack_bytes for each in layer) for layer in self._prices)
        most = self._budget.ram_bytes - max(map(min, self._alone))
        depths = {each.stack_bytes for layer in self._prices for each in layer}
        kept = sorted(depth for depth in depths if least <= depth <= most)
        return sorted({*kept[:1], *kept[:: -max(1, -(-len(kept) // _MOST_DEPTHS))]}, reverse=True)

    def _leaves_enough(self, layer: int, pick: int, depth: int, loops: bool, own: bool) -> bool:
        """Whether an option fits between the leanest ones of all other layers if the stack goes so deep."""
        option = self._prices[layer][pick]
        if option.stack_bytes > depth or option.loops > loops or option.own_functions > own:
            return False
        stack = cost_model.LOOP_STACK_BYTES * loops + cost_model.OWN_FUNCTIONS_STACK_BYTES * own + depth
        return self._alone[layer][pick] + stack <= self._budget.ram_bytes

    @cached_property
    def _alone(self) -> list[list[int]]:
        """RAM of each option between the leanest of all others, without the stack that any of them adds."""
        lean = self._leanest
        return [
            [self._arena_and_ends((*lean[:layer], pick, *lean[layer + 1 :])) for pick in range(len(each))]
            for layer, each in enumerate(self._prices)
        ]

    def _arena_and_ends(self, picks: Picks) -> int:
        chosen = self.choices(picks)
        added = cost_model.stack_bytes(chosen, several_ends=False) - cost_model.INVOKE_STACK_BYTES
        return self._ram_bytes(chosen) - added


def _as_picks(allowed: Sequence[Sequence[int]], found: Found) -> Picks:
    return tuple(each[pick] for each, pick in zip(allowed, found.picks, strict=True))


def _some(layers: Sequence[Sequence[_Option]], picks: Sequence[Sequence[int]]) -> list[list[_Option]]:
    return [[each[pick] for pick in kept] for each, kept in zip(layers, picks, strict=True)]

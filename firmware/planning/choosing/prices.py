"""What each option of a layer costs, by itself and in what it shares, and which are never worth it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from zerotap.firmware.operators import Implementation
from zerotap.firmware.planning import cost_model

# What a model pays once that has any loop: room and stack for saved registers.
_LOOP: Final = "a loop"


@dataclass(frozen=True, slots=True)
class Price:
    """One option: ``cycles``; flash of its own; the ``parts`` that it shares with whoever names them, too.

    ``scratch_bytes`` are of the arena; ``stack_bytes`` its own, without what a loop and ``own_functions``,
    code that no other layer has, add to the whole.
    """

    cycles: int
    own_bytes: int
    parts: frozenset[str]
    scratch_bytes: int
    stack_bytes: int
    own_functions: bool = False

    @property
    def loops(self) -> bool:
        """Whether the model then has a loop."""
        return _LOOP in self.parts


def price(option: Implementation) -> Price:
    """The price of an option by the cost model."""
    parts = cost_model.code_parts(option) | ({_LOOP} if cost_model.has_loop(option) else frozenset())
    own_bytes, stack_bytes = cost_model.own_bytes(option), cost_model.layer_stack_bytes(option)
    return Price(option.cycles, own_bytes, parts, option.scratch_bytes, stack_bytes, option.code_bytes > 0)


def part_bytes(part: str) -> int:
    """Flash of what is shared, paid once."""
    return cost_model.LOOP_BYTES if part == _LOOP else cost_model.part_bytes(part)


def shared_parts(layers: Sequence[Sequence[Price]]) -> frozenset[str]:
    """The parts that options of several layers name; of those of one layer alone the option pays all."""
    named = Counter(part for layer in layers for part in frozenset().union(*(each.parts for each in layer)))
    return frozenset(part for part, layers_with in named.items() if layers_with > 1)


def paid(option: Price, shared: frozenset[str]) -> int:
    """Flash of an option with the parts that no other layer shares."""
    return option.own_bytes + bytes_of(option.parts - shared)


def bytes_of(parts: Iterable[str]) -> int:
    """Flash of several parts."""
    return sum(map(part_bytes, parts))


def worth_having(options: Sequence[Price], shared: frozenset[str]) -> list[int]:
    """Which options, by index, no other of the layer beats or equals in flash, cycles and RAM alike."""
    kept: list[int] = []
    for index in sorted(range(len(options)), key=lambda i: (options[i].cycles, paid(options[i], shared), i)):
        if not any(_beats(options[other], options[index], shared) for other in kept):
            kept = [other for other in kept if not _beats(options[index], options[other], shared)]
            kept.append(index)
    return sorted(kept)


def _beats(one: Price, other: Price, shared: frozenset[str]) -> bool:
    """Whether ``one`` is no worse than ``other``, even if it has to pay alone for what only it names."""
    more = bytes_of((one.parts - other.parts) & shared)
    return (
        one.cycles <= other.cycles
        and paid(one, shared) + more <= paid(other, shared)
        and one.scratch_bytes <= other.scratch_bytes
        and one.stack_bytes <= other.stack_bytes
        and one.loops <= other.loops
    )

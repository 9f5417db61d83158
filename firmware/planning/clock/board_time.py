"""The cost model's second formula: cycles on the board, from those at zero wait states and rates a kernel.

A kernel waits so often a cycle when it runs from flash, and less often from RAM, where it is called by way
of a veneer, which takes cycles. The rates are fitted by benchmarks/engine/fit_waits.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from zerotap.firmware.c_code.code_in_ram import can_move
from zerotap.firmware.operators import Implementation

from .rates import Rates
from .wait_rates import RATES, USUAL

WITHIN: Final = 0.06
"""How near the board's cycles of a whole model are."""

VENEER_BYTES: Final = 20
"""Flash of a way from flash to a function in RAM: GNU ld's with what aligns it."""

VENEER_STACK_BYTES: Final = 8


def rates_of(kernel: str) -> Rates:
    """A kernel's rates, or the usual ones."""
    return RATES.get(kernel, USUAL)


def movable(implementation: Implementation) -> list[str]:
    """The functions of runtime/ that a layer calls and that may run from RAM."""
    return [function for function in implementation.runtime if can_move(function)]


def veneer_cycles(implementations: Iterable[Implementation], in_ram: Collection[str]) -> int:
    """Cycles, at zero wait states, of the calls from flash to what is in RAM."""
    return round(
        sum(
            each.cycles * rates_of(each.kernel).calls * _part_in_ram(each, in_ram) for each in implementations
        )
    )


def waits(implementation: Implementation, in_ram: Collection[str] = ()) -> float:
    """How often a layer waits for the flash."""
    rates, part = rates_of(implementation.kernel), _part_in_ram(implementation, in_ram)
    return implementation.cycles * (rates.flash + (rates.ram - rates.flash) * part)


def _part_in_ram(implementation: Implementation, in_ram: Collection[str]) -> float:
    """How many of the functions that could be in RAM are."""
    can = movable(implementation)
    return sum(function in in_ram for function in can) / len(can) if can else 0.0

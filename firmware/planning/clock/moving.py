"""Which code runs from RAM: hot loops, where RAM is free and it pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zerotap.firmware.operators import Implementation
from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.cost_model import part_bytes

from .board_time import VENEER_BYTES, VENEER_STACK_BYTES, movable, rates_of, veneer_cycles, waits

PAYS: Final = 0.01
"""The part of the board's cycles that code in RAM must save before the plan moves any by itself."""


def code_in_ram(
    choices: Sequence[Implementation], options: BuildOptions, flash_bytes: int, ram_bytes: int
) -> frozenset[str]:
    """The runtime functions that run from RAM; the model takes so much flash and RAM without that.

    "ram" moves all that can be, as far as both memories go; "auto" the same where the user said how much RAM
    there is and it pays; "flash" none.
    """
    limits = options.limits
    is_stated = limits.ram_bytes < options.board.ram_bytes
    if options.code == "flash" or (options.code == "auto" and not is_stated):
        return frozenset()
    found = _within(choices, limits.flash_bytes - flash_bytes, limits.ram_bytes - ram_bytes)
    return found if options.code == "ram" or _saved(choices, found) > PAYS else frozenset()


def code_bytes(in_ram: frozenset[str]) -> int:
    """RAM of functions, each aligned to a word; the flash that they are copied from counts as their code."""
    return sum(-(-part_bytes(function) // 4) * 4 for function in in_ram)


def _within(choices: Sequence[Implementation], flash_bytes: int, ram_bytes: int) -> frozenset[str]:
    """What is the most worth its bytes, as long as it fits."""
    found: frozenset[str] = frozenset()
    for function in sorted(
        _worth(choices), key=lambda each: (-_worth(choices)[each] / part_bytes(each), each)
    ):
        more = found | {function}
        fits = code_bytes(more) + VENEER_STACK_BYTES <= ram_bytes
        if fits and VENEER_BYTES * len(more) <= flash_bytes:
            found = more
    return found


def _worth(choices: Sequence[Implementation]) -> dict[str, float]:
    """Cycles that each function is of, roughly: each has the same share of its layers'."""
    worth: dict[str, float] = {}
    for choice in choices:
        for function in movable(choice):
            rates, share = rates_of(choice.kernel), choice.cycles / len(movable(choice))
            worth[function] = worth.get(function, 0) + share * (rates.flash - rates.ram - rates.calls)
    return {function: saved for function, saved in worth.items() if saved > 0 and part_bytes(function)}


def _saved(choices: Sequence[Implementation], in_ram: frozenset[str]) -> float:
    """The part of the board's cycles that is saved."""
    before = sum(choice.cycles + waits(choice) for choice in choices)
    after = sum(choice.cycles + waits(choice, in_ram) for choice in choices)
    return (before - after - veneer_cycles(choices, in_ram)) / max(before, 1)

"""The cost model's second formula: cycles on the board, from those at zero wait states and rates a kernel.

A kernel waits so often a cycle when it runs from flash, and less often from RAM, where it is called by way
of a veneer, which takes cycles. The rates are fitted by benchmarks/engine/fit_waits.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from typing import Final

from zerotap.firmware.c_code.code_in_ram import can_move, stands_alone
from zerotap.firmware.operators import Implementation
from zerotap.firmware.planning.cost_model import part_bytes
from zerotap.firmware.planning.layer import Layer

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


def movable(layer: Layer) -> dict[str, int]:
    """What of a layer's code may run from RAM, and its bytes, aligned to words.

    Functions of runtime/ by their names; the layer's own assembly by what its functions' names begin with.
    """
    found = {function: part_bytes(function) for function in layer.choice.runtime if can_move(function)}
    if layer.choice.code_bytes and _own_stands_alone(layer.choice):
        found[f"layer_{layer.index}"] = layer.choice.code_bytes
    return {name: -(-size // 4) * 4 for name, size in found.items() if size}


@lru_cache(maxsize=512)
def _own_stands_alone(implementation: Implementation) -> bool:
    lines = (line for function in implementation.emit("layer_0").assembly for line in function.lines)
    return stands_alone("\n".join(lines))


def veneer_cycles(layers: Iterable[Layer], in_ram: Collection[str]) -> int:
    """Cycles, at zero wait states, of the calls from flash to what is in RAM."""
    cycles = (
        each.choice.cycles * rates_of(each.choice.kernel).calls * _part_in_ram(each, in_ram)
        for each in layers
    )
    return round(sum(cycles))


def waits(layer: Layer, in_ram: Collection[str] = ()) -> float:
    """How often a layer waits for the flash."""
    rates, part = rates_of(layer.choice.kernel), _part_in_ram(layer, in_ram)
    return layer.choice.cycles * (rates.flash + (rates.ram - rates.flash) * part)


def _part_in_ram(layer: Layer, in_ram: Collection[str]) -> float:
    """How many of the functions that could be in RAM are."""
    if not in_ram:
        return 0.0
    can = movable(layer)
    return sum(function in in_ram for function in can) / len(can) if can else 0.0

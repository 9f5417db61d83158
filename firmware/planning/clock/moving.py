"""Which code runs from RAM: hot loops, where RAM is free and it pays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from zerotap.firmware.options import BuildOptions
from zerotap.firmware.planning.layer import Layer

from .board_time import VENEER_BYTES, VENEER_STACK_BYTES, movable, rates_of, veneer_cycles, waits

PAYS: Final = 0.01
"""The part of the board's cycles that code in RAM must save before the plan moves any by itself."""


def code_in_ram(
    layers: Sequence[Layer], options: BuildOptions, flash_bytes: int, ram_bytes: int
) -> dict[str, int]:
    """What runs from RAM, and its bytes; the model takes so much flash and RAM without that.

    "ram" moves all that can be, as far as both memories go; "auto" the same where the user said how much RAM
    there is and it pays, and whatever it saves on a board that runs from RAM; "flash" none. The flash that
    code is copied from counts as code.
    """
    limits = options.limits
    is_stated = limits.ram_bytes < options.board.ram_bytes
    always = options.code == "ram" or (options.code == "auto" and options.board.runs_from_ram)
    if options.code == "flash" or not (always or is_stated):
        return {}
    found = _within(layers, limits.flash_bytes - flash_bytes, limits.ram_bytes - ram_bytes)
    return found if always or _saved(layers, found) > PAYS else {}


def _within(layers: Sequence[Layer], flash_bytes: int, ram_bytes: int) -> dict[str, int]:
    """What is the most worth its bytes, as long as it fits."""
    sizes, worth = {name: size for each in layers for name, size in movable(each).items()}, _worth(layers)
    found: dict[str, int] = {}
    for name in sorted(worth, key=lambda each: (-worth[each] / sizes[each], each)):
        more = {**found, name: sizes[name]}
        fits = sum(more.values()) + VENEER_STACK_BYTES <= ram_bytes
        if fits and VENEER_BYTES * len(more) <= flash_bytes:
            found = more
    return found


def _worth(layers: Sequence[Layer]) -> dict[str, float]:
    """Cycles that each saves, roughly: those of a layer are shared out evenly."""
    worth: dict[str, float] = {}
    for layer in layers:
        can, rates = movable(layer), rates_of(layer.choice.kernel)
        saved = layer.choice.cycles * (rates.flash - rates.ram - rates.calls)
        for name in can:
            worth[name] = worth.get(name, 0) + saved / len(can)
    return {name: saved for name, saved in worth.items() if saved > 0}


def _saved(layers: Sequence[Layer], in_ram: dict[str, int]) -> float:
    """The part of the board's cycles that is saved."""
    before = sum(each.choice.cycles + waits(each) for each in layers)
    after = sum(each.choice.cycles + waits(each, in_ram) for each in layers)
    return (before - after - veneer_cycles(layers, in_ram)) / max(before, 1)

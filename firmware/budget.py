"""Whether a model fits the board, and if not, which layer to make smaller."""

from __future__ import annotations

from zerotap.errors import DoesNotFitError

from .arena import tensor_bytes
from .board import MKR_ZERO
from .plan import Layer, Plan


def check_plan(planned: Plan) -> None:
    """Refuse what cannot fit before anything is compiled: constants beyond flash, an arena beyond RAM.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    check_flash(planned, planned.weight_bytes - MKR_ZERO.flash_bytes)
    check_ram(planned, planned.arena_bytes - MKR_ZERO.ram_bytes)


def check_flash(planned: Plan, excess_bytes: int) -> None:
    """Raise DoesNotFitError if the program is ``excess_bytes`` > 0 larger than the board's flash."""
    if excess_bytes <= 0:
        return
    largest = max(planned.layers, key=lambda layer: layer.weight_bytes)
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more flash than the {MKR_ZERO.name} has "
        f"({MKR_ZERO.flash_bytes:,} B): its largest layer, {_name(largest)}, holds "
        f"{largest.weight_bytes:,} B; {_way_out(largest.weight_bytes, excess_bytes)}"
    )


def check_ram(planned: Plan, excess_bytes: int) -> None:
    """Raise DoesNotFitError if variables and stack are ``excess_bytes`` > 0 larger than the board's RAM."""
    if excess_bytes <= 0:
        return
    largest = max(planned.layers, key=lambda layer: _arena_bytes(planned, layer))
    held = _arena_bytes(planned, largest)
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more RAM than the {MKR_ZERO.name} has "
        f"({MKR_ZERO.ram_bytes:,} B): its widest layer, {_name(largest)}, holds {held:,} B of the arena; "
        f"{_way_out(held, excess_bytes)}"
    )


def _name(layer: Layer) -> str:
    return f"{layer.index} {layer.name} ({layer.target.name})"


def _arena_bytes(planned: Plan, layer: Layer) -> int:
    """What a layer reads and writes in the arena; a place counts once, the model's input not at all."""
    places = {
        planned.arena.offsets[tensor.index]: tensor_bytes(tensor)
        for tensor in (*layer.sources, layer.target)
        if tensor.index in planned.arena.offsets
    }
    return sum(places.values())


def _way_out(held_bytes: int, excess_bytes: int) -> str:
    if held_bytes > excess_bytes:
        return f"with at most {held_bytes - excess_bytes:,} B there it fits"
    return "make several layers smaller"

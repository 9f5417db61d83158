"""Whether a model fits the board, and if not, which layer to make smaller."""

from __future__ import annotations

from zerotap.errors import DoesNotFitError

from .board import MKR_ZERO
from .graph import Tensor
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
    largest = max(planned.layers, key=lambda layer: _bytes(layer.target) + _bytes(layer.source))
    held = _bytes(largest.target) + _bytes(largest.source)
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more RAM than the {MKR_ZERO.name} has "
        f"({MKR_ZERO.ram_bytes:,} B): its widest layer, {_name(largest)}, reads and writes {held:,} B; "
        f"{_way_out(held, excess_bytes)}"
    )


def _name(layer: Layer) -> str:
    return f"{layer.index} {layer.operator.name} ({layer.target.name})"


def _bytes(tensor: Tensor) -> int:
    return tensor.size * (4 if tensor.dtype == "int32" else 1)


def _way_out(held_bytes: int, excess_bytes: int) -> str:
    if held_bytes > excess_bytes:
        return f"with at most {held_bytes - excess_bytes:,} B there it fits"
    return "make several layers smaller"

"""Whether a plan fits its budget, and if not, which layer to make smaller."""

from __future__ import annotations

from zerotap.errors import DoesNotFitError
from zerotap.firmware.options import Budget

from .arena import tensor_bytes
from .layer import Layer
from .plan import Plan


def check_plan(planned: Plan) -> None:
    """Refuse a plan that the cost model puts beyond its budget.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    check_flash(planned, planned.flash_bytes - planned.options.limits.flash_bytes)
    check_ram(planned, planned.ram_bytes + planned.io_bytes - planned.options.limits.ram_bytes)


def check_exact_part(planned: Plan) -> None:
    """Refuse what cannot fit whatever a compiler makes of it: constants, and the arena with input and output.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    check_flash(planned, planned.weight_bytes - planned.options.limits.flash_bytes)
    check_ram(planned, planned.arena_bytes + planned.io_bytes - planned.options.limits.ram_bytes)


def check_flash(planned: Plan, excess_bytes: int) -> None:
    """Raise DoesNotFitError if a model takes ``excess_bytes`` > 0 more flash than its budget has."""
    if excess_bytes <= 0:
        return
    largest = max(planned.layers, key=lambda layer: layer.weight_bytes)
    limit = planned.options.limits.limit("flash")
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more flash than {limit}: "
        f"its largest layer, {_name(largest)}, holds {largest.weight_bytes:,} B; "
        f"{_way_out(planned, largest.weight_bytes, excess_bytes, 'flash')}"
    )


def check_ram(planned: Plan, excess_bytes: int) -> None:
    """Raise DoesNotFitError if arena, stack, input and output take ``excess_bytes`` > 0 too much."""
    if excess_bytes <= 0:
        return
    largest = max(planned.layers, key=lambda layer: held_bytes(planned, layer))
    held, limit = held_bytes(planned, largest), planned.options.limits.limit("RAM")
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more RAM than {limit}: its "
        f"widest layer, {_name(largest)}, holds {held:,} B; {_way_out(planned, held, excess_bytes, 'RAM')}"
    )


def check_chain(limits: Budget, flash_bytes: int, ram_bytes: int) -> None:
    """Raise DoesNotFitError if a model behind its stages takes more, as linked, than its limits.

    ``ram_bytes``: variables and stack.
    """
    for memory, used, limit in (
        ("flash", flash_bytes, limits.flash_bytes),
        ("RAM", ram_bytes, limits.ram_bytes),
    ):
        if used > limit:
            raise DoesNotFitError(
                f"the model with its pipeline's stages takes {used:,} B of {memory}, more than "
                f"{limits.limit(memory)}: choose shorter windows, fewer stages or a smaller model"
            )


def held_bytes(planned: Plan, layer: Layer) -> int:
    """RAM that a layer reads, writes and has for itself while it runs; a place counts once."""
    arena = planned.arena
    places: dict[tuple[str, int], int] = {}
    for tensor in (*layer.sources, layer.target):
        if tensor.index in arena.offsets:
            place = ("arena", arena.offsets[tensor.index])
        else:
            place = ("end", arena.ends[tensor.index])
        places[place] = max(places.get(place, 0), tensor_bytes(tensor))
    return sum(places.values()) + layer.choice.scratch_bytes


def _name(layer: Layer) -> str:
    return f"{layer.index} {layer.name} ({layer.target.name})"


def _way_out(planned: Plan, held_bytes: int, excess_bytes: int, memory: str) -> str:
    budget = planned.options.limits
    limit = budget.flash_bytes if memory == "flash" else budget.ram_bytes
    with_that = f"with {limit + excess_bytes:,} B of {memory}"
    if held_bytes > excess_bytes:
        return f"with at most {held_bytes - excess_bytes:,} B there it fits, or {with_that}"
    return f"it fits {with_that}, or make several layers smaller"

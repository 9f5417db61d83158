"""Whether a plan fits its budget, and if not, which layer to make smaller."""

from __future__ import annotations

from zerotap.errors import DoesNotFitError
from zerotap.firmware.options import Budget

from .arena import tensor_bytes
from .layer import Layer
from .plan import Plan


class WholeTooLargeError(DoesNotFitError):
    """A model behind its stages takes more than its limits: so much of each memory, as linked."""

    def __init__(self, told: str, flash_bytes: int, ram_bytes: int) -> None:
        super().__init__(told)
        self.flash_bytes = flash_bytes
        self.ram_bytes = ram_bytes


def check_plan(planned: Plan) -> None:
    """Refuse a plan that the cost model puts beyond its budget.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    limits = planned.options.limits
    check_memory(
        planned, planned.flash_bytes - limits.flash_bytes, planned.ram_total_bytes - limits.ram_bytes
    )


def check_exact_part(planned: Plan) -> None:
    """Refuse what cannot fit whatever a compiler makes of it: constants; arena, states, input and output.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    limits = planned.options.limits
    too_much_ram = planned.arena_bytes + planned.state_bytes + planned.io_bytes > limits.ram_bytes
    if planned.weight_bytes > limits.flash_bytes or too_much_ram:
        check_plan(planned)


def check_memory(planned: Plan, flash_excess_bytes: int, ram_excess_bytes: int) -> None:
    """Raise DoesNotFitError with both figures if either memory lacks bytes; what is to spare is below 0.

    RAM: arena, states, stack, and the caller's arrays for input and output.
    """
    if flash_excess_bytes > 0 and ram_excess_bytes > 0:
        raise DoesNotFitError(_both(planned, flash_excess_bytes, ram_excess_bytes))
    if flash_excess_bytes > 0:
        raise DoesNotFitError(_flash(planned, flash_excess_bytes, ram_excess_bytes))
    if ram_excess_bytes > 0:
        raise DoesNotFitError(_ram(planned, flash_excess_bytes, ram_excess_bytes))


def _flash(planned: Plan, excess_bytes: int, ram_excess_bytes: int) -> str:
    largest, limits = _largest(planned), planned.options.limits
    return (
        f"{planned.graph.source} needs {excess_bytes:,} B more flash than {limits.limit('flash')}, "
        f"beside {limits.ram_bytes + ram_excess_bytes:,} B of RAM: "
        f"its largest layer, {_name(largest)}, holds {largest.weight_bytes:,} B; "
        f"{_way_out(planned, largest.weight_bytes, excess_bytes, 'flash')}"
    )


def _ram(planned: Plan, flash_excess_bytes: int, excess_bytes: int) -> str:
    widest, limits = _widest(planned), planned.options.limits
    held = held_bytes(planned, widest)
    return (
        f"{planned.graph.source} needs {excess_bytes:,} B more RAM than {limits.limit('RAM')}, "
        f"beside {limits.flash_bytes + flash_excess_bytes:,} B of flash: its widest layer, {_name(widest)}, "
        f"holds {held:,} B; {_way_out(planned, held, excess_bytes, 'RAM')}"
    )


def _both(planned: Plan, flash_excess_bytes: int, ram_excess_bytes: int) -> str:
    largest, widest, limits = _largest(planned), _widest(planned), planned.options.limits
    flash_bytes, ram_bytes = limits.flash_bytes + flash_excess_bytes, limits.ram_bytes + ram_excess_bytes
    return (
        f"{planned.graph.source} needs {flash_excess_bytes:,} B more flash than {limits.limit('flash')} and "
        f"{ram_excess_bytes:,} B more RAM than {limits.limit('RAM')}: its largest layer, {_name(largest)}, "
        f"holds {largest.weight_bytes:,} B of flash, its widest, {_name(widest)}, "
        f"{held_bytes(planned, widest):,} B of RAM; it fits with {flash_bytes:,} B of flash and "
        f"{ram_bytes:,} B of RAM, or make the model's input and several layers smaller"
    )


def _largest(planned: Plan) -> Layer:
    return max(planned.layers, key=lambda layer: layer.weight_bytes)


def _widest(planned: Plan) -> Layer:
    return max(planned.layers, key=lambda layer: held_bytes(planned, layer))


def check_chain(limits: Budget, flash_bytes: int, ram_bytes: int) -> None:
    """Raise WholeTooLargeError if a model behind its stages takes more, as linked, than its limits.

    ``ram_bytes``: variables, stack, and the caller's packet and output.
    """
    for memory, used, limit in (
        ("flash", flash_bytes, limits.flash_bytes),
        ("RAM", ram_bytes, limits.ram_bytes),
    ):
        if used > limit:
            raise WholeTooLargeError(
                f"the model with its pipeline's stages takes {used:,} B of {memory}, more than "
                f"{limits.limit(memory)}: choose shorter windows, fewer stages or a smaller model",
                flash_bytes,
                ram_bytes,
            )


def held_bytes(planned: Plan, layer: Layer) -> int:
    """RAM that a layer reads, writes and has for itself while it runs; a place counts once."""
    arena = planned.arena
    places: dict[tuple[str, int], int] = {}
    for tensor in (*layer.sources, layer.target):
        if tensor.index in arena.offsets:
            place = ("arena", arena.offsets[tensor.index])
        elif tensor.index in arena.states:
            place = ("state", arena.states[tensor.index])
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

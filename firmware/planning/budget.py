"""How much flash and RAM a model may take, whether it does, and if not, which layer to make smaller."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from zerotap.errors import DoesNotFitError
from zerotap.firmware.board import MKR_ZERO

from .arena import tensor_bytes

if TYPE_CHECKING:
    from .plan import Layer, Plan


@dataclass(frozen=True, slots=True)
class Budget:
    """What a model may take.

    ``flash_bytes``: code and constants. ``ram_bytes``: the arena, the stack, and the caller's arrays for the
    model's input and output. ``giver`` names who sets the limit, in errors.
    """

    flash_bytes: int
    ram_bytes: int
    giver: str

    def less(self, flash_bytes: int, ram_bytes: int) -> Budget:
        """As much less of both."""
        return replace(self, flash_bytes=self.flash_bytes - flash_bytes, ram_bytes=self.ram_bytes - ram_bytes)

    def limit(self, memory: str) -> str:
        """ "the board has (253,952 B)" of the ``memory`` "flash" or "RAM"."""
        return f"{self.giver} ({self.flash_bytes if memory == 'flash' else self.ram_bytes:,} B)"


BOARD: Final = Budget(MKR_ZERO.flash_bytes, MKR_ZERO.ram_bytes, f"the {MKR_ZERO.name} has")


def given_budget(flash_bytes: int | None, ram_bytes: int | None) -> Budget:
    """The board's memories, or less (or more) of either where the caller says so."""
    if flash_bytes is None and ram_bytes is None:
        return BOARD
    flash = BOARD.flash_bytes if flash_bytes is None else flash_bytes
    return Budget(flash, BOARD.ram_bytes if ram_bytes is None else ram_bytes, "the budget allows")


def check_plan(planned: Plan) -> None:
    """Refuse a plan that the cost model puts beyond its budget.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    check_flash(planned, planned.flash_bytes - planned.budget.flash_bytes)
    check_ram(planned, planned.ram_bytes + planned.io_bytes - planned.budget.ram_bytes)


def check_exact_part(planned: Plan) -> None:
    """Refuse what cannot fit whatever a compiler makes of it: constants, and the arena with input and output.

    Raises DoesNotFitError, which names the largest layer and what would fit.
    """
    check_flash(planned, planned.weight_bytes - planned.budget.flash_bytes)
    check_ram(planned, planned.arena_bytes + planned.io_bytes - planned.budget.ram_bytes)


def check_flash(planned: Plan, excess_bytes: int) -> None:
    """Raise DoesNotFitError if a model takes ``excess_bytes`` > 0 more flash than its budget has."""
    if excess_bytes <= 0:
        return
    largest = max(planned.layers, key=lambda layer: layer.weight_bytes)
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more flash than {planned.budget.limit('flash')}: "
        f"its largest layer, {_name(largest)}, holds {largest.weight_bytes:,} B; "
        f"{_way_out(planned, largest.weight_bytes, excess_bytes, 'flash')}"
    )


def check_ram(planned: Plan, excess_bytes: int) -> None:
    """Raise DoesNotFitError if arena, stack, input and output take ``excess_bytes`` > 0 too much."""
    if excess_bytes <= 0:
        return
    largest = max(planned.layers, key=lambda layer: held_bytes(planned, layer))
    held = held_bytes(planned, largest)
    raise DoesNotFitError(
        f"{planned.graph.source} needs {excess_bytes:,} B more RAM than {planned.budget.limit('RAM')}: its "
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
    places: dict[int | str, int] = {}
    for tensor in (*layer.sources, layer.target):
        if tensor.index in arena.offsets:
            place: int | str = arena.offsets[tensor.index]
        else:
            place = "input" if tensor.index in arena.in_input else "output"
        places[place] = max(places.get(place, 0), tensor_bytes(tensor))
    return sum(places.values()) + layer.choice.scratch_bytes


def _name(layer: Layer) -> str:
    return f"{layer.index} {layer.name} ({layer.target.name})"


def _way_out(planned: Plan, held_bytes: int, excess_bytes: int, memory: str) -> str:
    budget = planned.budget
    limit = budget.flash_bytes if memory == "flash" else budget.ram_bytes
    with_that = f"with {limit + excess_bytes:,} B of {memory}"
    if held_bytes > excess_bytes:
        return f"with at most {held_bytes - excess_bytes:,} B there it fits, or {with_that}"
    return f"it fits {with_that}, or make several layers smaller"

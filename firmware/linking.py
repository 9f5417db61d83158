"""A plan as a linked program beside an empty one, held to the limits: of a graph, or of an integer model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from zerotap.errors import DoesNotFitError
from zerotap.reporting import Progress, no_progress

from .generation.integer_code import FUNCTIONS, generate_integer
from .generation.model_code import generate_plan
from .graph import Graph
from .integer_models import IDS_A_CALL
from .options import DEFAULTS, BuildOptions
from .planning import fitting
from .planning.arena import ends_bytes
from .planning.integers.integer_plan import IntegerPlan, plan_integer
from .planning.plan import Plan, Planner
from .simulation.program import (
    MODEL_NAME,
    RESET,
    MemoryOverflowError,
    Program,
    build_empty,
    build_ids_empty,
    build_ids_model,
    build_model,
)
from .simulation.sizes import Sizes
from .simulation.toolchain import Compiler, find_compiler

LINKING: Final = "generating and linking"
AGAIN: Final = "choosing other kernels: those that were linked took"

# Flash and RAM by which the cost model may be too low, and the flash of start-up code.
SPARE_BYTES = (1024, 256)
# So often kernels are chosen again with what was found to be lacking, before that is spared.
_TRIES: Final = 2


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """A plan linked for the board, and what it adds to an empty program."""

    program: Program
    planned: Plan
    sizes: Sizes
    compiler: str

    def __repr__(self) -> str:
        sizes = self.sizes
        return f"<Build: {sizes.flash_bytes:,} B flash, {sizes.ram_total_bytes:,} B RAM, by {self.compiler}>"


def build(graph: Graph, options: BuildOptions = DEFAULTS, on_progress: Progress = no_progress) -> Build:
    """Generate, compile and link a model, and the empty program beside it.

    What was linked is held to the limits, whatever the cost model said: where it was too hopeful, kernels are
    chosen again, with what it was wrong by to spare. Raises DoesNotFitError naming the largest layer,
    ModelError or ToolchainError.
    """
    compiler = find_compiler(options.compiler)
    planner = Planner.of(graph)
    planned = planner.plan(options)
    fitting.check_exact_part(planned)
    on_progress(LINKING, 0, 0)
    made = _linked(planned, compiler)
    spare = (0, 0)
    for least in (*[(0, 0)] * _TRIES, SPARE_BYTES):
        if isinstance(made, Build):
            return made
        spare = max(spare[0], least[0], made.too_low[0]), max(spare[1], least[1], made.too_low[1])
        careful = planner.plan(replace(options, budget=options.limits.less(*spare)))
        if [layer.choice for layer in careful.layers] != [layer.choice for layer in planned.layers]:
            on_progress(f"{AGAIN} {_beyond(made)}", 0, 0)
            planned = replace(careful, options=options)
            fitting.check_exact_part(planned)
            made = _linked(planned, compiler)
    if isinstance(made, Build):
        return made
    raise made.error


@dataclass(frozen=True, slots=True, eq=False)
class _TooLarge:
    """A plan that does not fit as linked: the error, and bytes of flash and RAM beyond what was stated."""

    error: DoesNotFitError
    too_low: tuple[int, int]


def _beyond(found: _TooLarge) -> str:
    """What a plan took more than was stated."""
    parts = zip(found.too_low, ("flash", "RAM"), strict=True)
    return " and ".join(f"{by:,} B more {memory}" for by, memory in parts if by) or "more than there is"


def _linked(planned: Plan, compiler: Compiler) -> Build | _TooLarge:
    graph, board = planned.graph, planned.options.board
    source, target = _harness_end(graph, graph.inputs), _harness_end(graph, graph.outputs)
    shape = (*source, target[1])
    try:
        program = build_model(
            generate_plan(planned, MODEL_NAME),
            *shape,
            compiler,
            output_dtype=target[0],
            board=board,
            is_stream=bool(graph.states),
        )
    except MemoryOverflowError as error:
        return _too_large(planned, *_needed_bytes(planned, error)) or _TooLarge(error, (0, 0))
    empty = build_empty(*shape, compiler, output_dtype=target[0], board=board, is_stream=bool(graph.states))
    sizes = Sizes.of(program, empty, (f"{MODEL_NAME}_invoke", RESET))
    too_large = _too_large(planned, sizes.flash_bytes, sizes.ram_total_bytes)
    return too_large or Build(program, planned, sizes, compiler.name)


def _too_large(planned: Plan, flash_bytes: int, ram_bytes: int) -> _TooLarge | None:
    """What is said of so much flash and RAM; None where it fits."""
    limits = planned.options.limits
    try:
        fitting.check_memory(planned, flash_bytes - limits.flash_bytes, ram_bytes - limits.ram_bytes)
    except DoesNotFitError as error:
        return _TooLarge(error, (flash_bytes - planned.flash_bytes, ram_bytes - planned.ram_total_bytes))
    return None


def _needed_bytes(planned: Plan, error: MemoryOverflowError) -> tuple[int, int]:
    """Flash and RAM that are needed where the linked program is larger than a memory of the board.

    The stack comes on top of what was linked; of the other memory the cost model knows.
    """
    board = planned.options.board
    flash_bytes, ram_bytes = planned.flash_bytes, planned.ram_total_bytes
    if error.memory == "flash":
        return board.flash_bytes + error.excess_bytes, ram_bytes
    return flash_bytes, board.ram_bytes + error.excess_bytes + planned.stack_bytes


def _harness_end(graph: Graph, ends: Sequence[int]) -> tuple[str, int]:
    """dtype and elements of the harness's array for inputs or outputs: words, where they are a structure."""
    if graph.has_several_ends:
        return "int32", ends_bytes(graph, ends) // np.dtype(np.int32).itemsize
    tensor = graph.tensors[ends[0]]
    return tensor.dtype, tensor.size


@dataclass(frozen=True, slots=True, eq=False)
class IntegerBuild:
    """An integer model's plan linked for the board, and what it adds to an empty program."""

    program: Program
    planned: IntegerPlan
    sizes: Sizes
    compiler: str


def build_integer(planned: IntegerPlan, on_progress: Progress = no_progress) -> IntegerBuild:
    """Generate, compile and link an integer model, and the empty program beside it.

    What was linked is held to the limits: where it is more, another kernel is tried. Raises DoesNotFitError,
    ModelError or ToolchainError.
    """
    options = planned.options
    compiler = find_compiler(options.compiler)
    on_progress(LINKING, 0, 0)
    try:
        return _linked_integer(planned, compiler)
    except DoesNotFitError:
        less = replace(options, budget=options.limits.less(*SPARE_BYTES))
        careful = plan_integer(planned.model, planned.twin, planned.source, less)
        if careful.choice.kernel == planned.choice.kernel:
            raise
        return _linked_integer(replace(careful, options=options), compiler)


def _linked_integer(planned: IntegerPlan, compiler: Compiler) -> IntegerBuild:
    board, sources = planned.options.board, generate_integer(planned, MODEL_NAME)
    try:
        if planned.takes == "ids":
            program = build_ids_model(sources, IDS_A_CALL, planned.scores, compiler, board)
            empty = build_ids_empty(IDS_A_CALL, planned.scores, compiler, board)
        else:
            ends = ("int32", planned.inputs, planned.scores, compiler, "int32", board)
            program, empty = build_model(sources, *ends), build_empty(*ends)
    except MemoryOverflowError:
        planned.check()
        raise
    sizes = Sizes.of(program, empty, (f"{MODEL_NAME}_{each}" for each in FUNCTIONS[planned.takes]))
    planned.check_memory(sizes.flash_bytes, sizes.ram_total_bytes)
    return IntegerBuild(program, planned, sizes, compiler.name)

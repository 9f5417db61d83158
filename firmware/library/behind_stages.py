"""A model behind its pipeline's stages as it is exported: one budget for all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from zerotap.errors import DoesNotFitError
from zerotap.features import Pipeline
from zerotap.firmware.artefacts import Artefact, Built
from zerotap.firmware.board import Board
from zerotap.firmware.generation.transform_chain import Chain
from zerotap.firmware.options import Budget
from zerotap.firmware.planning.fitting import WholeTooLargeError, check_chain
from zerotap.firmware.simulation.packet_cost import StreamingCost, measure_streaming
from zerotap.firmware.simulation.program import MemoryOverflowError
from zerotap.firmware.simulation.toolchain import find_compiler
from zerotap.reporting import Progress

Emit = Callable[[Built], Mapping[str, str]]
"""A linked model's sources as they are exported."""
PUSHING: Final = "pushing packets on the simulated board"
# The second mostly fits: what stages share with a plan's kernels differs a little from plan to plan.
_ROUNDS: Final = 4
_COMPARED: Final = (
    *("cycles_mean", "cycles_max", "board_cycles_mean", "board_cycles_max"),
    *("pause_ms", "flash_bytes", "ram_total_bytes"),
)


@dataclass(frozen=True, slots=True, eq=False)
class BehindStages:
    """A model that was planned to leave room for its stages, linked alone, and with them: sources and cost.

    ``compared``: what the same costs with windows that are computed whole, where layers run before that.
    """

    artefact: Artefact
    built: Built
    chain: Chain
    cost: StreamingCost
    compared: Mapping[str, Any] = field(default_factory=dict)


def with_stages(
    artefact: Artefact, pipeline: Pipeline, name: str, emit: Emit, on_progress: Progress
) -> BehindStages:
    """Plan a model so that it fits its limits together with the stages of ``pipeline``.

    It is planned as if it were alone, and where the whole is too large, again with what the stages leave of
    the memory that lacks: as often as that is needed, and at last with the least flash. One that lacks RAM
    alone may still fit with layers that run while windows arrive.
    Raises DoesNotFitError, which says what the whole then takes, FeatureError naming a stage that the board
    cannot run, ModelError or ToolchainError.
    """
    joiner = _Joiner(pipeline, name, emit, artefact.options.limits, on_progress)
    try:
        left, built, planned = joiner.limits, artefact.build(on_progress), artefact
    except DoesNotFitError as error:
        return _streamed(joiner, artefact, error)
    for _ in range(_ROUNDS):
        try:
            return joiner.joined(planned, built)
        except WholeTooLargeError as error:
            lacking = error
        left = _left(left, joiner.limits, built, lacking)
        try:
            planned = artefact.with_options(replace(artefact.options, budget=left))
            built = planned.build(on_progress)
        except DoesNotFitError:
            break
    if artefact.options.optimise == "size" or lacking.flash_bytes <= joiner.limits.flash_bytes:
        raise lacking
    smallest = artefact.with_options(replace(artefact.options, optimise="size"))
    return joiner.joined(smallest, smallest.build(on_progress))


def _streamed(joiner: _Joiner, artefact: Artefact, error: DoesNotFitError) -> BehindStages:
    """A model that is too large for its limits alone, but not with layers that run while windows arrive.

    Raises ``error`` where there is no such thing.
    """
    options = artefact.options
    roomy = replace(joiner.limits, ram_bytes=options.board.ram_bytes)
    if roomy == joiner.limits:
        raise error
    planned = artefact.with_options(replace(options, budget=roomy))
    try:
        found = joiner.joined(planned, planned.build(joiner.on_progress))
    except DoesNotFitError:
        raise error from None
    if not found.chain.in_steps:
        raise error
    return found


def _left(known: Budget, limits: Budget, built: Built, whole: WholeTooLargeError) -> Budget:
    """What stages leave a model of a memory that lacks; of the other what is known, mostly all."""
    flash_bytes, ram_bytes = known.flash_bytes, known.ram_bytes
    if whole.flash_bytes > limits.flash_bytes:
        flash_bytes = limits.flash_bytes - (whole.flash_bytes - built.sizes.flash_bytes)
    if whole.ram_bytes > limits.ram_bytes:
        ram_bytes = limits.ram_bytes - (whole.ram_bytes - built.sizes.ram_total_bytes)
    return replace(limits, flash_bytes=flash_bytes, ram_bytes=ram_bytes)


@dataclass(frozen=True, slots=True, eq=False)
class _Joiner:
    """Puts plans of one model behind its stages; ``limits`` are those of the whole."""

    pipeline: Pipeline
    name: str
    emit: Emit
    limits: Budget
    on_progress: Progress

    def joined(self, artefact: Artefact, built: Built) -> BehindStages:
        """The chain that is planned; windows that are computed whole, where it is too large as linked.

        Raises WholeTooLargeError.
        """
        self.on_progress(PUSHING, 0, 0)
        sources = self.emit(built)
        chain = artefact.behind(self.pipeline, self.name, sources)
        if not chain.in_steps:
            return BehindStages(artefact, built, chain, self._cost(artefact, built, chain))
        whole = artefact.behind(self.pipeline, self.name, sources, whole=True)
        try:
            cost = self._cost(artefact, built, chain)
        except WholeTooLargeError:
            return BehindStages(artefact, built, whole, self._cost(artefact, built, whole))
        return BehindStages(artefact, built, chain, cost, self._compared(artefact, built, whole))

    def _compared(self, artefact: Artefact, built: Built, whole: Chain) -> dict[str, Any]:
        """What windows that are computed whole cost; nothing where that does not fit."""
        try:
            report = self._cost(artefact, built, whole).to_json()
        except DoesNotFitError:
            return {}
        return {figure: report[figure] for figure in _COMPARED}

    def _cost(self, artefact: Artefact, built: Built, chain: Chain) -> StreamingCost:
        """What a chain costs; raises WholeTooLargeError beyond the limits."""
        options = artefact.options
        try:
            cost = measure_streaming(
                self.name, chain, self.pipeline, find_compiler(options.compiler), options.board
            )
        except MemoryOverflowError as error:
            raise _overflow(error, built, options.board) from error
        check_chain(self.limits, cost.flash_bytes, cost.ram_total_bytes)
        return cost


def _overflow(error: MemoryOverflowError, built: Built, board: Board) -> WholeTooLargeError:
    """What was too large to be linked; the other memory's need is then not known, and not said to lack."""
    if error.memory == "flash":
        return WholeTooLargeError(str(error), board.flash_bytes + error.excess_bytes, 0)
    return WholeTooLargeError(
        str(error), 0, board.ram_bytes + error.excess_bytes + built.sizes.stack_bound_bytes
    )

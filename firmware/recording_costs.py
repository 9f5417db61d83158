"""What whole recordings cost on the simulated board, packet by packet: stages alone, or with their model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .artefacts import Artefact
from .generation.push_code import empty_streaming
from .generation.transform_chain import Chain, generate_chain
from .options import DEFAULTS, BuildOptions
from .simulation.program import MODEL_NAME
from .simulation.toolchain import find_compiler
from .simulation.transform_board import BoardChain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline

Pieces = Sequence["NDArray[Any]"]
"""A recording without gaps, an array of items (n, ...) a piece."""


@dataclass(frozen=True, slots=True)
class RecordingCosts:
    """What a program adds to an empty one, and what each recording took: ``cycles``, and its ``results``.

    By the compiler that is there: ``flash_bytes``, and ``ram_total_bytes``, what the board must have: with
    the stack that was seen and the caller's packet and output. Cycles are the board's, simulated, with
    what it waits for its flash.
    """

    flash_bytes: int
    ram_total_bytes: int
    cycles: tuple[int, ...]
    results: tuple[int, ...]


def stage_costs(
    pipeline: Pipeline, recordings: Sequence[Pieces], options: BuildOptions = DEFAULTS
) -> RecordingCosts:
    """Run recordings through a pipeline's stages, without a model behind them.

    Raises FeatureError naming a stage that the board cannot run, or ToolchainError.
    """
    chain = generate_chain(f"{MODEL_NAME}_stages", pipeline.stages, pipeline.signals[0])
    return _costs(f"{MODEL_NAME}_stages", chain, recordings, options)


def model_costs(artefact: Artefact, pipeline: Pipeline, recordings: Sequence[Pieces]) -> RecordingCosts:
    """Run recordings through a pipeline and the model behind it.

    Raises FeatureError naming a stage that the board cannot run, DoesNotFitError or ToolchainError.
    """
    chain = artefact.behind(pipeline, MODEL_NAME, artefact.sources(MODEL_NAME))
    return _costs(MODEL_NAME, chain, recordings, artefact.options)


def _costs(name: str, chain: Chain, recordings: Sequence[Pieces], options: BuildOptions) -> RecordingCosts:
    compiler = find_compiler(options.compiler)
    board = BoardChain(name, chain, compiler, options.board, with_waits=True)
    empty = BoardChain(name, empty_streaming(name, chain), compiler, options.board)
    runs = [[board.run(piece) for piece in pieces] for pieces in recordings]
    every = [run for parts in runs for run in parts]
    return RecordingCosts(
        flash_bytes=board.program.flash_bytes - empty.program.flash_bytes,
        # The harness has the caller's packet and output, and nothing else in RAM.
        ram_total_bytes=board.program.ram_bytes + max((run.stack_bytes for run in every), default=0),
        cycles=tuple(sum(sum(run.board_cycles) for run in parts) for parts in runs),
        results=tuple(sum(len(given) for run in parts for given in run.results) for parts in runs),
    )

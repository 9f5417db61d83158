"""The whole way on the simulated board: packets through NAME_push, against the oracle on their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from zerotap.reporting import Progress, no_progress

from .artefacts import Artefact, Built, ModelOracle
from .simulation.program import MODEL_NAME
from .simulation.toolchain import find_compiler
from .simulation.transform_board import BoardChain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline

PUSHING: Final = "pushing recordings"


@dataclass(frozen=True, slots=True)
class PushCost:
    """What one recording took: the cycles of each packet's push, and last of the flush.

    A push's cycles hold all results that it gives. ``results``: how many each of these steps gave.
    ``board_cycles``: with what the board waits for its flash, as ``BoardRun`` has them.
    ``end_calls``: the cycles of each call of the flush, which may come in steps.
    """

    cycles: tuple[int, ...]
    results: tuple[int, ...]
    board_cycles: tuple[int, ...]
    end_calls: tuple[int, ...] = ()

    @property
    def longest(self) -> int:
        """Cycles of the longest push, or call of the flush."""
        return max([*self.cycles[:-1], *self.end_calls], default=0)


@dataclass(frozen=True, slots=True)
class Pushed:
    """``results`` of ``recordings`` were compared, ``mismatches`` of them differ; None: none was pushed.

    ``costs``: of each recording, in their order. ``is_streamed``: whether layers ran while windows arrived.
    ``longest``: cycles of the longest call with what the board waits for its flash, of the recording that had
    the longest without.
    """

    recordings: int | None
    results: int | None
    mismatches: int | None
    costs: tuple[PushCost, ...] = ()
    is_streamed: bool | None = None
    longest: int | None = None

    @classmethod
    def none(cls) -> Pushed:
        """Nothing was pushed."""
        return cls(None, None, None)


def push_recordings(
    artefact: Artefact,
    pipeline: Pipeline,
    recordings: Sequence[NDArray[Any]],
    built: Built,
    oracle: ModelOracle,
    on_progress: Progress = no_progress,
) -> Pushed:
    """Push every packet of every recording on the board and compare all scores with the oracle's.

    ``recordings``: items (n, ...) of the pipeline's first stage, without gaps. A result that is missing, or
    one too many, is a mismatch. Raises FeatureError for a stage that the board cannot run, or ToolchainError.
    """
    chain = artefact.behind(pipeline, MODEL_NAME, built.emit(MODEL_NAME))
    options = artefact.options
    compiler = find_compiler(options.compiler)
    board = BoardChain(MODEL_NAME, chain, compiler, options.board, with_waits=True)
    results = mismatches = 0
    costs = []
    for number, items in enumerate(recordings, 1):
        ran = board.run(items)
        costs.append(
            PushCost(
                tuple(ran.cycles), tuple(map(len, ran.results)), tuple(ran.board_cycles), ran.step_cycles
            )
        )
        given = [each for step in ran.results for each in step]
        rows = artefact.rows(pipeline.apply(items))
        expected = oracle.invoke(rows) if len(rows) else rows
        pairs = zip(given, expected, strict=False)
        mismatches += sum(not np.array_equal(one, other) for one, other in pairs)
        mismatches += abs(len(given) - len(expected))
        results += max(len(given), len(expected))
        on_progress(PUSHING, number, len(recordings))
    slowest = max(range(len(costs)), key=lambda number: costs[number].longest)
    longest = board.longest_call(recordings[slowest])
    return Pushed(len(recordings), results, mismatches, tuple(costs), chain.in_steps, longest)

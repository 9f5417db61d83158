"""The whole way on the simulated board: packets through NAME_push, against the oracle on their features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from .artefacts import Artefact, Built, ModelOracle
from .simulation.program import MODEL_NAME
from .simulation.toolchain import find_compiler
from .simulation.transform_board import BoardChain

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline


@dataclass(frozen=True, slots=True)
class Pushed:
    """``results`` of ``recordings`` were compared, ``mismatches`` of them differ; None: none was pushed."""

    recordings: int | None
    results: int | None
    mismatches: int | None

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
) -> Pushed:
    """Push every packet of every recording on the board and compare all scores with the oracle's.

    ``recordings``: items (n, ...) of the pipeline's first stage, without gaps. A result that is missing, or
    one too many, is a mismatch. Raises FeatureError for a stage that the board cannot run, or ToolchainError.
    """
    chain = artefact.behind(pipeline, MODEL_NAME, built.emit(MODEL_NAME))
    board = BoardChain(MODEL_NAME, chain, find_compiler(artefact.options.compiler), artefact.options.board)
    results = mismatches = 0
    for items in recordings:
        given = [each for step in board.run(items).results for each in step]
        rows = artefact.rows(pipeline.apply(items))
        expected = oracle.invoke(rows) if len(rows) else rows
        pairs = zip(given, expected, strict=False)
        mismatches += sum(not np.array_equal(one, other) for one, other in pairs)
        mismatches += abs(len(given) - len(expected))
        results += max(len(given), len(expected))
    return Pushed(len(recordings), results, mismatches)

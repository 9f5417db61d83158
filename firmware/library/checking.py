"""What ran on the simulated board while an export was measured, compared with the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from zerotap.errors import NotExactError
from zerotap.firmware.several_ends import differing

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.features import Pipeline
    from zerotap.firmware.artefacts import Artefact, ModelOracle, Ran
    from zerotap.firmware.simulation.packet_cost import StreamingCost

Proof = Callable[["ModelOracle"], dict[str, int]]
"""Compares what ran with an oracle and says how much it was; raises NotExactError."""


def windows_proof(artefact: Artefact, inputs: NDArray[Any], ran: Ran) -> Proof:
    """The outputs of inputs."""

    def prove(oracle: ModelOracle) -> dict[str, int]:
        wrong = int(differing(ran.outputs, oracle.invoke(inputs)).sum())
        _check(wrong, len(inputs), artefact.source, oracle)
        return {"verified_windows": len(inputs)}

    return prove


def pushed_proof(artefact: Artefact, pipeline: Pipeline, cost: StreamingCost) -> Proof:
    """The results of drawn packets, pushed one by one, and of the flush behind them."""

    def prove(oracle: ModelOracle) -> dict[str, int]:
        rows = artefact.rows(pipeline.apply(pipeline.draw(cost.packets)))
        expected = oracle.invoke(rows) if len(rows) else rows
        same = sum(map(np.array_equal, cost.results, expected))
        of = max(len(cost.results), len(expected))
        _check(of - same, of, artefact.source, oracle)
        return {"verified_results": of}

    return prove


def _check(wrong: int, of: int, source: str, oracle: ModelOracle) -> None:
    if wrong:
        raise NotExactError(
            f"{source}: {wrong} of {of} outputs differ from {oracle.name}; please report this model, "
            "it is a bug"
        )

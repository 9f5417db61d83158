"""Samples through a linked model on the simulated board: its outputs, and what each inference took."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.integer_models import IDS_A_CALL
from zerotap.reporting import Progress, no_progress

from .block_hook import HookError
from .program import MODEL_NAME, RESET, Program
from .simulator import Run, Simulator

SIMULATING: Final = "simulating"

# Where the block hook cannot be compiled, Python counts the cycles of so many samples; the rest only runs.
FEW_SAMPLES = 5

_Invocation = Callable[[Simulator, NDArray[Any]], Run]


def run_samples(
    program: Program,
    inputs: NDArray[Any],
    output_size: int,
    on_progress: Progress = no_progress,
    output_dtype: str | np.dtype[Any] = "int8",
) -> tuple[NDArray[Any], list[Run]]:
    """Invoke the model on every row of ``inputs``, of the model's own dtype.

    Of a model with states the rows are one stream, from NAME_reset on.
    Returns outputs (n, output_size) of ``output_dtype``, which may be a row's, and a Run for every sample
    that was counted.
    """
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]

    def invoke(board: Simulator, sample: NDArray[Any]) -> Run:
        board.write(source, sample.tobytes())
        return board.call(f"{MODEL_NAME}_invoke", source, target)

    outputs = np.empty((len(inputs), output_size), output_dtype)
    return _run(program, inputs, outputs, invoke, on_progress)


def run_texts(
    program: Program, texts: NDArray[np.int32], scores: int, on_progress: Progress = no_progress
) -> tuple[NDArray[Any], list[Run], float]:
    """Add the ids of every row of ``texts`` (n, longest; 0 where there is none), and ask for the scores.

    Returns scores int32 (n, scores), a Run for every text that was counted, cycles of the whole, and what an
    id took on average.
    """
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]
    added: list[tuple[int, int]] = []

    def score(board: Simulator, text: NDArray[Any]) -> Run:
        runs = [board.call(f"{MODEL_NAME}_clear")]
        ids = text[text != 0]
        for first in range(0, len(ids), IDS_A_CALL):
            some = ids[first : first + IDS_A_CALL]
            board.write(source, some.tobytes())
            runs.append(board.call(f"{MODEL_NAME}_add", source, len(some)))
            added.append((runs[-1].cycles, len(some)))
        runs.append(board.call(f"{MODEL_NAME}_scores", target))
        return Run(sum(run.cycles for run in runs), max(run.stack_bytes for run in runs))

    outputs = np.empty((len(texts), scores), np.int32)
    outputs, runs = _run(program, texts, outputs, score, on_progress)
    counted = [each for each in added if each[0]]
    cycles, ids = (sum(column) for column in zip(*counted, strict=True)) if counted else (0, 1)
    return outputs, runs, cycles / ids


def _run(
    program: Program,
    inputs: NDArray[Any],
    outputs: NDArray[Any],
    invoke: _Invocation,
    on_progress: Progress,
) -> tuple[NDArray[Any], list[Run]]:
    """Fill ``outputs`` row by row; cycles are counted as far as this machine can."""
    try:
        board, counted = Simulator(program), len(inputs)
    except HookError:
        board, counted = Simulator(program, "python"), min(FEW_SAMPLES, len(inputs))
    if RESET in program.symbols:  # main() has run it once already
        board.call(RESET)
    runs = []
    for row, sample in enumerate(inputs):
        if row == counted:
            board = board.uncounted()
        runs.append(invoke(board, sample))
        outputs[row] = _output(board, program, outputs[row])
        on_progress(SIMULATING, row + 1, len(inputs))
    return outputs, runs[:counted]


def _output(board: Simulator, program: Program, like: NDArray[Any]) -> NDArray[Any]:
    return np.frombuffer(board.read(program.symbols["harness_output"], like.nbytes), like.dtype)

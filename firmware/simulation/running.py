"""Samples through a linked model on the simulated board: its outputs, and what each inference took."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.integer_models import IDS_A_CALL
from zerotap.reporting import Progress, no_progress

from .hooks.hook_library import HookError
from .program import MODEL_NAME, RESET, Program
from .second_pass import Invocation, chosen, clocked
from .simulator import Run, Simulator

SIMULATING: Final = "simulating"
CLOCKING: Final = "counting what the board waits for its flash"

# Where the block hook cannot be compiled, Python counts the cycles of so many samples; the rest only runs.
FEW_SAMPLES = 5


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
    outputs = np.empty((len(inputs), output_size), output_dtype)
    return _run(program, inputs, outputs, _invoking(program), on_progress)


def clock_samples(
    program: Program,
    inputs: NDArray[Any],
    runs: Sequence[Run],
    others: NDArray[Any],
    on_progress: Progress = no_progress,
) -> list[Run]:
    """Run some of the samples whose ``runs`` are given once more: a Run of each with the board's waits.

    Those are drawn from the fastest to the slowest; of a model with states they are the first. ``others``:
    rows by which it is told what depends on the input.
    """
    on_progress(CLOCKING, 0, 0)
    rows = range(len(runs)) if RESET in program.symbols else chosen([run.cycles for run in runs])
    return clocked(program, [inputs[row] for row in rows], list(others), _invoking(program))


def run_texts(
    program: Program, texts: NDArray[np.int32], scores: int, on_progress: Progress = no_progress
) -> tuple[NDArray[Any], list[Run], float]:
    """Add the ids of every row of ``texts`` (n, longest; 0 where there is none), and ask for the scores.

    Returns scores int32 (n, scores), a Run for every text that was counted, cycles of the whole, and what an
    id took on average.
    """
    added: list[tuple[int, int]] = []
    outputs = np.empty((len(texts), scores), np.int32)
    outputs, runs = _run(program, texts, outputs, _scoring(program, added), on_progress)
    counted = [each for each in added if each[0]]
    cycles, ids = (sum(column) for column in zip(*counted, strict=True)) if counted else (0, 1)
    return outputs, runs, cycles / ids


def clock_texts(
    program: Program,
    texts: NDArray[np.int32],
    runs: Sequence[Run],
    others: NDArray[np.int32],
    on_progress: Progress = no_progress,
) -> list[Run]:
    """As clock_samples(), of texts; each is compared with one of as many ids, of those in ``others``."""
    on_progress(CLOCKING, 0, 0)
    samples, pool = [texts[row] for row in chosen([run.cycles for run in runs])], others[others != 0]
    alike = [np.resize(pool, int((text != 0).sum())) for text in samples]
    return clocked(program, samples, alike, _scoring(program, []))


def _invoking(program: Program) -> Invocation:
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]

    def invoke(board: Simulator, sample: NDArray[Any]) -> Run:
        board.write(source, sample.tobytes())
        return board.call(f"{MODEL_NAME}_invoke", source, target)

    return invoke


def _scoring(program: Program, added: list[tuple[int, int]]) -> Invocation:
    """Score a text; ``added`` gets the cycles of each call that adds ids, and how many."""
    source, target = program.symbols["harness_input"], program.symbols["harness_output"]

    def score(board: Simulator, text: NDArray[Any]) -> Run:
        runs = [board.call(f"{MODEL_NAME}_clear")]
        ids = text[text != 0]
        for first in range(0, len(ids), IDS_A_CALL):
            some = ids[first : first + IDS_A_CALL]
            board.write(source, some.tobytes())
            runs.append(board.call(f"{MODEL_NAME}_add", source, len(some)))
            added.append((runs[-1].cycles, len(some)))
        runs.append(board.call(f"{MODEL_NAME}_scores", target))
        return Run.of(runs)

    return score


def _run(
    program: Program,
    inputs: NDArray[Any],
    outputs: NDArray[Any],
    invoke: Invocation,
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

"""The board's clock: some of the samples once more, with what its flash makes them wait.

A read of flash at an address that depends on the input may hit the cache or miss it. Which reads do is seen
by comparing samples: those of an instruction that are not at the same addresses, in the same order, in all
samples that have as many of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .hooks.hook_library import HookError
from .program import RESET, Program
from .simulator import Run, Simulator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zerotap.firmware.board import Board

    from .hooks.flash_hook import Reads

Invocation = Callable[[Simulator, "NDArray[Any]"], Run]
"""What runs a sample on a board."""

SAMPLES_MAX: Final = 16
FEW_SAMPLES: Final = 2  # where the hooks cannot be compiled


def clocked(
    program: Program, samples: Sequence[NDArray[Any]], others: Sequence[NDArray[Any]], invoke: Invocation
) -> list[Run]:
    """Run samples with the board's waits, SAMPLES_MAX at most: a Run of each.

    ``others`` are only compared with them, as one sample does not tell what depends on the input. Of a model
    with states all are one stream, from NAME_reset on.
    """
    try:
        return _clocked(program, samples[:SAMPLES_MAX], others, invoke, "c")
    except HookError:
        return _clocked(program, samples[:FEW_SAMPLES], others[:1], invoke, "python")


@dataclass(frozen=True, slots=True)
class BoardTime:
    """What ``samples`` took on the board: cycles with the waits for its flash.

    ``cycles`` the median's, ``cycles_min`` and ``cycles_max`` the fastest's and the slowest's.
    ``cycles_bound``: no input takes longer, wherever the reads of flash lie that depend on it; None where
    inputs take different ways through the code. ``constant_time``: every input takes the same.
    """

    samples: int
    cycles: int
    cycles_min: int
    cycles_max: int
    cycles_bound: int | None
    constant_time: bool

    @classmethod
    def of(cls, runs: Sequence[Run], *, constant_time: bool) -> BoardTime:
        """Of runs with waits; ``constant_time``: whether inputs of one size take the same at zero waits."""
        cycles = [run.board_cycles for run in runs]
        most = [run.board_cycles_most for run in runs]
        bound = max(most) if constant_time else None
        is_same = constant_time and cycles == most
        return cls(len(runs), round(median(cycles)), min(cycles), max(cycles), bound, is_same)

    def to_json(self, board: Board) -> dict[str, int | float | bool | None]:
        """Every figure, and milliseconds, under the names of reports."""
        bound = self.cycles_bound
        return {
            "board_samples": self.samples,
            "board_cycles": self.cycles,
            "board_cycles_min": self.cycles_min,
            "board_cycles_max": self.cycles_max,
            "board_cycles_bound": bound,
            "board_constant_time": self.constant_time,
            "ms": board.milliseconds(self.cycles),
            "ms_min": board.milliseconds(self.cycles_min),
            "ms_max": board.milliseconds(self.cycles_max),
            "ms_bound": None if bound is None else board.milliseconds(bound),
        }


def chosen(cycles: Sequence[int]) -> list[int]:
    """Which samples to look at: SAMPLES_MAX, evenly from the fastest to the slowest by their ``cycles``."""
    order = np.argsort(np.array(cycles), kind="stable")
    places = np.linspace(0, len(order) - 1, min(SAMPLES_MAX, len(order))).round().astype(int)
    return [int(order[place]) for place in np.unique(places)]


def dependent(seen: Sequence[dict[int, Reads]]) -> set[int]:
    """Addresses of the instructions whose reads depend on the input; ``seen``: the reads of each sample."""
    places = {place for reads in seen for place in reads}
    return {place for place in places if _differ([reads[place] for reads in seen if place in reads])}


def _differ(reads: Sequence[Reads]) -> bool:
    """Whether as many reads are not always at the same addresses."""
    return len(set(reads)) > len({each.number for each in reads})


def _clocked(
    program: Program,
    samples: Sequence[NDArray[Any]],
    others: Sequence[NDArray[Any]],
    invoke: Invocation,
    counting: str,
) -> list[Run]:
    board = Simulator(program, counting, with_waits=True)
    _, seen = _runs(board, program, [*samples[:1], *others], invoke)
    known = dependent(seen)
    while True:
        board.depend(known)
        runs, more = _runs(board, program, samples, invoke)
        found = dependent([*seen, *more])
        if found <= known:
            return runs
        known |= found


def _runs(
    board: Simulator, program: Program, samples: Sequence[NDArray[Any]], invoke: Invocation
) -> tuple[list[Run], list[dict[int, Reads]]]:
    """Runs of samples, and what each read of flash."""
    if RESET in program.symbols:
        board.call(RESET)
    board.flash_reads()  # those of starting up are no sample's
    pairs = [(invoke(board, sample), board.flash_reads()) for sample in samples]
    return [run for run, _ in pairs], [reads for _, reads in pairs]

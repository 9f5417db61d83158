"""A chain of transforms on the simulated board: its results and what they cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.board import MKR_ZERO, Board
from zerotap.firmware.generation.transform_chain import Chain

from .program import Program, harness_file, link
from .simulator import Run, Simulator
from .toolchain import Compiler

_MAIN = """/* Keeps the chain's functions, which the simulator calls by name. */
#include "{header}"

__attribute__((aligned(4))) {source}_t harness_input[{source_size}];
__attribute__((aligned(4))) {target}_t harness_output[{target_size}];

int main(void)
{{
    {name}_reset();
{steps}    return {name}_push(harness_input, harness_output) + {name}_more(harness_output)
        + {name}_flush(harness_output);
}}
"""


@dataclass(frozen=True, slots=True, eq=False)
class BoardRun:
    """One recording on the board: ``results`` by item and, last, of the flush; ``cycles`` of each.

    ``step_cycles``: those of each call at the recording's end, which are one, or as many as a flush in steps
    has.
    """

    results: list[list[NDArray[Any]]]
    cycles: list[int]
    stack_bytes: int
    step_cycles: tuple[int, ...] = ()


class BoardChain:
    """A chain linked for the board, on a simulated one; ``program`` has its sizes."""

    def __init__(self, name: str, chain: Chain, compiler: Compiler, board: Board = MKR_ZERO) -> None:
        self._name, self._chain = name, chain
        self.program: Program = link(_sources(name, chain), compiler, board=board)
        self._board = Simulator(self.program)

    def run(self, items: Iterable[NDArray[Any]]) -> BoardRun:
        """Begin a recording, push every item and flush; a push's cycles hold all results that it gives."""
        steps = self._recorded(self._board, items)
        calls = [[run.cycles for run in runs] for _, runs in steps]
        return BoardRun(
            [given for given, _ in steps],
            [sum(each) for each in calls],
            max(run.stack_bytes for _, runs in steps for run in runs),
            tuple(calls[-1]),
        )

    def longest_call(self, items: Iterable[NDArray[Any]]) -> int:
        """Cycles of the longest call of a recording with what the board waits for its flash."""
        board = Simulator(self.program, with_waits=True)
        return max(run.board_cycles for _, runs in self._recorded(board, items) for run in runs)

    def _recorded(
        self, board: Simulator, items: Iterable[NDArray[Any]]
    ) -> list[tuple[list[NDArray[Any]], list[Run]]]:
        """The results and the calls of each item of a recording, and last of its end."""
        board.call(f"{self._name}_reset")
        return [self._step(board, item) for item in [*items, None]]

    def _step(self, board: Simulator, item: NDArray[Any] | None) -> tuple[list[NDArray[Any]], list[Run]]:
        symbols = self.program.symbols
        source, target = symbols["harness_input"], symbols["harness_output"]
        arguments: tuple[int, ...]
        if item is None:
            first = following = "flush_step" if self._chain.in_steps else "flush"
            arguments = (target,)
        else:
            board.write(source, item.tobytes())
            first, following, arguments = "push", "more", (source, target)
        runs, given = [board.call(f"{self._name}_{first}", *arguments)], []
        while board.returned:
            if board.returned == 1:
                given.append(self._result(board, target))
            runs.append(board.call(f"{self._name}_{following}", target))
        return given, runs

    def _result(self, board: Simulator, address: int) -> NDArray[Any]:
        signal = self._chain.target
        return np.frombuffer(board.read(address, signal.nbytes), signal.dtype).reshape(signal.shape)


def _sources(name: str, chain: Chain) -> dict[str, str]:
    main = _MAIN.format(
        name=name,
        header=chain.header,
        source=chain.source.dtype,
        source_size=chain.source.size,
        target=chain.target.dtype,
        target_size=chain.target.size,
        steps=f"    (void){name}_flush_step(harness_output);\n" if chain.in_steps else "",
    )
    return {"harness_startup.S": harness_file("startup.S"), "main.c": main, **chain.files}

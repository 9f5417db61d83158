"""A chain of transforms on the simulated board: its results and what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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

    ``board_cycles`` of each, with what the board waits for its flash, where that was asked for: counted up to
    the first step that gives a result; of those behind it they are the cycles times what a step's of their
    kind were, one that gives results or one that gives none. ``step_cycles``: of each call at the recording's
    end, which are one, or as many as a flush in steps has.
    """

    results: list[list[NDArray[Any]]]
    cycles: list[int]
    board_cycles: list[int]
    stack_bytes: int
    step_cycles: tuple[int, ...] = ()


_Step = tuple[list["NDArray[Any]"], list[Run]]


class BoardChain:
    """A chain linked for the board, on a simulated one; ``program`` has its sizes.

    ``with_waits``: runs also say what the board waits for its flash.
    """

    def __init__(
        self,
        name: str,
        chain: Chain,
        compiler: Compiler,
        board: Board = MKR_ZERO,
        *,
        with_waits: bool = False,
    ) -> None:
        self._name, self._chain = name, chain
        self.program: Program = link(_sources(name, chain), compiler, board=board)
        self._board = Simulator(self.program)
        self._waiting = Simulator(self.program, with_waits=True) if with_waits else None

    def run(self, items: Iterable[NDArray[Any]]) -> BoardRun:
        """Begin a recording, push every item and flush; a push's cycles hold all results that it gives."""
        inputs = [*items, None]
        steps = self._steps(self._board, inputs)
        whole = [(given, Run.of(calls)) for given, calls in steps]
        return BoardRun(
            [given for given, _ in steps],
            [run.cycles for _, run in whole],
            [] if self._waiting is None else self._board_cycles(self._waiting, inputs, whole),
            max(run.stack_bytes for _, run in whole),
            tuple(call.cycles for call in steps[-1][1]),
        )

    def longest_call(self, items: Iterable[NDArray[Any]]) -> int:
        """Cycles of the longest call of a recording with what the board waits for its flash."""
        assert self._waiting is not None, "made without waits"
        steps = self._steps(self._waiting, [*items, None])
        return max(call.board_cycles for _, calls in steps for call in calls)

    def _board_cycles(
        self,
        board: Simulator,
        inputs: Sequence[NDArray[Any] | None],
        steps: Sequence[tuple[list[NDArray[Any]], Run]],
    ) -> list[int]:
        gives = [len(given) > 0 for given, _ in steps]
        counted = [Run.of(calls) for _, calls in self._steps(board, inputs[: _first(gives) + 1])]
        rates = {kind: _rate(counted, gives, kind) for kind in set(gives)}
        rest = [round(run.cycles * rates[kind]) for (_, run), kind in zip(steps, gives, strict=True)]
        return [run.board_cycles for run in counted] + rest[len(counted) :]

    def _steps(self, board: Simulator, inputs: Sequence[NDArray[Any] | None]) -> list[_Step]:
        """What each item gives, None being the flush, and its calls."""
        board.call(f"{self._name}_reset")
        return [self._step(board, item) for item in inputs]

    def _step(self, board: Simulator, item: NDArray[Any] | None) -> _Step:
        symbols = self.program.symbols
        source, target = symbols["harness_input"], symbols["harness_output"]
        arguments: tuple[int, ...]
        if item is None:
            first = following = "flush_step" if self._chain.in_steps else "flush"
            arguments = (target,)
        else:
            board.write(source, item.tobytes())
            first, following, arguments = "push", "more", (source, target)
        calls, given = [board.call(f"{self._name}_{first}", *arguments)], []
        while board.returned:
            if board.returned == 1:
                given.append(self._result(board, target))
            calls.append(board.call(f"{self._name}_{following}", target))
        return given, calls

    def _result(self, board: Simulator, address: int) -> NDArray[Any]:
        signal = self._chain.target
        return np.frombuffer(board.read(address, signal.nbytes), signal.dtype).reshape(signal.shape)


def _first(gives: Sequence[bool]) -> int:
    """The first step that gives a result, or else the last step."""
    return gives.index(True) if True in gives else len(gives) - 1


def _rate(counted: Sequence[Run], gives: Sequence[bool], kind: bool) -> float:
    """The board's cycles by those at zero wait states: of the counted steps of one kind, or of all."""
    alike = [run for run, each in zip(counted, gives, strict=False) if each == kind] or counted
    return sum(run.board_cycles for run in alike) / sum(run.cycles for run in alike)


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

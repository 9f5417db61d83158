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
from .simulator import Simulator
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
        self._board.call(f"{self._name}_reset")
        results, cycles, stack_bytes, calls = [], [], 0, [0]
        for item in [*items, None]:
            given, calls, stack = self._step(item)
            results.append(given)
            cycles.append(sum(calls))
            stack_bytes = max(stack_bytes, stack)
        return BoardRun(results, cycles, stack_bytes, tuple(calls))

    def _step(self, item: NDArray[Any] | None) -> tuple[list[NDArray[Any]], list[int], int]:
        """Results of an item, or of the recording's end, the cycles of each call, and the deepest stack."""
        symbols = self.program.symbols
        source, target = symbols["harness_input"], symbols["harness_output"]
        arguments: tuple[int, ...]
        if item is None:
            first = following = "flush_step" if self._chain.in_steps else "flush"
            arguments = (target,)
        else:
            self._board.write(source, item.tobytes())
            first, following, arguments = "push", "more", (source, target)
        run, given = self._board.call(f"{self._name}_{first}", *arguments), []
        calls, stack_bytes = [run.cycles], run.stack_bytes
        while self._board.returned:
            if self._board.returned == 1:
                given.append(self._result(target))
            run = self._board.call(f"{self._name}_{following}", target)
            calls.append(run.cycles)
            stack_bytes = max(stack_bytes, run.stack_bytes)
        return given, calls, stack_bytes

    def _result(self, address: int) -> NDArray[Any]:
        signal = self._chain.target
        return np.frombuffer(self._board.read(address, signal.nbytes), signal.dtype).reshape(signal.shape)


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

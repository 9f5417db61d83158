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
    return {name}_push(harness_input, harness_output) + {name}_more(harness_output)
        + {name}_flush(harness_output);
}}
"""


@dataclass(frozen=True, slots=True, eq=False)
class BoardRun:
    """One recording on the board: ``results`` by item and, last, of the flush; ``cycles`` of each."""

    results: list[list[NDArray[Any]]]
    cycles: list[int]
    stack_bytes: int


class BoardChain:
    """A chain linked for the board, on a simulated one; ``program`` has its sizes."""

    def __init__(self, name: str, chain: Chain, compiler: Compiler, board: Board = MKR_ZERO) -> None:
        self._name, self._chain = name, chain
        self.program: Program = link(_sources(name, chain), compiler, board=board)
        self._board = Simulator(self.program)

    def run(self, items: Iterable[NDArray[Any]]) -> BoardRun:
        """Begin a recording, push every item and flush; a push's cycles hold all results that it gives."""
        self._board.call(f"{self._name}_reset")
        results, cycles, stack_bytes = [], [], 0
        for item in [*items, None]:
            given, cost, stack = self._step(item)
            results.append(given)
            cycles.append(cost)
            stack_bytes = max(stack_bytes, stack)
        return BoardRun(results, cycles, stack_bytes)

    def _step(self, item: NDArray[Any] | None) -> tuple[list[NDArray[Any]], int, int]:
        symbols = self.program.symbols
        source, target = symbols["harness_input"], symbols["harness_output"]
        arguments: tuple[int, ...]
        if item is None:
            first, following, arguments = "flush", "flush", (target,)
        else:
            self._board.write(source, item.tobytes())
            first, following, arguments = "push", "more", (source, target)
        run, given = self._board.call(f"{self._name}_{first}", *arguments), []
        cycles, stack_bytes = run.cycles, run.stack_bytes
        while self._board.returned:
            given.append(self._result(target))
            run = self._board.call(f"{self._name}_{following}", target)
            cycles, stack_bytes = cycles + run.cycles, max(stack_bytes, run.stack_bytes)
        return given, cycles, stack_bytes

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
    )
    return {"harness_startup.S": harness_file("startup.S"), "main.c": main, **chain.files}

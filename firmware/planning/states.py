"""Where states live, and which READ_VARIABLE and ASSIGN_VARIABLE need no copy.

A state has a place of its own for good. What is read from it is that place, as long as nothing else is
written there before the last reader; what is assigned to it is computed there, where nothing needs the former
elements any more.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.graph import ASSIGN, READ, Graph
from zerotap.firmware.operators.copying.calls import NOTHING

from .layer import Layer

_ALIGNMENT: Final = 4
# NAME_reset: so many stretches of equal bytes are set by loops; more are copied from flash.
_STRETCHES_MAX: Final = 16
_RESET_BYTES: Final = 16
_LOOP_BYTES: Final = 20


@dataclass(frozen=True, slots=True)
class StateMemory:
    """The array of all states: ``offsets`` by tensor; ``initial``, its bytes before the first inference."""

    offsets: dict[int, int]
    initial: NDArray[np.int8]

    @property
    def stretches(self) -> list[tuple[int, int]]:
        """The initial bytes as (byte, how many of it); none where they are too many for a loop each."""
        found = [(value, len(list(run))) for value, run in itertools.groupby(self.initial.tolist())]
        return found if len(found) <= _STRETCHES_MAX else []

    @property
    def flash_bytes(self) -> int:
        """What the program's start copies into RAM, and NAME_reset: an estimate of its code."""
        if not self.initial.size:
            return 0
        image = self.initial.size if self.initial.any() else 0
        copied = 0 if self.stretches else self.initial.size
        return image + copied + _RESET_BYTES + _LOOP_BYTES * max(1, len(self.stretches))


def state_memory(graph: Graph) -> StateMemory:
    """States one behind the other, each aligned to 4 bytes; what lies between repeats the byte before it."""
    offsets: dict[int, int] = {}
    parts: list[NDArray[np.int8]] = []
    size = 0
    for state in graph.states:
        content = np.frombuffer(np.ascontiguousarray(state.initial).tobytes(), np.int8)
        part = np.pad(content, (0, -content.size % _ALIGNMENT), mode="edge")
        offsets[state.tensor] = size
        parts.append(part)
        size += part.size
    return StateMemory(offsets, np.concatenate(parts) if parts else np.zeros(0, np.int8))


def in_states(graph: Graph, layers: Sequence[Layer]) -> dict[int, int]:
    """The tensors that live in states, each with that state's tensor."""
    found = {state.tensor: state.tensor for state in graph.states}
    roots = _roots(layers)
    for layer in layers:
        if _name(layer) == ASSIGN:
            state = layer.operators[0].inputs[0]
            found[layer.target.index] = state
            if layer.alias:
                found[roots[layer.source.index]] = state
    for layer in layers:
        if layer.alias and layer.source.index in found:
            found[layer.target.index] = found[layer.source.index]
    return found


def without_copies(graph: Graph, layers: Sequence[Layer]) -> list[Layer]:
    """The layers with every READ_VARIABLE and ASSIGN_VARIABLE that needs no copy as an alias."""
    if not graph.states:
        return list(layers)
    placing = _Placing(graph, layers)
    read = {at for at, layer in enumerate(layers) if _name(layer) == READ and placing.reads_in_place(at)}
    placing = _Placing(graph, [_alias(layer) if at in read else layer for at, layer in enumerate(layers)])
    for at, layer in enumerate(layers):
        if _name(layer) == ASSIGN:
            placing.assign(at)
    return placing.layers


def _alias(layer: Layer) -> Layer:
    return replace(layer, alias=True, implementations=(NOTHING,), choice=NOTHING)


class _Placing:
    """Decides layer by layer; ``layers`` as they are so far."""

    def __init__(self, graph: Graph, layers: Sequence[Layer]) -> None:
        self.layers = list(layers)
        self._graph = graph
        self._roots = _roots(layers)
        self._writers = {layer.target.index: at for at, layer in enumerate(layers)}
        self._last = self._last_uses(layers)
        self._states = in_states(graph, layers)

    def _last_uses(self, layers: Sequence[Layer]) -> dict[int, int]:
        """Where the bytes of a root are last read; an output's are read behind the last layer."""
        last: dict[int, int] = {}
        for at, layer in enumerate(layers):
            last |= {self._root(source.index): at for source in layer.sources}
        return last | {self._root(index): len(layers) for index in self._graph.outputs}

    def _root(self, index: int) -> int:
        return self._roots.get(index, index)

    def _uses(self, name: str, state: int) -> list[int]:
        return [at for at, each in enumerate(self.layers) if _name(each) == name and self._state(at) == state]

    def _state(self, at: int) -> int:
        """The state that the READ_VARIABLE or ASSIGN_VARIABLE of a layer is of."""
        return self._states[self.layers[at].operators[0].inputs[0]]

    def reads_in_place(self, at: int) -> bool:
        """Whether nothing is assigned to the state before the last reader of what a READ_VARIABLE reads."""
        layer = self.layers[at]
        last = self._last.get(layer.target.index, at)
        outputs = {self._root(index) for index in self._graph.outputs}
        assigned = any(at < each <= last for each in self._uses(ASSIGN, self._state(at)))
        return layer.target.index not in outputs and not assigned

    def assign(self, at: int) -> None:
        """Make an ASSIGN_VARIABLE an alias if its value can be computed where the state is."""
        root = self._root(self.layers[at].source.index)
        writer = self._writers.get(root)
        if writer is None or root in in_states(self._graph, self.layers):
            return
        if self._is_free(self._state(at), root, writer, at):
            self.layers[at] = _alias(self.layers[at])

    def _is_free(self, state: int, root: int, writer: int, at: int) -> bool:
        """Whether a state's place is nobody else's from the computing of a value to its last reader."""
        last = self._last[root]
        if any(self._root(index) == root for index in self._graph.outputs):
            return False
        for read in self._uses(READ, state):
            in_place = self.layers[read].alias
            until = self._last.get(self._root(self.layers[read].target.index), read)
            if writer <= read < at or (read < writer and until >= writer and in_place):
                return False
        return all(self._apart(other, writer, at, last) for other in self._uses(ASSIGN, state) if other != at)

    def _apart(self, other: int, writer: int, at: int, last: int) -> bool:
        """Whether another assignment to the same state neither comes between nor is disturbed."""
        if other > at:
            return last < other
        kept = self._last[self._root(self.layers[other].source.index)] if self.layers[other].alias else other
        return other < writer and kept < writer


def _roots(layers: Sequence[Layer]) -> dict[int, int]:
    """The tensor whose bytes each tensor is: of an alias the one that it stands for."""
    roots: dict[int, int] = {}
    for layer in layers:
        source = layer.source.index
        roots[layer.target.index] = roots.get(source, source) if layer.alias else layer.target.index
    return roots


def _name(layer: Layer) -> str:
    return layer.operators[0].name

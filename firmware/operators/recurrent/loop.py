"""LOOP: steps of a recurrent layer that are alike, generated once; passes/loops.py makes it.

Its inputs are the sequence, then the states before the first step; its output the last step's, or every
step's. A step's operators are the modules of this package, on tensors in the layer's scratch.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.firmware.c_code.assembly import AssemblyFunction
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.parts.interface import Emission, Implementation, OperatorModule

IN_PLACE: bool = False
ALIAS: bool = False

NAME: Final = "LOOP"
_BODY: Final = "body"
_NAMES: Final = re.compile(r"\b(input(?:_\d+)?|output|scratch)\b")
_COPY: Final = "zerotap_reverse"  # of one block: a copy
# Measured with arm-none-eabi-gcc 12 -O2: one call of zerotap_reverse, and a round of the loop.
_COPY_CYCLES: Final = (34, 8)
_STEP_CYCLES: Final = 12
_LOOP_CYCLES: Final = 20


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """One step: ``graph`` has its operators, on tensors of the whole graph.

    ``row``: the tensor that is the sequence's row; ``states``: what a step reads of the last one, and what
    it writes in its place; ``written``: what it gives, at the last step or at ``every`` one.
    """

    graph: Graph
    row: int
    states: tuple[tuple[int, int], ...]
    written: int
    steps: int
    every: bool


def as_operator(source: int, states: Sequence[int], target: int, body: Body) -> Operator:
    """The operator over a sequence and the states before its first row."""
    return Operator(NAME, (source, *states), (target,), {_BODY: body})


def data_inputs(graph: Graph, operator: Operator) -> tuple[int, ...]:
    """All of them."""
    return tuple(range(len(operator.inputs)))


def check(graph: Graph, operator: Operator, place: str) -> None:
    """Check each operator of a step; ``place`` names it after the loop."""
    body = _body(operator)
    for each in body.graph.operators:
        name = body.graph.tensors[each.outputs[0]].name
        _module(each, place).check(body.graph, each, f"{place}, {each.name} of each step ({name})")


def macs(graph: Graph, operator: Operator) -> int:
    """Those of a step, so often."""
    body = _body(operator)
    return body.steps * sum(_module(each).macs(body.graph, each) for each in body.graph.operators)


def reference(graph: Graph, operator: Operator, *data: NDArray[Any]) -> NDArray[Any]:
    """One step after the other."""
    body, (sequence, *states) = _body(operator), data
    given = []
    for row in sequence.reshape(body.steps, -1):
        values = {body.row: row, **dict(zip((before for before, _ in body.states), states, strict=True))}
        for each in body.graph.operators:
            module = _module(each)
            read = [values[each.inputs[at]] for at in module.data_inputs(body.graph, each)]
            values[each.outputs[0]] = module.reference(body.graph, each, *read)
        states = [values[after] for _, after in body.states]
        given.append(np.asarray(values[body.written]).ravel())
    result: NDArray[Any] = np.concatenate(given if body.every else given[-1:])
    return result.reshape(graph.tensors[operator.outputs[0]].shape)


def implementations(graph: Graph, operator: Operator) -> tuple[Implementation, ...]:
    """The fastest kernels of a step, and the smallest; none that takes longer for some inputs."""
    body = _body(operator)
    choices = [
        [each for each in _module(one).implementations(body.graph, one) if not each.skips_zeros]
        for one in body.graph.operators
    ]
    fastest = [min(each, key=lambda one: one.cycles) for each in choices]
    smallest = [min(each, key=lambda one: one.constant_bytes) for each in choices]
    found = {tuple(one.kernel for one in chosen): chosen for chosen in (fastest, smallest)}
    return tuple(_implementation(body, chosen) for chosen in found.values())


def _implementation(body: Body, chosen: list[Implementation]) -> Implementation:
    tensors = body.graph.tensors
    copied = [tensors[body.row].size, *(tensors[before].size for before, _ in body.states)]
    given = body.steps if body.every else 1
    step = _STEP_CYCLES + sum(map(_copy_cycles, copied)) + sum(each.cycles for each in chosen)
    cycles = _LOOP_CYCLES + body.steps * step + given * _copy_cycles(tensors[body.written].size)
    cycles += sum(_copy_cycles(tensors[before].size) for before, _ in body.states)
    runtime = dict.fromkeys([*(name for each in chosen for name in each.runtime), _COPY])
    places = _Places(body, chosen)
    return Implementation(
        "loop_" + "_".join(dict.fromkeys(each.kernel for each in chosen if each.kernel != "none")),
        tuple(runtime),
        sum(each.constant_bytes for each in chosen),
        cycles,
        partial(_emit, body, chosen, places),
        places.size_bytes,
        code_bytes=sum(each.code_bytes for each in chosen),
        stack_bytes=max(each.stack_bytes for each in chosen),
    )


def _copy_cycles(size: int) -> int:
    return _COPY_CYCLES[0] + _COPY_CYCLES[1] * size


class _Places:
    """Where a step's tensors and its operators' scratch begin in the layer's scratch, in whole words."""

    def __init__(self, body: Body, chosen: list[Implementation]) -> None:
        self._body, self._chosen = body, chosen
        self.size_bytes = 0
        self._same: dict[int, int] = {}
        self.tensors: dict[int, int] = {}
        self.scratch: dict[int, int] = {}
        self._lay_out()

    def _lay_out(self) -> None:
        """States first, which live through all steps; then every tensor while it is needed."""
        body = self._body
        last_use = self._last_uses()
        alive: list[tuple[int, int, int]] = []
        for before, _ in body.states:
            self._put(self.tensors, before, body.graph.tensors[before].size, alive, len(self._chosen) + 1, 0)
        self._put(self.tensors, body.row, body.graph.tensors[body.row].size, alive, last_use[body.row], 0)
        for at, operator in enumerate(body.graph.operators):
            index, choice = operator.outputs[0], self._chosen[at]
            if choice.kernel == "none":
                self.tensors[index] = self.tensors[operator.inputs[0]]
                continue
            if choice.scratch_bytes:
                self._put(self.scratch, at, choice.scratch_bytes, alive, at, at)
            self._put(self.tensors, index, body.graph.tensors[index].size, alive, last_use[index], at)

    def _last_uses(self) -> dict[int, int]:
        """The last operator that reads a tensor, itself or under another shape."""
        body, end = self._body, len(self._chosen)
        last = {index: end for _, index in body.states} | {body.written: end}
        for at, operator in reversed(list(enumerate(body.graph.operators))):
            alias = self._chosen[at].kernel == "none"
            used = last.get(operator.outputs[0], at) if alias else at
            last.setdefault(operator.outputs[0], at)
            for index in operator.inputs:
                last[index] = max(last.get(index, 0), used)
        return last

    def _put(
        self,
        places: dict[int, int],
        key: int,
        size: int,
        alive: list[tuple[int, int, int]],
        last: int,
        now: int,
    ) -> None:
        """The lowest place that is free from ``now`` to ``last``."""
        alive[:] = sorted(each for each in alive if each[2] >= now)
        offset, size = 0, -(-size // 4) * 4
        for begin, end, _ in alive:
            if offset + size <= begin:
                break
            offset = max(offset, end)
        places[key] = offset
        alive.append((offset, offset + size, last))
        self.size_bytes = max(self.size_bytes, offset + size)


def _emit(body: Body, chosen: list[Implementation], places: _Places, label: str) -> Emission:
    """The loop over the rows, each operator in a block of its own."""
    constants, blocks = "", []
    assembly: list[AssemblyFunction] = []
    for at, (operator, choice) in enumerate(zip(body.graph.operators, chosen, strict=True)):
        emission = choice.emit(f"{label}_{at}")
        constants += emission.constants
        assembly += emission.assembly
        if emission.body:
            blocks.append(_block(body, operator, emission.body, places, at))
    tensors = body.graph.tensors
    width, given = tensors[body.row].size, tensors[body.written].size
    states = [
        (places.tensors[before], places.tensors[after], tensors[before].size) for before, after in body.states
    ]
    written = _copy(f"&scratch[{places.tensors[body.written]}]", given, "output")
    each = _copy(f"&scratch[{places.tensors[body.written]}]", given, f"output + step * {given}")
    lines = [
        *(
            _copy(f"input_{at}", size, f"&scratch[{before}]")
            for at, (before, _, size) in enumerate(states, start=1)
        ),
        f"for (int32_t step = 0; step < {body.steps}; step++) {{",
        f"    {_copy(f'input + step * {width}', width, f'&scratch[{places.tensors[body.row]}]')}",
        *blocks,
        *([f"    {each}"] if body.every else []),
        *(
            f"    {_copy(f'&scratch[{after}]', size, f'&scratch[{before}]')}"
            for before, after, size in states
        ),
        "}",
        *([] if body.every else [written]),
    ]
    return Emission(constants, "\n    ".join(lines), assembly=tuple(assembly))


def _copy(source: str, size: int, target: str) -> str:
    return f"{_COPY}({source}, 1, {size}, {target});"


def _block(body: Body, operator: Operator, text: str, places: _Places, at: int) -> str:
    read = [operator.inputs[each] for each in _module(operator).data_inputs(body.graph, operator)]
    names = {
        "input" if not each else f"input_{each}": places.tensors[index] for each, index in enumerate(read)
    }
    names |= {"output": places.tensors[operator.outputs[0]], "scratch": places.scratch.get(at, 0)}
    placed = _NAMES.sub(lambda match: f"(&scratch[{names[match[0]]}])", text)
    inner = placed.replace("\n", "\n    ")
    return inner if ";" not in inner[:-1] and "\n" not in inner else f"    {{\n        {inner}\n    }}"


def _body(operator: Operator) -> Body:
    body: Body = operator.options[_BODY]
    return body


def _module(operator: Operator, place: str = "") -> OperatorModule:
    from zerotap.firmware.operators import operator_module  # this module is one of those there

    return operator_module(operator, place)

"""Steps that are alike become one operator, LOOP: what a GRU or a SimpleRNN is in a .tflite, unrolled.

A step reads one row of a sequence and what the step before it computed. quantise numbers the steps in the
tensors' names; all of them have the same operators on the same constants and scales, or else they stay.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators import OPERATORS
from zerotap.firmware.operators.recurrent.loop import Body, as_operator
from zerotap.firmware.tflite.arity import ARITIES

from .rewriting import drop_unused, readers
from .simplify import PASS_ON

STEP: Final = re.compile(r"(?P<loop>loop_\d+)_step_(?P<step>\d+)/")
"""What the names of a step's tensors begin with."""

_STEPS_MIN: Final = 3
_OPERATORS_MAX: Final = 64
_SIZE_MAX: Final = 1 << 20
# These may leave their input where it is, and a state of the last step must not become one of the next.
_IN_PLACE: Final = (*PASS_ON, "STRIDED_SLICE", "TRANSPOSE", "QUANTIZE", "CONCATENATION", "PAD")
_UNKNOWN: Final = -2


def with_loops(graph: Graph) -> Graph:
    """The graph with a LOOP for every row of steps that are alike; itself where there is none.

    Tensor indices stay, operators' places do not.
    """
    # What its kernels are is told by all of its operators.
    if not graph.has_reference_kernels or any(len(each.outputs) != 1 for each in graph.operators):
        return graph
    for rows in list(_sequences(graph)):
        for name in _loop_names(graph, rows):
            found = _Steps(graph, rows, name).loop()
            if found is not None:
                graph = _with(graph, *found)
    return graph


def _with(graph: Graph, loop: Operator, replaced: frozenset[int]) -> Graph:
    """``loop`` in the place of the last of the operators that write ``replaced``."""
    ids = [at for at, each in enumerate(graph.operators) if each.outputs[0] in replaced]
    operators = list(graph.operators)
    operators[ids[-1]] = loop
    gone = set(ids[:-1])
    kept = tuple(each for at, each in enumerate(operators) if at not in gone)
    return drop_unused(replace(graph, operators=kept))


def _sequences(graph: Graph) -> Iterator[list[Operator]]:
    """The slices that take a tensor's rows, the first to the last, where every row has one."""
    slices: dict[tuple[int, int], list[Operator]] = defaultdict(list)
    for operator in graph.operators:
        if operator.name == "STRIDED_SLICE" and ARITIES[operator.name].fault(*_ends(operator)) is None:
            slices[operator.inputs[0], graph.tensors[operator.outputs[0]].size].append(operator)
    for (source, _), operators in slices.items():
        rows = _rows(graph, source, operators)
        if rows is not None and len(rows) >= _STEPS_MIN:
            yield rows


def _ends(operator: Operator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    return operator.inputs, operator.outputs


def _rows(graph: Graph, source: int, operators: list[Operator]) -> list[Operator] | None:
    """The slices in the order of their rows; None where they are anything else than all the rows."""
    size, count = graph.tensors[source].size, len(operators)
    if size % count or size > _SIZE_MAX or graph.tensors[source].dtype != "int8":
        return None
    width = size // count
    positions = np.arange(size).reshape(graph.tensors[source].shape)
    found: dict[int, Operator] = {}
    for operator in operators:
        if any(graph.tensors[index].data is None for index in operator.inputs[1:]):
            return None
        if graph.tensors[operator.outputs[0]].size != width:
            return None
        try:
            taken = OPERATORS["STRIDED_SLICE"].reference(graph, operator, positions).ravel()
        except (IndexError, ValueError, TypeError):  # a damaged one, which its check() refuses
            return None
        if taken[0] % width or not np.array_equal(taken, np.arange(taken[0], taken[0] + width)):
            return None
        found[int(taken[0]) // width] = operator
    return [found[row] for row in range(count)] if len(found) == count else None


@dataclass(frozen=True, slots=True)
class _Source:
    """What a body's operator reads: a constant, the row, or an operator's output of this or the last step."""

    kind: str
    value: int


class _Steps:
    """The steps over the rows of one sequence, matched with the second of them."""

    def __init__(self, graph: Graph, rows: Sequence[Operator], name: str) -> None:
        self._graph = graph
        self._rows = [operator.outputs[0] for operator in rows]
        self._source = rows[0].inputs[0]
        self._step_of = _numbered(graph, name)
        self._reading: dict[int, list[Operator]] = defaultdict(list)
        for operator in graph.operators:
            for index in set(operator.inputs):
                self._reading[index].append(operator)

    def loop(self) -> tuple[Operator, frozenset[int]] | None:
        """The LOOP, and the tensors that the operators it replaces write; None where the steps differ."""
        body = [each for each in self._graph.operators if self._step_of.get(each.outputs[0]) == 1]
        if not 0 < len(body) <= _OPERATORS_MAX or any(len(each.outputs) != 1 for each in body):
            return None
        steps = self._all_steps(body)
        return None if steps is None else self._finished(body, *steps)

    def _all_steps(self, body: list[Operator]) -> tuple[list[list[int]], dict[int, int]] | None:
        """Each step's outputs, in the body's order; and the states before the first, by the body's places."""
        sources = self._sources(body)
        if sources is None:
            return None
        first: dict[int, int] = {}
        steps: list[list[int]] = []
        for step in range(len(self._rows)):
            outputs = self._step(body, sources, step, steps[-1] if steps else None, first)
            if outputs is None:
                return None
            steps.append(outputs)
        return steps, first

    def _sources(self, body: list[Operator]) -> list[list[_Source]] | None:
        own = {operator.outputs[0]: at for at, operator in enumerate(body)}
        before = self._before(body)
        if before is None:
            return None
        sources = []
        for operator in body:
            found = [self._kind(index, own, before) for index in operator.inputs]
            if any(each is None for each in found):
                return None
            sources.append([each for each in found if each is not None])
        return sources

    def _kind(self, index: int, own: dict[int, int], before: dict[int, int]) -> _Source | None:
        if index == self._rows[1]:
            return _Source("row", 0)
        if index in own:
            return _Source("own", own[index])
        if index in before:
            return _Source("state", before[index])
        constant = index == -1 or self._graph.tensors[index].data is not None
        return _Source("constant", index) if constant else None

    def _before(self, body: list[Operator]) -> dict[int, int] | None:
        """The body's place of each tensor of the first step that it reads: which of its own comes to be it.

        What the third step reads of the second is at the place of what the second reads of the first.
        """
        third = [each for each in self._graph.operators if self._step_of.get(each.outputs[0]) == 2]
        own = {operator.outputs[0]: at for at, operator in enumerate(body)}
        places: dict[int, int] = {}
        for operator in body:
            for position, index in enumerate(operator.inputs):
                if index == -1 or self._step_of.get(index) != 0 or index == self._rows[0]:
                    continue
                alike = [each for each in third if self._alike(operator, each)]
                carried = {each.inputs[position] for each in alike} & own.keys()
                if len(carried) != 1 and index not in places:
                    continue
                if len(carried) == 1:
                    places.setdefault(index, own[carried.pop()])
        wanted = {index for each in body for index in each.inputs if self._step_of.get(index) == 0}
        return places if wanted - {self._rows[0]} <= places.keys() else None

    def _alike(self, one: Operator, other: Operator) -> bool:
        """Whether two operators are the same but for the activations that they read."""
        pairs = list(zip(one.inputs, other.inputs, strict=False))
        return (
            (one.name, one.options, len(one.inputs)) == (other.name, other.options, len(other.inputs))
            and all(self._same_constant(a, b) for a, b in pairs)
            and self._same_type(one.outputs[0], other.outputs[0])
        )

    def _same_constant(self, one: int, other: int) -> bool:
        if one == other:
            return True
        if -1 in (one, other):
            return False
        a, b = self._graph.tensors[one], self._graph.tensors[other]
        if a.data is None or b.data is None:
            return a.data is b.data
        return self._same_type(one, other) and np.array_equal(a.data, b.data)

    def _same_type(self, one: int, other: int) -> bool:
        a, b = self._graph.tensors[one], self._graph.tensors[other]
        return (
            (a.dtype, a.shape, a.channel_axis) == (b.dtype, b.shape, b.channel_axis)
            and np.array_equal(a.scale, b.scale)
            and np.array_equal(a.zero_point, b.zero_point)
        )

    def _step(
        self,
        body: list[Operator],
        sources: list[list[_Source]],
        step: int,
        last: list[int] | None,
        first: dict[int, int],
    ) -> list[int] | None:
        """The outputs of a step's operators; enters the states before the first into ``first``."""
        outputs: list[int] = []
        for operator, wanted in zip(body, sources, strict=True):
            inputs = [self._wanted(each, step, outputs, last, first) for each in wanted]
            known = next((index for index in inputs if index >= 0), None)
            candidates = self._graph.operators if known is None else self._reading[known]
            found = [
                each
                for each in candidates
                if self._step_of.get(each.outputs[0]) == step
                and self._alike(operator, each)
                and all(index in (_UNKNOWN, given) for index, given in self._pairs(inputs, each, wanted))
            ]
            if len(found) != 1:
                return None
            for index, given, source in zip(inputs, found[0].inputs, wanted, strict=True):
                if index == _UNKNOWN and first.setdefault(source.value, given) != given:
                    return None
            outputs.append(found[0].outputs[0])
        return outputs

    def _pairs(
        self, inputs: list[int], operator: Operator, wanted: list[_Source]
    ) -> Iterator[tuple[int, int]]:
        """Activations that are wanted, and those that an operator reads."""
        for index, given, source in zip(inputs, operator.inputs, wanted, strict=True):
            if source.kind != "constant":
                yield index, given

    def _wanted(
        self,
        source: _Source,
        step: int,
        outputs: list[int],
        last: list[int] | None,
        first: dict[int, int],
    ) -> int:
        if source.kind == "row":
            return self._rows[step]
        if source.kind == "own":
            return outputs[source.value]
        if source.kind == "state":
            return last[source.value] if last is not None else first.get(source.value, _UNKNOWN)
        return -1

    def _finished(
        self, body: list[Operator], steps: list[list[int]], first: dict[int, int]
    ) -> tuple[Operator, frozenset[int]] | None:
        inside = {index for step in steps for index in step}
        if any(not self._same_type(given, steps[0][place]) for place, given in first.items()):
            return None
        if any(body[place].name in _IN_PLACE for place in first):
            return None
        read_outside = {
            index
            for index in inside
            if index == self._graph.output
            or any(each.outputs[0] not in inside for each in self._reading[index])
        }
        target = self._target(steps, read_outside)
        if target is None:
            return None
        place, output, every = target
        body_graph = replace(self._graph, operators=tuple(body))
        states = tuple((before, place) for place, before in self._states(body, steps).items())
        description = Body(body_graph, self._rows[1], states, body[place].outputs[0], len(steps), every)
        given = tuple(first[place] for _, place in states)
        named = tuple((before, body[place].outputs[0]) for before, place in states)
        description = replace(description, states=named)
        return as_operator(self._source, given, output, description), frozenset(inside | {output})

    def _states(self, body: list[Operator], steps: list[list[int]]) -> dict[int, int]:
        """The tensor of the first step that the body reads, by the place that writes it."""
        return {
            steps[0].index(index): index
            for operator in body
            for index in operator.inputs
            if index in steps[0]
        }

    def _target(self, steps: list[list[int]], outside: set[int]) -> tuple[int, int, bool] | None:
        """(place of what is given, the tensor that holds it, whether it holds that of every step)."""
        last = steps[-1]
        if len(outside) == 1 and next(iter(outside)) in last:
            (only,) = outside
            return last.index(only), only, False
        for place in range(len(last)):
            column = [step[place] for step in steps]
            if outside == set(column):
                joined = [
                    each for each, _ in readers(self._graph, last[place]) if each.inputs == tuple(column)
                ]
                if len(joined) == 1 and self._joins(joined[0], column):
                    return place, joined[0].outputs[0], True
        return None

    def _joins(self, operator: Operator, column: list[int]) -> bool:
        """Whether a CONCATENATION gives the steps' rows as they are, and nothing else reads them there."""
        tensor, target = (self._graph.tensors[index] for index in (column[0], operator.outputs[0]))
        alone = all(
            each is operator or self._step_of.get(each.outputs[0]) is not None
            for index in column
            for each in self._reading[index]
        )
        return (
            operator.name == "CONCATENATION"
            and operator.options["fused_activation_function"] == 0
            and (operator.options["axis"] % len(tensor.shape) == 0 and tensor.shape[0] == 1)
            and alone
            and np.array_equal(tensor.scale, target.scale)
            and np.array_equal(tensor.zero_point, target.zero_point)
        )


def _loop_names(graph: Graph, rows: Sequence[Operator]) -> list[str]:
    """The loops that read a row, by their names."""
    reading = (operator for operator, _ in readers(graph, rows[1].outputs[0]))
    found = (STEP.match(graph.tensors[operator.outputs[0]].name) for operator in reading)
    return list(dict.fromkeys(match["loop"] for match in found if match is not None))


def _numbered(graph: Graph, name: str) -> dict[int, int]:
    """The step that each tensor of a loop is computed in."""
    computed = (graph.tensors[index] for operator in graph.operators for index in operator.outputs)
    found = ((tensor.index, STEP.match(tensor.name)) for tensor in computed)
    return {
        index: int(match["step"]) for index, match in found if match is not None and match["loop"] == name
    }

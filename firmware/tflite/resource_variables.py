"""Resource variables: VAR_HANDLE, READ_VARIABLE, ASSIGN_VARIABLE and CALL_ONCE as states of a graph.

A VAR_HANDLE is left out: the first one's output is the state. A CALL_ONCE is left out: what its subgraph
assigns is the state's initial value. An ASSIGN_VARIABLE gets an output, behind the file's tensors, which a
READ_VARIABLE after it reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from zerotap.errors import ModelError
from zerotap.firmware.graph import ASSIGN, READ, Operator, OracleKind, State, Tensor

RESOURCE: Final = "resource"
"""The dtype of a tensor that names a variable."""
HANDLE: Final = "VAR_HANDLE"
CALL: Final = "CALL_ONCE"
_WAY_OUT: Final = "convert the model again"

_Name = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Part:
    """A subgraph: its tensors and operators, as the file has them."""

    tensors: tuple[Tensor, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Access:
    """A READ_VARIABLE or ASSIGN_VARIABLE: which variable, and the tensor that it reads into or takes."""

    place: str
    operator: Operator
    variable: _Name
    value: Tensor


class Variables:
    """The variables of a subgraph, with what its CALL_ONCEs assign.

    ``initialising(index)``: the subgraph of a CALL_ONCE; ``fail(place, fault)``: the error to raise.
    """

    def __init__(
        self, main: Part, initialising: Callable[[int], Part], fail: Callable[[str, str], ModelError]
    ) -> None:
        self._main, self._fail = main, fail
        self._initial: dict[_Name, NDArray[Any]] = {}
        self._accesses = list(self._walk(main, initialising))

    def states(self, oracle: OracleKind) -> tuple[State, ...]:
        """A state for every variable that is read or assigned."""
        return tuple(self._state(name, oracle) for name in self._named())

    def part(self) -> Part:
        """The subgraph in terms of states."""
        named, accesses = self._named(), iter(self._accesses)
        tensors = list(self._main.tensors)
        for name, index in named.items():
            tensors[index] = _state_tensor(index, name, self._of(name)[0].value)
        operators, latest = [], dict(named)
        for operator in self._main.operators:
            if operator.name in (READ, ASSIGN):
                access = next(accesses)
                operators.append(_lowered(access, named[access.variable], latest, tensors))
            elif operator.name not in (HANDLE, CALL):
                operators.append(operator)
        return Part(tuple(tensors), tuple(operators))

    def _walk(self, part: Part, initialising: Callable[[int], Part] | None) -> Iterator[Access]:
        """Every access in order; what is no use of a variable that TensorFlow knows is refused."""
        known: dict[int, _Name] = {}
        used = False
        for position, operator in enumerate(part.operators):
            place = f"operator {position} ({operator.name})"
            if operator.name == CALL and initialising is not None:
                if used:
                    raise self._fail(place, f"initialises variables behind their first use; {_WAY_OUT}")
                self._initialise(initialising(operator.options["init_subgraph_index"]))
            elif operator.name == HANDLE:
                options = operator.options
                handle = self._handle(place, part, operator, known)
                known[handle] = (options["container"], options["shared_name"])
            elif operator.name in (READ, ASSIGN):
                used = True
                yield self._access(place, part, operator, known)
            elif any(part.tensors[index].dtype == RESOURCE for index in _all(operator)):
                raise self._fail(place, f"takes a variable itself, not its value; {_WAY_OUT}")

    def _handle(self, place: str, part: Part, operator: Operator, known: Mapping[int, _Name]) -> int:
        index = operator.outputs[0]
        if index in known:
            raise self._fail(place, f"writes tensor {index}, which already names a variable; {_WAY_OUT}")
        if part.tensors[index].dtype != RESOURCE:
            raise self._fail(place, f"writes tensor {index}, which is no resource; {_WAY_OUT}")
        return index

    def _access(self, place: str, part: Part, operator: Operator, known: dict[int, _Name]) -> Access:
        handle = operator.inputs[0]
        if handle not in known:
            raise self._fail(place, f"uses tensor {handle}, which no VAR_HANDLE before it names; {_WAY_OUT}")
        index = operator.outputs[0] if operator.name == READ else operator.inputs[1]
        if part.tensors[index].dtype == RESOURCE:
            raise self._fail(place, f"takes a variable itself, not its value; {_WAY_OUT}")
        return Access(place, operator, known[handle], part.tensors[index])

    def _initialise(self, part: Part) -> None:
        for each in self._walk(part, None):
            if each.operator.name == READ or each.value.data is None:
                raise self._fail("the subgraph that initialises variables", f"computes values; {_WAY_OUT}")
            self._initial[each.variable] = each.value.data
        others = {each.name for each in part.operators} - {HANDLE, ASSIGN}
        if others:
            named = ", ".join(sorted(others))
            raise self._fail("the subgraph that initialises variables", f"has {named}; {_WAY_OUT}")

    def _named(self) -> dict[_Name, int]:
        """The variables that are used, each with the first tensor that names it."""
        named: dict[_Name, int] = {}
        for each in self._accesses:
            named.setdefault(each.variable, each.operator.inputs[0])
        return named

    def _of(self, name: _Name) -> list[Access]:
        return [each for each in self._accesses if each.variable == name]

    def _state(self, name: _Name, oracle: OracleKind) -> State:
        first, *others = self._of(name)
        initial = self._initial.get(name)
        kind = (first.value.shape, first.value.dtype)
        kinds = {(each.value.shape, each.value.dtype) for each in others}
        kinds |= set() if initial is None else {(initial.shape, initial.dtype.name)}
        if kinds - {kind}:
            other = next(iter(kinds - {kind}))
            raise self._fail(
                first.place,
                f"has the variable {_shown(name)} as {kind[1]} {kind[0]}, which elsewhere is {other[1]} "
                f"{other[0]}; {_WAY_OUT}",
            )
        if initial is None:
            initial = self._uninitialised(name, oracle)
        return State(self._named()[name], initial, is_resource=True)

    def _uninitialised(self, name: _Name, oracle: OracleKind) -> NDArray[Any]:
        """What a variable holds that no CALL_ONCE assigns.

        TensorFlow refuses to read it, TensorFlow Lite Micro has the zero point of what is assigned.
        """
        first, *_ = self._of(name)
        points = {
            int(each.value.zero_point[0]) if each.value.zero_point.size == 1 else 0
            for each in self._of(name)
            if each.operator.name == ASSIGN
        }
        if first.operator.name == READ and (oracle == "tflite" or len(points) != 1):
            raise self._fail(
                first.place,
                f"reads the variable {_shown(name)}, which nothing has set: TensorFlow itself refuses the "
                "model; convert it with its variables' initial values (TensorFlow's converter writes a "
                "CALL_ONCE)",
            )
        return np.full(first.value.shape, next(iter(points), 0), first.value.dtype)


def _lowered(access: Access, state: int, latest: dict[_Name, int], tensors: list[Tensor]) -> Operator:
    """The operator over the state: what an assignment makes of it goes to ``tensors``, and is its latest."""
    if access.operator.name == READ:
        return replace(access.operator, inputs=(latest[access.variable],))
    latest[access.variable] = len(tensors)
    tensors.append(replace(tensors[state], index=len(tensors), variable=False))
    return replace(access.operator, inputs=(state, access.value.index), outputs=(len(tensors) - 1,))


def _state_tensor(index: int, name: _Name, value: Tensor) -> Tensor:
    return replace(value, index=index, name=_shown(name), data=None, variable=True)


def _all(operator: Operator) -> Iterator[int]:
    return (index for index in (*operator.inputs, *operator.outputs) if index != -1)


def _shown(name: _Name) -> str:
    return name[1].decode("utf-8", "replace") or "without a name"

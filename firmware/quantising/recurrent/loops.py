"""Keras's loops over time, read from TensorFlow's frozen graph: a While that walks a list of rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from zerotap.errors import ModelError

_WHILE: Final = ("While", "StatelessWhile")
_PASSING: Final = ("Identity", "StopGradient", "PreventGradient")


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """One loop: node names are the outer graph's, tensor names ("node:0") the body's.

    ``rows``: the body's reads of one row, each with the outer tensor (steps, ...) that holds the rows.
    ``written``: the outer tensor that stacks what a step writes, with the body's tensor and whether every
    step writes its own row. ``states``: the body's input and output of what a step hands to the next, with
    the outer tensors of the first and of the last. ``fixed``: the body's inputs that never change.
    """

    name: str
    steps: int
    body: Any
    rows: tuple[tuple[str, str], ...]
    written: tuple[tuple[str, str, bool], ...]
    states: tuple[tuple[str, str, str, str], ...]
    fixed: Mapping[str, str]


def loops(graph: Any) -> list[Loop]:  # noqa: ANN401
    """The loops of a frozen graph (a TensorFlow graph) in the order that they run in.

    Raises ModelError for a loop that is none of Keras's over a fixed number of rows.
    """
    nodes = [operation for operation in graph.get_operations() if operation.type in _WHILE]
    return [_Reader(graph, operation).loop() for operation in nodes]


class _Reader:
    """One While: what its body does with each of its inputs."""

    def __init__(self, graph: Any, operation: Any) -> None:  # noqa: ANN401
        from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

        self._outer = operation
        definition = graph.as_graph_def().library
        wanted = operation.get_attr("body").name
        function = next(each for each in definition.function if each.signature.name == wanted)
        self._body = function_def_to_graph(function)
        self._inputs = [tensor.name for tensor in self._body.inputs]
        self._outputs = [_origin(tensor) for tensor in self._body.outputs]

    def loop(self) -> Loop:
        """Sort the body's inputs by what it does with them."""
        rows = tuple(self._rows())
        extents = {self._extent(outer) for _, outer in rows}
        steps = extents.pop() if len(extents) == 1 else None
        if steps is None:
            raise self._unknown("walks no list of a fixed length")
        return Loop(
            self._outer.name,
            steps,
            self._body,
            rows,
            tuple(self._written()),
            tuple(self._states()),
            {self._inputs[at]: self._outer.inputs[at].name for at in self._unchanged()},
        )

    def _unknown(self, fault: str) -> ModelError:
        return ModelError(
            f"the loop {self._outer.name} {fault}; use keras.layers.LSTM, GRU or SimpleRNN on a sequence of "
            "a fixed length, without a mask."
        )

    def _unchanged(self) -> list[int]:
        return [at for at, output in enumerate(self._outputs) if output.name == self._inputs[at]]

    def _rows(self) -> Iterator[tuple[str, str]]:
        for operation in self._body.get_operations():
            if operation.type != "TensorListGetItem":
                continue
            at = self._place(operation.inputs[0])
            source = None if at is None else self._outer.inputs[at].op
            if at not in self._unchanged() or source is None or source.type != "TensorListFromTensor":
                raise self._unknown("reads a list that it writes itself")
            if not self._counts(operation.inputs[1]):
                raise self._unknown("reads its rows in another order than the first to the last")
            yield operation.outputs[0].name, source.inputs[0].name

    def _extent(self, outer: str) -> int | None:
        extent: int | None = self._outer.graph.get_tensor_by_name(outer).shape[0]
        return extent

    def _place(self, tensor: Any) -> int | None:  # noqa: ANN401
        name = _origin(tensor).name
        return self._inputs.index(name) if name in self._inputs else None

    def _counts(self, tensor: Any) -> bool:  # noqa: ANN401
        """Whether a tensor is an input that begins at 0 and grows by 1 a step."""
        at = self._place(tensor)
        if at is None or self._outputs[at].op.type not in ("AddV2", "Add"):
            return False
        added = [_constant(each) for each in self._outputs[at].op.inputs]
        return 1 in added and _constant(self._outer.inputs[at]) == 0

    def _written(self) -> Iterator[tuple[str, str, bool]]:
        for at, output in enumerate(self._outputs):
            if output.op.type != "TensorListSetItem":
                continue
            handle, index, value = output.op.inputs[:3]
            every = self._counts(index)
            if self._place(handle) != at or not (every or _constant(index) == 0):
                raise self._unknown("writes its rows in another order than the first to the last")
            for reader in self._outer.outputs[at].consumers():
                if reader.type != "TensorListStack":
                    raise self._unknown(f"is read by {reader.type}")
                yield reader.outputs[0].name, value.name, every

    def _states(self) -> Iterator[tuple[str, str, str, str]]:
        for at, output in enumerate(self._outputs):
            lists = output.dtype.name == "variant" or output.op.type == "TensorListSetItem"
            if output.name == self._inputs[at] or lists or self._counts(self._body.inputs[at]):
                continue
            yield (
                self._inputs[at],
                output.name,
                self._outer.inputs[at].name,
                self._outer.outputs[at].name,
            )


def _origin(tensor: Any) -> Any:  # noqa: ANN401
    """What a chain of identities passes on."""
    while tensor.op.type in _PASSING:
        tensor = tensor.op.inputs[0]
    return tensor


def _constant(tensor: Any) -> int | None:  # noqa: ANN401
    """The value of a scalar constant."""
    from tensorflow.python.framework.tensor_util import constant_value

    value = constant_value(_origin(tensor))
    return int(value) if value is not None and value.size == 1 else None

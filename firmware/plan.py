"""Memory and cost of a graph on the board: which operators run, and where each tensor lives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from zerotap.errors import ModelError

from .graph import Graph, Operator, Tensor
from .operators import OperatorModule, operator_module

_ALIGNMENT: Final = 4


@dataclass(frozen=True, slots=True)
class Layer:
    """One operator that runs.

    ``source`` and ``target`` are the tensors that it reads and writes; ``place`` names it in errors.
    """

    index: int
    operator: Operator
    place: str
    source: Tensor
    target: Tensor
    macs: int
    weight_bytes: int

    @property
    def module(self) -> OperatorModule:
        """The module that computes this layer."""
        return operator_module(self.operator, self.place)


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Layers in order, and the arena.

    ``offsets`` maps a tensor's index to its first byte in the arena; a tensor without an entry is the model's
    input (or a new shape of it), which is read where the caller keeps it.
    """

    graph: Graph
    layers: tuple[Layer, ...]
    offsets: dict[int, int]
    arena_bytes: int

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one inference."""
        return sum(layer.macs for layer in self.layers)

    @property
    def weight_bytes(self) -> int:
        """Bytes of constants in flash: weights, biases, scales and tables."""
        return sum(layer.weight_bytes for layer in self.layers)


@dataclass(slots=True)
class _Buffer:
    """Bytes that one tensor, or several in turn, occupy from layer ``first`` to layer ``last``."""

    tensors: list[int]
    size_bytes: int
    first: int
    last: int
    offset: int = 0


def plan(graph: Graph) -> Plan:
    """Check every operator, drop those that nothing needs, and lay out the arena.

    Raises:
        ModelError: an operator that zerotap does not have, or types, shapes, options or ranges that it cannot
            compute exactly; the message names the layer and the way out.
    """
    layers = tuple(_layers(graph))
    buffers = _buffers(graph, layers)
    arena_bytes = _place(buffers)
    offsets = {index: buffer.offset for buffer in buffers for index in buffer.tensors}
    return Plan(graph, layers, offsets, arena_bytes)


def analyse(plan: Plan) -> dict[str, Any]:
    """The plan as a report: totals, and for every layer its operator, shapes, cost and arena offset.

    Bytes, and multiply-accumulates of one inference; ``arena_offset`` is None for the caller's own input.
    """
    source, target = plan.graph.tensors[plan.graph.input], plan.graph.tensors[plan.graph.output]
    return {
        "file": plan.graph.source,
        "input": _describe(source),
        "output": _describe(target),
        "macs": plan.macs,
        "weight_bytes": plan.weight_bytes,
        "arena_bytes": plan.arena_bytes,
        "layers": [
            {
                "operator": layer.operator.name,
                "name": layer.target.name,
                "input_shape": list(layer.source.shape),
                "output_shape": list(layer.target.shape),
                "macs": layer.macs,
                "weight_bytes": layer.weight_bytes,
                "arena_offset": plan.offsets.get(layer.target.index),
            }
            for layer in plan.layers
        ],
    }


def _describe(tensor: Tensor) -> dict[str, Any]:
    return {
        "name": tensor.name,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "scale": float(tensor.scale[0]) if tensor.scale.size else None,
        "zero_point": int(tensor.zero_point[0]) if tensor.zero_point.size else None,
    }


def _layers(graph: Graph) -> Iterator[Layer]:
    needed = _needed(graph)
    _check_ends(graph)
    for index, operator in enumerate(graph.operators):
        if index not in needed:
            continue
        place = _place_name(graph, index)
        module = operator_module(operator, place)
        source = graph.tensors[operator.inputs[module.DATA_INPUTS[0]]]
        module.check(graph, operator, place)
        cost = module.cost(graph, operator)
        target = graph.tensors[operator.outputs[0]]
        yield Layer(index, operator, place, source, target, cost.macs, cost.weight_bytes)


def _place_name(graph: Graph, index: int) -> str:
    operator = graph.operators[index]
    tensor = graph.tensors[operator.outputs[0]].name if operator.outputs else "no output"
    return f"{graph.source}: layer {index} {operator.name} ({tensor})"


def _needed(graph: Graph) -> set[int]:
    """Operators that the output depends on: what only feeds a RESHAPE's shape, say, is not among them."""
    needed: set[int] = set()
    tensors = {graph.output}
    for index in reversed(range(len(graph.operators))):
        operator = graph.operators[index]
        if tensors.isdisjoint(operator.outputs):
            continue
        needed.add(index)
        tensors.update(_data_inputs(graph, index))
    return needed


def _data_inputs(graph: Graph, index: int) -> list[int]:
    operator, place = graph.operators[index], _place_name(graph, index)
    positions = operator_module(operator, place).DATA_INPUTS
    if len(operator.inputs) <= max(positions) or len(operator.outputs) != 1:
        raise ModelError(
            f"{place}: has {len(operator.inputs)} inputs and {len(operator.outputs)} outputs; convert again."
        )
    tensors = [operator.inputs[position] for position in positions]
    if any(tensor == -1 or graph.tensors[tensor].data is not None for tensor in tensors):
        raise ModelError(f"{place}: has a constant input only, nothing to compute; convert the model again.")
    return tensors


def _check_ends(graph: Graph) -> None:
    source, target = graph.tensors[graph.input], graph.tensors[graph.output]
    if source.dtype not in ("int8", "int32") or target.dtype != "int8":
        raise ModelError(
            f"{graph.source}: takes {source.dtype} and gives {target.dtype}, the board needs int8 (or int32 "
            "ids) in and int8 out; make a full-int8 file with `zerotap quantise`."
        )
    for tensor in (source, target):
        if tensor.dtype == "int8" and tensor.scale.size != 1:
            raise ModelError(f"{graph.source}: tensor {tensor.name} has {tensor.scale.size} scales, not one.")


def _buffers(graph: Graph, layers: tuple[Layer, ...]) -> list[_Buffer]:
    last_use = {layer.source.index: position for position, layer in enumerate(layers)}
    last_use[graph.output] = len(layers)
    holder: dict[int, _Buffer] = {}
    buffers: list[_Buffer] = []
    in_caller = {graph.input}
    for position, layer in enumerate(layers):
        target, last = layer.target, last_use.get(layer.target.index, position)
        if layer.module.ALIAS and layer.source.index in in_caller:
            in_caller.add(target.index)
            continue
        buffer = holder.get(layer.source.index)
        if buffer is not None and _shares(layer, buffer, position, last_use):
            buffer.tensors.append(target.index)
            buffer.last = max(buffer.last, last)
        else:
            buffer = _Buffer([target.index], _bytes(target), position, last)
            buffers.append(buffer)
        holder[target.index] = buffer
    return buffers


def _shares(layer: Layer, buffer: _Buffer, position: int, last_use: dict[int, int]) -> bool:
    if layer.module.ALIAS:
        return True
    dies_here = all(last_use[index] <= position for index in buffer.tensors)
    return layer.module.IN_PLACE and dies_here and _bytes(layer.target) == buffer.size_bytes


def _bytes(tensor: Tensor) -> int:
    return tensor.size * np.dtype(tensor.dtype).itemsize


def _place(buffers: list[_Buffer]) -> int:
    """Give every buffer the lowest offset that is free during its life, largest first; the arena's size."""
    placed: list[_Buffer] = []
    for buffer in sorted(buffers, key=lambda buffer: (-buffer.size_bytes, buffer.first)):
        alive = [other for other in placed if other.first <= buffer.last and buffer.first <= other.last]
        for other in sorted(alive, key=lambda other: other.offset):
            if buffer.offset + buffer.size_bytes <= other.offset:
                break
            buffer.offset = max(buffer.offset, _aligned(other.offset + other.size_bytes))
        placed.append(buffer)
    return max((_aligned(buffer.offset + buffer.size_bytes) for buffer in placed), default=0)


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT

"""The arena: which tensors live when, and at which offset, so that none overwrites another that is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from .graph import Graph, Tensor

if TYPE_CHECKING:
    from .plan import Layer

_ALIGNMENT: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """Where each tensor lives.

    ``offsets``: tensor index -> first byte; ``scratch``: layer index -> first byte of its scratch.
    ``in_input`` and ``in_output``: tensors that live in the caller's own arrays.
    """

    size_bytes: int
    offsets: dict[int, int]
    scratch: dict[int, int]
    in_input: frozenset[int]
    in_output: frozenset[int]


@dataclass(slots=True)
class Buffer:
    """Bytes that one tensor, or several in turn, occupy from layer ``first`` to layer ``last``."""

    tensors: list[int]
    size_bytes: int
    first: int
    last: int
    offset: int = 0


def lay_out(graph: Graph, layers: Sequence[Layer]) -> Arena:
    """Place every tensor that is computed, and each layer's scratch."""
    buffers, in_input = _buffers(graph, layers)
    in_output = next((set(buffer.tensors) for buffer in buffers if graph.output in buffer.tensors), set())
    inside = [buffer for buffer in buffers if graph.output not in buffer.tensors]
    scratch = {
        layer.index: Buffer([], layer.choice.scratch_bytes, position, position)
        for position, layer in enumerate(layers)
        if layer.choice.scratch_bytes
    }
    size_bytes = place([*inside, *scratch.values()])
    offsets = {index: buffer.offset for buffer in inside for index in buffer.tensors}
    places = {index: buffer.offset for index, buffer in scratch.items()}
    return Arena(size_bytes, offsets, places, frozenset(in_input), frozenset(in_output))


def tensor_bytes(tensor: Tensor) -> int:
    """Bytes of an activation."""
    return tensor.size * np.dtype(tensor.dtype).itemsize


def place(buffers: Sequence[Buffer]) -> int:
    """Give every buffer the lowest offset that is free during its life, largest first; the arena's size."""
    placed: list[Buffer] = []
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


def _buffers(graph: Graph, layers: Sequence[Layer]) -> tuple[list[Buffer], set[int]]:
    last_use = {tensor.index: position for position, layer in enumerate(layers) for tensor in layer.sources}
    last_use[graph.output] = len(layers)
    holder: dict[int, Buffer] = {}
    buffers: list[Buffer] = []
    in_input = {graph.input}
    for position, layer in enumerate(layers):
        target, last = layer.target, last_use.get(layer.target.index, position)
        if layer.alias and layer.source.index in in_input:
            in_input.add(target.index)
            continue
        buffer = _shared(layer, holder, position, last_use)
        if buffer is not None:
            buffer.tensors.append(target.index)
            buffer.last = max(buffer.last, last)
        else:
            buffer = Buffer([target.index], tensor_bytes(target), position, last)
            buffers.append(buffer)
        holder[target.index] = buffer
    return buffers, in_input


def _shared(
    layer: Layer, holder: dict[int, Buffer], position: int, last_use: dict[int, int]
) -> Buffer | None:
    """The buffer of an input that the output may take over, if there is one."""
    for source in layer.sources:
        buffer = holder.get(source.index)
        if buffer is None:
            continue
        if layer.alias:
            return buffer
        dies_here = all(last_use[index] <= position for index in buffer.tensors)
        if layer.in_place and dies_here and tensor_bytes(layer.target) == buffer.size_bytes:
            return buffer
    return None

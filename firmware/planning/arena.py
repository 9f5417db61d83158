"""The arena: which tensors live when, and at which offset, so that none overwrites another that is needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from zerotap.firmware.graph import Graph, Tensor

from .layer import Layer
from .skyline import lower
from .states import in_states

_ALIGNMENT: Final = 4


@dataclass(frozen=True, slots=True, eq=False)
class Arena:
    """Where each tensor lives.

    ``offsets``: tensor index -> first byte; ``scratch``: layer index -> first byte of its scratch.
    ``in_input`` and ``in_output``: tensors that live in the caller's own arrays; of several ``ends`` says in
    which: tensor index -> the input or output whose array it is. ``states``: tensors that live in a state's
    place: tensor index -> the state's tensor.
    """

    size_bytes: int
    offsets: dict[int, int]
    scratch: dict[int, int]
    in_input: frozenset[int]
    in_output: frozenset[int]
    ends: dict[int, int]
    states: dict[int, int]


@dataclass(slots=True)
class Buffer:
    """Bytes that one tensor, or several in turn, occupy from layer ``first`` to layer ``last``."""

    tensors: list[int]
    size_bytes: int
    first: int
    last: int
    offset: int = 0


def lay_out(graph: Graph, layers: Sequence[Layer], thorough: bool = True) -> Arena:
    """Place every tensor that is computed, and each layer's scratch; ``thorough`` as for place()."""
    states = in_states(graph, layers)
    buffers, in_input = _buffers(graph, layers, states)
    in_output = _in_output(graph, buffers)
    inside = [buffer for buffer in buffers if in_output.keys().isdisjoint(buffer.tensors)]
    scratch = {
        layer.index: Buffer([], layer.choice.scratch_bytes, position, position)
        for position, layer in enumerate(layers)
        if layer.choice.scratch_bytes
    }
    size_bytes = place([*inside, *scratch.values()], thorough)
    offsets = {index: buffer.offset for buffer in inside for index in buffer.tensors}
    places = {index: buffer.offset for index, buffer in scratch.items()}
    ends = in_input | in_output
    return Arena(size_bytes, offsets, places, frozenset(in_input), frozenset(in_output), ends, states)


def _in_output(graph: Graph, buffers: Sequence[Buffer]) -> dict[int, int]:
    """The tensors in an output's array, each with that output: the first, where a buffer holds several."""
    found: dict[int, int] = {}
    for buffer in buffers:
        held = [index for index in graph.outputs if index in buffer.tensors]
        found |= dict.fromkeys(buffer.tensors, held[0]) if held else {}
    return found


def ends_bytes(graph: Graph, ends: Sequence[int]) -> int:
    """Bytes of the caller's arrays for the model's inputs, or outputs, by their tensors.

    Several are members of a structure, each of which begins at a multiple of 4 bytes.
    """
    sizes = [tensor_bytes(graph.tensors[index]) for index in ends]
    return sum(map(_aligned, sizes)) if graph.has_several_ends else sizes[0]


def tensor_bytes(tensor: Tensor) -> int:
    """Bytes of an activation."""
    return tensor.size * np.dtype(tensor.dtype).itemsize


def place(buffers: Sequence[Buffer], thorough: bool = True) -> int:
    """Give every buffer an offset that is free during its life; the size of the arena.

    Optimal for chains (each buffer alive with the one before and the one after it alone) and wherever the
    search of :mod:`.skyline` comes to its end, as it does for nearly every network; else the best that was
    found. The sum of what is alive at once is the bound from below; an optimum may lie above it.
    Not ``thorough``: the best of several orders at once, which is seldom worse.
    """
    search = _Search(buffers)
    for order in _orders(buffers):
        search.try_order(order)
    if thorough:
        search.improve(buffers)
    for buffer, offset in zip(buffers, search.offsets, strict=True):
        buffer.offset = offset
    return search.size_bytes


def _orders(buffers: Sequence[Buffer]) -> Iterator[list[int]]:
    """Largest first, longest-lived first, both, and every second first, which is the optimum of a chain."""
    indices = range(len(buffers))
    sizes = [buffer.size_bytes for buffer in buffers]
    lives = [buffer.last - buffer.first for buffer in buffers]
    in_time = sorted(indices, key=lambda i: (buffers[i].first, buffers[i].last))
    yield [*in_time[::2], *in_time[1::2]]
    yield sorted(indices, key=lambda i: (-sizes[i], buffers[i].first))
    yield sorted(indices, key=lambda i: (-lives[i], -sizes[i]))
    yield sorted(indices, key=lambda i: -(sizes[i] * (lives[i] + 1)))


class _Search:
    """Orders of placing ``buffers``; ``offsets`` and ``size_bytes`` are the best so far."""

    def __init__(self, buffers: Sequence[Buffer]) -> None:
        self._sizes = [_aligned(buffer.size_bytes) for buffer in buffers]
        self._alive = [
            [i for i, other in enumerate(buffers) if other.first <= one.last and one.first <= other.last]
            for one in buffers
        ]
        self._bound = max((self._alive_bytes(buffers, one.first) for one in buffers), default=0)
        self.offsets = [0] * len(buffers)
        self.size_bytes = 0 if not buffers else sum(self._sizes) + 1

    def _alive_bytes(self, buffers: Sequence[Buffer], moment: int) -> int:
        living = (i for i, buffer in enumerate(buffers) if buffer.first <= moment <= buffer.last)
        return sum(self._sizes[i] for i in living)

    def try_order(self, order: Sequence[int]) -> None:
        """Place every buffer in this order."""
        placed: dict[int, int] = {}
        for index in order:
            placed[index] = self._lowest(index, placed)
        self._keep(placed)

    def improve(self, buffers: Sequence[Buffer]) -> None:
        """Search what lies between the best so far and the bound."""
        lives = [(buffer.first, buffer.last) for buffer in buffers]
        if self.size_bytes > self._bound:
            found = lower(self._sizes, lives, self.size_bytes, self._bound).offsets
            self._keep(dict(enumerate(found or self.offsets)))

    def _lowest(self, index: int, placed: dict[int, int]) -> int:
        """The lowest free offset while this buffer lives."""
        offset, size = 0, self._sizes[index]
        for start, other in sorted((placed[other], other) for other in self._alive[index] if other in placed):
            if offset + size <= start:
                break
            offset = max(offset, start + self._sizes[other])
        return offset

    def _keep(self, placed: dict[int, int]) -> None:
        size_bytes = max((placed[i] + self._sizes[i] for i in placed), default=0)
        if size_bytes < self.size_bytes:
            self.size_bytes = size_bytes
            self.offsets = [placed[index] for index in range(len(self._sizes))]


def _aligned(offset: int) -> int:
    return -(-offset // _ALIGNMENT) * _ALIGNMENT


def _buffers(
    graph: Graph, layers: Sequence[Layer], states: dict[int, int]
) -> tuple[list[Buffer], dict[int, int]]:
    """The buffers of what is computed, and the tensors in an input's array, each with that input."""
    last_use = {tensor.index: position for position, layer in enumerate(layers) for tensor in layer.sources}
    last_use.update(dict.fromkeys(graph.outputs, len(layers)))
    holder: dict[int, Buffer] = {}
    buffers: list[Buffer] = []
    in_input = {index: index for index in graph.inputs}
    for position, layer in enumerate(layers):
        target, last = layer.target, last_use.get(layer.target.index, position)
        if target.index in states:
            continue
        if layer.alias and layer.source.index in in_input:
            in_input[target.index] = in_input[layer.source.index]
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

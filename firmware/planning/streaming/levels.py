"""Layers that can be computed while a window arrives, one behind the other from the model's input on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from zerotap.firmware.graph import Graph, Tensor
from zerotap.firmware.operators import Implementation
from zerotap.firmware.planning.layer import Layer

from .row_of import Reach, reach, row_bytes, row_implementations, time_axis

_WORD: Final = 4
_NO_ROWS: Final = "a view mixes rows of time"


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Rows of one tensor as they come to be; the first level is the model's input.

    A row is computed from ``reach`` rows of each of the levels ``reads``, ``stride`` rows from one to the
    next. It is there with the ``span``-th item from the first that it depends on, and rows begin ``step``
    items apart. A window has ``every`` one of them, of which ``rows`` are needed. ``held``: rows that readers
    want at once.
    """

    tensor: Tensor
    row_bytes: int
    reads: tuple[int, ...]
    reach: int
    stride: int
    span: int
    step: int
    every: int
    rows: int
    held: int
    layer: Layer | None
    implementations: tuple[Implementation, ...]

    @property
    def is_of_words(self) -> bool:
        """Whether rows are whole words."""
        return self.row_bytes % _WORD == 0

    @property
    def slide(self) -> str:
        """The runtime function that makes room for a row."""
        return "zerotap_slide" if self.is_of_words else "zerotap_slide_bytes"


@dataclass(frozen=True, slots=True, eq=False)
class Streamable:
    """``levels``; ``end``: which of the layers is the last of them; ``because``: why no more are."""

    levels: tuple[Level, ...]
    end: int
    because: str


def streamable(graph: Graph, layers: Sequence[Layer], length: int) -> Streamable | str:
    """The longest run of layers that are local in time; or why there is none.

    ``layers`` of a prepared graph, each operator by itself, whose windows have ``length`` items.
    """
    source = graph.tensors[graph.input]
    if source.dtype != "int8" or time_axis(source.shape, length) is None:
        return "the model's input is not int8 rows, an item each"
    found = _Found(graph, source, length)
    for position, layer in enumerate(layers):
        reason = found.take(layer, position)
        if reason:
            reason = whole_reason(layers[position:]) if reason == _NO_ROWS else reason
            break
    else:
        reason = ""
    count = _closed(graph, layers, found)
    if count == 1:
        return reason
    return Streamable(tuple(found.levels[:count]), found.ends[count - 1], reason)


def whole_reason(layers: Sequence[Layer]) -> str:
    """Why these layers, the first of which may be views, wait for the whole window."""
    reader = next((layer for layer in layers if not layer.alias), layers[0])
    return f"{reader.name} needs the whole window"


class _Found:
    """Levels so far; ``at``: the level, and its rows, of each tensor that has its bytes."""

    def __init__(self, graph: Graph, source: Tensor, length: int) -> None:
        each = row_bytes(source, length)
        self._graph = graph
        self.levels = [Level(source, each, (), 1, 1, 1, 1, length, length, 1, None, ())]
        self.at = {source.index: 0}
        self.ends = [-1]

    def take(self, layer: Layer, position: int) -> str:
        """Add a layer as a level, or another view of one; or say why not."""
        sources = [self.at.get(source.index) for source in layer.sources]
        read = [each for each in sources if each is not None]
        if len(read) < len(sources):
            return f"{layer.name} reads what is not there row by row"
        rows = self.levels[read[0]].rows
        if layer.alias:
            return self._view(layer, read[0], rows)
        if not self._are_together(read):
            return f"{layer.name} reads rows of different times"
        found = reach(self._graph, layer, rows)
        if isinstance(found, str):
            return found
        return self._add(layer, read, found, position)

    def _view(self, layer: Layer, level: int, rows: int) -> str:
        if time_axis(layer.target.shape, rows) is None:
            return _NO_ROWS
        self.at[layer.target.index] = level
        return ""

    def _are_together(self, read: list[int]) -> bool:
        return (
            len({(self.levels[each].span, self.levels[each].step, self.levels[each].rows) for each in read})
            == 1
        )

    def _add(self, layer: Layer, read: list[int], found: Reach, position: int) -> str:
        before = self.levels[read[0]]
        rows = (before.rows - found.rows) // found.stride + 1
        if time_axis(layer.target.shape, rows) is None or rows < 2:
            return f"{layer.name} needs the whole window"
        level = Level(
            layer.target,
            row_bytes(layer.target, rows),
            tuple(read),
            found.rows,
            found.stride,
            before.span + (found.rows - 1) * before.step,
            before.step * found.stride,
            rows,
            rows,
            1,
            layer,
            row_implementations(self._graph, layer, before.rows, rows, found),
        )
        self.at[layer.target.index] = len(self.levels)
        self.levels.append(level)
        self.ends.append(position)
        return ""


def _closed(graph: Graph, layers: Sequence[Layer], found: _Found) -> int:
    """How many levels there can be so that only the last is read behind it."""
    count = len(found.levels)
    while count > 1:
        inside = {tensor for tensor, level in found.at.items() if level < count - 1}
        made = {found.levels[level].tensor.index for level in range(1, count)}
        later = list(layers[found.ends[count - 1] + 1 :])
        later += [
            layer for layer in layers[: found.ends[count - 1] + 1] if _is_outside(layer, made, found, count)
        ]
        read = {source.index for layer in later for source in layer.sources}
        if not read & inside and not inside & set(graph.outputs):
            return count
        count -= 1
    return count


def _is_outside(layer: Layer, made: set[int], found: _Found, count: int) -> bool:
    """Whether a layer before the last level's is none of the levels', nor a view of one."""
    return layer.target.index not in made and found.at.get(layer.target.index, count) >= count


def needed(levels: Sequence[Level]) -> tuple[Level, ...]:
    """The levels with the rows that the last one needs of each, and as many held as readers want."""
    rows, held = [0] * len(levels), [1] * len(levels)
    rows[-1] = levels[-1].rows
    for number in reversed(range(len(levels))):
        for read in levels[number].reads:
            wanted = (rows[number] - 1) * levels[number].stride + levels[number].reach
            rows[read] = max(rows[read], wanted)
            held[read] = max(held[read], levels[number].reach)
    return tuple(replace(each, rows=rows[at], held=held[at]) for at, each in enumerate(levels))

"""The order in which rows are computed: each as late as possible, so that few are kept at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zerotap.firmware.graph import Tensor
from zerotap.firmware.operators import operator_module

from .row_layer import RowLayer


@dataclass(frozen=True, slots=True)
class Step:
    """One row of ``tensor`` comes to be: computed, or a row of padding (``row`` outside of the tensor).

    ``slots``: for each tensor that is read, how many rows its ring's newest is beyond the first one read.
    """

    tensor: int
    row: int
    slots: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Ring:
    """Rows of ``tensor`` that are kept, newest last; ``above`` rows of padding come first.

    ``shares``: the tensor in whose newest row it lies, as that is computed from it in place.
    """

    tensor: Tensor
    rows: int
    above: int
    is_padded: bool
    shares: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Steps in order; rings of the source and of what is computed but for the last tensor, by tensor."""

    steps: tuple[Step, ...]
    rings: dict[int, Ring]
    source: Tensor
    target: Tensor


def schedule(layers: Sequence[RowLayer], source: Tensor) -> Schedule:
    """Order the rows of layers that each read what is before them, ``source`` or each other's targets."""
    run = _Run(layers, source)
    target = layers[-1].target
    for _ in range(target.shape[1]):
        run.push(target.index)
    shares = _shares(layers, run, source.index)
    rings = {
        index: Ring(
            tensor,
            max(run.kept[index], 1),
            run.above[index],
            run.above[index] + run.below[index] > 0,
            shares.get(index),
        )
        for index, tensor in run.tensors.items()
        if index != target.index
    }
    return Schedule(tuple(run.steps), rings, source, target)


class _Run:
    """Rows as they come to be: ``done`` of each tensor, padding included; ``kept`` at most at once."""

    def __init__(self, layers: Sequence[RowLayer], source: Tensor) -> None:
        self._makers = {layer.target.index: layer for layer in layers}
        self.tensors = {source.index: source} | {layer.target.index: layer.target for layer in layers}
        self.above = dict.fromkeys(self.tensors, 0)
        self.below = dict.fromkeys(self.tensors, 0)
        self._depth = dict.fromkeys(self.tensors, 0)
        for layer in layers:
            for read in layer.reads:
                self.above[read.tensor] = max(self.above[read.tensor], read.above)
                self.below[read.tensor] = max(self.below[read.tensor], read.below)
            self._depth[layer.target.index] = 1 + max(self._depth[read.tensor] for read in layer.reads)
        self.done = dict.fromkeys(self.tensors, 0)
        self.kept = dict.fromkeys(self.tensors, 0)
        self.steps: list[Step] = []

    def push(self, tensor: int) -> None:
        """Bring about the next row of a tensor, and before it whatever rows it needs."""
        row = self.done[tensor] - self.above[tensor]
        inside = 0 <= row < self.tensors[tensor].shape[1]
        maker = self._makers.get(tensor)
        slots = self._read(maker, row) if inside and maker is not None else ()
        self.steps.append(Step(tensor, row, slots))
        self.done[tensor] += 1

    def _read(self, maker: RowLayer, row: int) -> tuple[int, ...]:
        firsts = {
            read.tensor: row * read.stride - read.above + self.above[read.tensor] for read in maker.reads
        }
        # What is made in fewer steps comes first: the row that is made last is used at once.
        for read in sorted(maker.reads, key=lambda read: self._depth[read.tensor]):
            while self.done[read.tensor] < firsts[read.tensor] + read.rows:
                self.push(read.tensor)
        for tensor, first in firsts.items():
            self.kept[tensor] = max(self.kept[tensor], self.done[tensor] - first)
        return tuple(self.done[read.tensor] - firsts[read.tensor] for read in maker.reads)


def _shares(layers: Sequence[RowLayer], run: _Run, first: int) -> dict[int, int]:
    """Tensor -> the one that is computed in its place: of the tensor one row is kept, and read at once."""
    readers = [read.tensor for layer in layers for read in layer.reads]
    found: dict[int, int] = {}
    for maker in layers:
        operator = maker.layer.operators[0]
        if not operator_module(operator, maker.layer.place).IN_PLACE:
            continue
        for read in maker.reads:
            source, target = run.tensors[read.tensor], maker.target
            alone = readers.count(read.tensor) == 1 and run.kept[read.tensor] == 1
            made_inside = source.index != first
            if alone and made_inside and source.shape == target.shape and _follow(run.steps, source, target):
                found[source.index] = target.index
                break
    return found


def _follow(steps: Sequence[Step], source: Tensor, target: Tensor) -> bool:
    """Whether each row of the target that is computed comes right after the source's."""
    for position, step in enumerate(steps):
        if step.tensor == target.index and step.slots and steps[position - 1].tensor != source.index:
            return False
    return True

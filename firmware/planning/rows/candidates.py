"""Which runs of layers could go by rows: those behind one activation and before one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from zerotap.firmware.graph import Graph, Tensor
from zerotap.firmware.planning.layer import Layer

from .row_layer import RowLayer, row_layer
from .schedule import schedule
from .segment import by_rows

_FEWEST = 2


def candidates(graph: Graph, layers: Sequence[Layer]) -> Iterator[list[Layer]]:
    """The layers with the first that can go by rows joined to one: a list for each end of the run."""
    start, found = _run(graph, layers)
    for count in range(_FEWEST, len(found) + 1):
        source = _only_source(found[:count])
        if source is not None and _is_closed(graph, layers, found[:count]):
            joined = by_rows(found[:count], schedule(found[:count], source))
            yield [*layers[:start], joined, *layers[start + count :]]


def _run(graph: Graph, layers: Sequence[Layer]) -> tuple[int, list[RowLayer]]:
    """Where the first run of layers that can go by rows begins, and these layers."""
    every = (row_layer(graph, layer) for layer in layers)
    before, found = 0, []
    for each in every:
        if each is not None:
            found.append(each)
        elif found:
            break
        else:
            before += 1
    return before, found


def _only_source(run: Sequence[RowLayer]) -> Tensor | None:
    """The one activation that comes from before the run, if it is one."""
    made = {each.target.index for each in run}
    outside = {
        source.index: source
        for source in itertools.chain.from_iterable(each.layer.sources for each in run)
        if source.index not in made
    }
    return next(iter(outside.values())) if len(outside) == 1 else None


def _is_closed(graph: Graph, layers: Sequence[Layer], run: Sequence[RowLayer]) -> bool:
    """Whether only the last of what the run makes is read behind it."""
    inside = {each.layer.index for each in run}
    kept = {each.target.index for each in run[:-1]}
    later = {source.index for layer in layers if layer.index not in inside for source in layer.sources}
    return graph.output not in kept and not kept & later

"""Two levels as one: a convolution and the maximum of its rows, where no row is wanted twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from zerotap.firmware.graph import Graph
from zerotap.firmware.operators import FUSIONS, Implementation

from .levels import Level
from .pacing import Pace
from .row_of import graph_of_rows


def joined(graph: Graph, levels: Sequence[Level], pace: Sequence[Pace]) -> tuple[Level, ...]:
    """The levels with every pair joined that is no slower together."""
    found = list(levels)
    for number in reversed(range(2, len(levels))):
        pair = _pair(graph, levels, pace, number)
        if pair is not None:
            found = [*found[: number - 1], pair, *(_without(each, number) for each in found[number + 1 :])]
    return tuple(found)


def _without(level: Level, number: int) -> Level:
    """The level where that before ``number`` is no more."""
    return replace(level, reads=tuple(read - (read >= number) for read in level.reads))


def _pair(graph: Graph, levels: Sequence[Level], pace: Sequence[Pace], number: int) -> Level | None:
    first, second = levels[number - 1], levels[number]
    others = [each for each in levels if number - 1 in each.reads]
    if others != [second] or pace[number - 1].streams != pace[number].streams:
        return None
    choices = _choices(graph, levels, number)
    if not choices or not _pays(choices, first, second):
        return None
    assert first.layer is not None and second.layer is not None
    return replace(
        second,
        reads=first.reads,
        reach=first.reach + (second.reach - 1) * first.stride,
        stride=first.stride * second.stride,
        layer=replace(
            first.layer, operators=(*first.layer.operators, *second.layer.operators), target=second.tensor
        ),
        implementations=choices,
    )


def _choices(graph: Graph, levels: Sequence[Level], number: int) -> tuple[Implementation, ...]:
    """What computes a row of both, none where there is no such thing."""
    first, second = levels[number - 1], levels[number]
    if first.layer is None or second.layer is None:
        return ()
    pair = (first.layer.operators[0], second.layer.operators[0])
    module = FUSIONS.get((pair[0].name, pair[1].name))
    if module is None or not module.fuses(graph, *pair):
        return ()
    reach = first.reach + (second.reach - 1) * first.stride
    rows = graph_of_rows(
        graph,
        {
            first.layer.source: (levels[first.reads[0]].every, reach),
            first.tensor: (first.every, second.reach),
            second.tensor: (second.every, 1),
        },
        (*first.layer.operators, *second.layer.operators),
    )
    if not module.always(rows, *pair):
        return ()
    return tuple(each for each in module.implementations(rows, *pair) if not each.skips_zeros)


def _pays(choices: Sequence[Implementation], first: Level, second: Level) -> bool:
    apart = first.rows * _fewest(first.implementations) + second.rows * _fewest(second.implementations)
    return second.rows * _fewest(choices) <= apart


def _fewest(choices: Sequence[Implementation]) -> int:
    return min(each.cycles for each in choices)

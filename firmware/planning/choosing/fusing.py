"""Which neighbours run as one layer: some always, others where that pays under the budget."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators import CHAINS, FUSIONS, Implementation
from zerotap.firmware.planning.layer import Layer
from zerotap.firmware.planning.states import without_copies

_Joins = Callable[[Sequence[Layer], Sequence[Implementation]], bool]
_Known = dict[tuple[int, int], tuple[Implementation, ...]]


class Fusing:
    """The layers of a graph with this or that pair, or chain of dense layers, joined.

    One that need not be joined is ``optional``, and known by the index of its first layer; ``usual`` are
    those that are no slower together, each with its fastest kernel. Pairs that are always joined are in
    every set of layers. ``skipping``: those of which a layer alone has kernels that skip zeros.
    """

    def __init__(self, graph: Graph, single: Sequence[Layer]) -> None:
        self._graph = graph
        self._single = list(single)
        self._known: _Known = {}
        self.optional: set[int] = set()
        self.skipping: set[int] = set()
        usual: set[int] = set()

        def note(layers: Sequence[Layer], choices: Sequence[Implementation]) -> bool:
            self.optional.add(layers[0].index)
            if any(each.skips_zeros for layer in layers for each in layer.implementations):
                self.skipping.add(layers[0].index)
            if _pays(layers, choices):
                usual.add(layers[0].index)
            return layers[0].index in usual

        _fused(graph, self._single, note, self._known)
        self.usual = frozenset(usual)

    def layers(self, joined: frozenset[int]) -> list[Layer]:
        """Layers in which of the optional pairs these are joined."""
        return _fused(self._graph, self._single, lambda layers, _: layers[0].index in joined, self._known)


def all_joined(graph: Graph, layers: Sequence[Layer]) -> list[Layer]:
    """Layers in which every pair is joined that can be, however long that takes."""
    return _fused(graph, layers, lambda _layers, _choices: True, {})


def _fused(graph: Graph, layers: Sequence[Layer], joins: _Joins, known: _Known) -> list[Layer]:
    """Join neighbours that a fusion computes together; reshapes between them go with them.

    ``known``: the ways to compute pairs that were asked for before.
    """
    result: list[Layer] = []
    for layer in layers:
        result.append(layer)
        while (joined := _joined(graph, result, joins, known)) is not None:
            count, fusion = joined
            result[-count:] = [fusion]
    return without_copies(graph, result)


def _joined(graph: Graph, layers: list[Layer], joins: _Joins, known: _Known) -> tuple[int, Layer] | None:
    """(how many of the last layers, the layer that takes their place), where the last one can be fused."""
    last = layers[-1]
    if last.alias or last.is_by_rows:
        return None
    first = len(layers) - 2
    while first >= 0 and layers[first].alias:
        first -= 1
    if first < 0 or not _is_chain(graph, layers[first:]):
        return None
    together = _together(graph, (*layers[first].operators, *last.operators))
    if together is None:
        return None
    indices = layers[first].index, last.index
    if indices not in known:
        known[indices] = together.implementations()
    choices = known[indices]
    if not choices or not (together.always or joins(layers[first:], choices)):
        return None
    return len(layers) - first, _fuse(layers[first:], choices)


class _Together(NamedTuple):
    """How operators are computed as one layer, and whether they are joined anyway."""

    implementations: Callable[[], tuple[Implementation, ...]]
    always: bool


def _together(graph: Graph, operators: tuple[Operator, ...]) -> _Together | None:
    """None where they cannot be; a reshape between dense layers keeps them apart."""
    names = tuple(each.name for each in operators)
    chain = CHAINS.get(names[0]) if len(set(names)) == 1 else None
    if chain is not None and chain.fuses(graph, operators):
        return _Together(partial(chain.implementations, graph, operators), always=False)
    if len(names) != 2 or names not in FUSIONS or not FUSIONS[names].fuses(graph, *operators):
        return None
    module = FUSIONS[names]
    return _Together(partial(module.implementations, graph, *operators), module.always(graph, *operators))


def _pays(layers: Sequence[Layer], choices: Sequence[Implementation]) -> bool:
    """Whether layers together are no slower than one by one."""
    apart = sum(_fewest_cycles(layer.implementations) for layer in layers)
    return _fewest_cycles(choices) <= apart


def _fewest_cycles(choices: Sequence[Implementation]) -> int:
    return min(each.cycles for each in choices)


def _is_chain(graph: Graph, layers: list[Layer]) -> bool:
    """Whether each layer but the last is read by the next alone."""
    readers = [index for operator in graph.operators for index in operator.inputs]
    return all(
        after.sources == (before.target,)
        and readers.count(before.target.index) == 1
        and before.target.index not in graph.outputs
        for before, after in itertools.pairwise(layers)
    )


def _fuse(layers: list[Layer], choices: tuple[Implementation, ...]) -> Layer:
    return replace(
        layers[0],
        operators=tuple(operator for layer in layers for operator in layer.operators),
        target=layers[-1].target,
        macs=sum(layer.macs for layer in layers),
        in_place=False,
        implementations=choices,
        choice=choices[0],
    )

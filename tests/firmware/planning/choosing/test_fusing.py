"""Pairs of layers that may be joined: joined or apart as the budget has it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import lines
import pytest

from zerotap.firmware import BuildOptions, Graph, plan
from zerotap.firmware.operators import FUSIONS
from zerotap.firmware.options import Budget

PAIR = ("CONV_2D", "MAX_POOL_2D")
SWEEP = Path(__file__).parents[4] / "benchmarks" / "engine" / "sweep"


@dataclass(frozen=True)
class Optional:
    """The fusion of a convolution and a pool, as one that is faster by ``saved`` cycles and larger."""

    module: object
    saved: int
    larger: int

    def fuses(self, *pair) -> bool:
        return self.module.fuses(*pair)

    def always(self, *pair) -> bool:
        return False

    def implementations(self, *pair):
        return tuple(
            replace(
                each,
                cycles=max(1, each.cycles - self.saved),
                constant_bytes=each.constant_bytes + self.larger,
            )
            for each in self.module.implementations(*pair)
        )


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Iterator[Graph]:
    """48x6, conv 32 k5, pool 2, mean, dense 6."""
    monkeypatch.syspath_prepend(str(SWEEP))
    import networks

    yield networks.draw("conv_6", 3).graph
    monkeypatch.delitem(__import__("sys").modules, "networks")


def joined(graph: Graph, flash_bytes: int | None = None, optimise: str = "speed") -> bool:
    budget = None if flash_bytes is None else Budget(flash_bytes, 32_768)
    layers = plan(graph, BuildOptions(budget=budget, optimise=optimise)).layers
    return any(len(layer.operators) == 2 for layer in layers)


def test_what_is_faster_and_larger_is_joined_where_there_is_room(graph, monkeypatch) -> None:
    monkeypatch.setitem(FUSIONS, PAIR, Optional(FUSIONS[PAIR], saved=1_000_000, larger=20_000))
    assert joined(graph)
    assert joined(graph, 30_000)
    assert not joined(graph, 20_000)
    assert not joined(graph, optimise="size")
    apart = plan(graph, BuildOptions(budget=Budget(20_000, 32_768)))
    assert apart.flash_bytes <= 20_000


def test_what_is_slower_and_smaller_is_joined_where_there_is_none(graph, monkeypatch) -> None:
    apart = plan(replace(graph), BuildOptions(optimise="size"))  # what is known of a graph is kept with it
    monkeypatch.setitem(FUSIONS, PAIR, Optional(FUSIONS[PAIR], saved=-300_000, larger=0))
    assert not joined(graph)
    smallest = plan(graph, BuildOptions(optimise="size"))
    assert smallest.flash_bytes <= apart.flash_bytes
    assert joined(graph, optimise="size")
    assert joined(graph, smallest.flash_bytes)


def test_dense_layers_behind_each_other_are_one_where_there_is_room() -> None:
    network, none = lines.chain(4), Budget(0, 32_768)
    assert len(network.operators) > 2
    assert [len(layer.operators) for layer in plan(network).layers] == [len(network.operators)]
    for options in (BuildOptions(optimise="size"), BuildOptions(budget=none)):
        assert all(len(layer.operators) == 1 for layer in plan(network, options).layers)


def test_dense_layers_that_are_to_skip_zeros_stay_apart() -> None:
    layers = plan(lines.chain(1, 200, 40, 4), BuildOptions(skip_zeros=True)).layers
    assert [len(layer.operators) for layer in layers] == [1, 1] and layers[0].choice.skips_zeros

"""The arena of whole graphs: every layer finds its inputs as written, whoever shares their place."""

from dataclasses import dataclass

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.firmware.graph import Graph, Operator, Tensor
from zerotap.firmware.operators import Emission, Implementation
from zerotap.firmware.planning.arena import Arena, lay_out
from zerotap.firmware.planning.plan import Layer


def tensor(index: int, size: int) -> Tensor:
    return Tensor(index, f"t{index}", (1, size), "int8", np.ones(1), np.zeros(1, np.int64))


@st.composite
def networks(draw) -> tuple[Graph, list[Layer]]:
    """Layers with one source or two, from anywhere before; reshapes, layers in place, scratch."""
    count = draw(st.integers(1, 9))
    sizes = [draw(st.integers(1, 30))]
    layers: list[Layer] = []
    tensors = [tensor(0, sizes[0])]
    for at in range(count):
        newest = draw(st.integers(max(0, at - 3), at))
        sources = [tensors[newest], *(draw(st.lists(st.sampled_from(tensors), max_size=1)))]
        kind = draw(st.sampled_from(["plain", "plain", "alias", "in place"]))
        size = sources[0].size if kind != "plain" else draw(st.integers(1, 30))
        tensors.append(tensor(at + 1, size))
        layers.append(layer(at, sources[:1] if kind == "alias" else sources, tensors[-1], kind, draw))
    layers = needed(layers, count)
    operators = tuple(each.operators[0] for each in layers)
    return Graph(tuple(tensors), operators, 0, count), layers


def needed(layers: list[Layer], output: int) -> list[Layer]:
    """What the output depends on, as a plan has it."""
    wanted, kept = {output}, []
    for each in reversed(layers):
        if each.target.index in wanted:
            wanted |= {source.index for source in each.sources}
            kept.append(each)
    return kept[::-1]


def layer(at: int, sources: list[Tensor], target: Tensor, kind: str, draw) -> Layer:
    scratch = draw(st.sampled_from([0, 0, 12])) if kind != "alias" else 0
    choice = Implementation("k", (), 0, 0, lambda _: Emission("", ""), scratch)
    operator = Operator("OP", tuple(source.index for source in sources), (target.index,))
    alias, in_place = kind == "alias", kind != "plain"
    return Layer(at, (operator,), "", tuple(sources), target, 0, alias, in_place, (choice,), choice)


@dataclass
class Memory:
    """The three arrays that tensors live in; every byte tells whose it is."""

    arena: Arena
    places: dict[str, list[object]]

    def spot(self, one: Tensor) -> tuple[str, int]:
        homes = [
            ("input", 0) if one.index in self.arena.in_input else None,
            ("output", 0) if one.index in self.arena.in_output else None,
            ("arena", self.arena.offsets[one.index]) if one.index in self.arena.offsets else None,
        ]
        (home,) = [each for each in homes if each is not None]
        return home

    def write(self, where: tuple[str, int], size: int, value: object) -> None:
        name, offset = where
        assert name != "input"
        assert offset + size <= len(self.places[name])
        self.places[name][offset : offset + size] = [value] * size

    def holds(self, one: Tensor, value: object) -> bool:
        name, offset = self.spot(one)
        return self.places[name][offset : offset + one.size] == [value] * one.size


@given(networks())
@settings(max_examples=300, deadline=None)
def test_every_layer_finds_its_inputs_as_they_were_written(network: tuple[Graph, list[Layer]]) -> None:
    graph, layers = network
    arena = lay_out(graph, layers)
    sizes = {"input": graph.tensors[0].size, "output": graph.tensors[-1].size, "arena": arena.size_bytes}
    memory = Memory(arena, {name: [None] * size for name, size in sizes.items()})
    memory.places["input"] = [0] * sizes["input"]
    content: dict[int, object] = {0: 0}
    for each in layers:
        for source in each.sources:
            assert memory.holds(source, content[source.index]), (each.index, source.index, arena)
        if each.alias:
            content[each.target.index] = content[each.source.index]
            assert memory.spot(each.target) == memory.spot(each.source)
            continue
        content[each.target.index] = each.target.index
        if each.choice.scratch_bytes:
            memory.write(("arena", arena.scratch[each.index]), each.choice.scratch_bytes, "scratch")
        if not each.in_place:
            # What is not made for it may write its output before it has read all of its input.
            memory.write(memory.spot(each.target), each.target.size, "begun")
            assert all(memory.holds(source, content[source.index]) for source in each.sources)
        memory.write(memory.spot(each.target), each.target.size, each.target.index)
    if graph.output not in arena.in_input:
        assert memory.holds(graph.tensors[graph.output], content[graph.output])

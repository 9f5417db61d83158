"""Layers in straight line, whole: on the simulated board by both compilers, and as C on this machine."""

from dataclasses import dataclass

import lines
import numpy as np
import pytest
from on_board import COMPILERS, Case, Linked, with_choice

from zerotap.firmware import plan
from zerotap.firmware.c_code.assembly import cycles
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.operators import Implementation
from zerotap.firmware.operators.straight.packing import PACK_BLOCKS
from zerotap.firmware.planning.arena import lay_out
from zerotap.firmware.planning.layer import Layer
from zerotap.firmware.planning.plan import Plan, prepared, single_layers

BEHIND = ("", "MAX_POOL_2D", "MEAN")
LOOP_OF_BYTES = "    bne 2b"
BY_ROWS = " outputs: "
SEEDS = range(9)
# Pointwise, of a multiple of 4 channels: between the inputs of two turns lie some that neither needs.
# Of the second of two dense layers: with a rest of four and without, in a loop and written out.
INPUTS = (8, 11, 4, 3, 20, 22, 16)
IN_BLOCKS = (("", 48), ("", 49), ("MAX_POOL_2D", 14), ("MEAN", 48))
# Taps so many positions apart.
DILATIONS = (2, 3, 4, 5, 6, 8, 17)


@dataclass(frozen=True)
class Line(Case):
    """A plan whose layer is in straight line, and what it makes of its samples."""

    name: str

    @property
    def choice(self):
        return self.planned.running[0].choice


def straight(layer: Layer) -> list[Implementation]:
    return [each for each in layer.implementations if each.kernel.startswith("straight")]


def case(name: str, graph, seed: int, some_by_rows: bool = False) -> Line | None:
    planned = plan(graph)
    first = planned.running[0]
    ways = [each for each in straight(first) if (BY_ROWS in each.kernel) == some_by_rows]
    if not ways:
        return None
    place = next(place for place, each in enumerate(planned.layers) if each is first)
    planned = with_choice(planned, place, ways[0])
    inputs = lines.samples(seed, planned.graph.tensors[planned.graph.input].size)
    return Line(planned, inputs, lines.expected(planned, inputs), name)


def apart(seed: int) -> Line:
    """Two dense layers, each in straight line: what the second one reads lies in the arena."""
    graph = prepared(lines.chain(seed, 5 + seed % 4, INPUTS[seed % len(INPUTS)], 3))
    layers = single_layers(graph)
    planned = Plan(graph, tuple(layers), lay_out(graph, layers))
    for place, layer in enumerate(layers):
        planned = with_choice(planned, place, straight(layer)[0])
    inputs = lines.samples(seed, graph.tensors[graph.input].size)
    return Line(planned, inputs, lines.expected(planned, inputs), f"apart_{seed}")


@pytest.fixture(scope="module")
def cases() -> list[Line]:
    drawn = [
        case(f"line_{behind.lower()}_{seed}", lines.convolution(seed, behind), seed)
        for behind in BEHIND
        for seed in SEEDS
    ]
    drawn += [
        case(f"some_by_rows_{seed}", lines.convolution(seed, "MAX_POOL_2D"), seed, some_by_rows=True)
        for seed in range(4 * len(SEEDS))
    ]
    drawn += [
        case(f"blocks_{behind.lower()}_{seed}", lines.convolution(seed, behind), seed)
        for behind, seed in IN_BLOCKS
    ]
    drawn += [
        case(
            f"dilated_{behind.lower()}_{dilation}",
            lines.convolution(dilation, behind, dilation=dilation),
            dilation,
        )
        for behind in ("", "MEAN")
        for dilation in DILATIONS
    ]
    drawn += [case(f"dense_{seed}", lines.dense(seed), seed) for seed in range(2 * len(SEEDS))]
    drawn += [case(f"chain_{seed}", lines.chain(seed), seed) for seed in SEEDS]
    drawn += [apart(seed) for seed in range(len(INPUTS))]
    return [each for each in drawn if each is not None]


def test_most_drawn_layers_can_be_had_in_straight_line(cases):
    assert len(cases) > 0.8 * (len(BEHIND) + 2) * len(SEEDS)
    values = {value for each in cases for value in each.expected.ravel().tolist()}
    assert len(values) > 200, "the cases saturate and prove nothing"
    assert sum(BY_ROWS in each.choice.kernel for each in cases) > 2
    assert sum("dilated" in each.name for each in cases) > 10
    in_blocks = [each for each in cases if PACK_BLOCKS in each.choice.runtime]
    assert len(in_blocks) == len(IN_BLOCKS)
    chained = [each for each in cases if each.planned.running[0].name.startswith("FULLY_CONNECTED+")]
    assert len(chained) == len(SEEDS) and all(len(each.planned.running) == 1 for each in chained)


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_board_gives_numpys_bits_in_the_same_time_for_every_input(cases, compiler):
    linked = Linked({each.name: each.planned for each in cases}, compiler)
    bounds = linked.stack_bounds()
    for each in cases:
        ran = linked.run(each.name, each.samples)
        assert np.array_equal(ran.outputs, each.expected), (each.name, each.choice.kernel)
        assert len(set(ran.cycles)) == 1, each.name
        # What compilers make of the calls is estimated: of small layers that is more than a few in a hundred.
        stated, counted = each.planned.cycles, ran.cycles[0]
        assert abs(stated - counted) < 20 + 0.03 * counted, (each.name, stated, counted)
        assert each.planned.stack_bytes >= bounds[each.name], each.name


@pytest.mark.parametrize("compiler", COMPILERS)
def test_only_rows_that_the_caller_gives_are_unpacked_at_any_address(cases, compiler):
    linked = Linked({each.name: each.planned for each in cases if each.name.startswith("apart")}, compiler)
    for each in (each for each in cases if each.name.startswith("apart")):
        first, second = (layer.choice.emit("layer_0").assembly[0].lines for layer in each.planned.layers)
        assert LOOP_OF_BYTES in first
        assert LOOP_OF_BYTES not in second
        for skew in range(1, 4):
            assert np.array_equal(linked.run(each.name, each.samples, skew).outputs, each.expected)


def test_the_c_for_other_processors_gives_the_same_bits(cases, build_host):
    host = build_host({each.name: generate_plan(each.planned, each.name) for each in cases})
    for each in cases:
        assert np.array_equal(host.run(each.name, each.samples), each.expected), each.name


def test_code_bytes_and_stack_are_those_of_the_text(cases):
    for each in cases:
        functions = each.choice.emit("layer_0").assembly
        assert each.choice.code_bytes == sum(function.code_bytes for function in functions)
        assert each.choice.stack_bytes == max(function.stack_bytes for function in functions)
        assert all(cycles(function.lines) for function in functions)

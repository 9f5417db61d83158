"""Depthwise convolutions by pairs of positions: exact on the board and in C, in the cycles stated."""

import numpy as np
import pytest
from drawn_depthwise import depthwise, samples, tensor
from on_board import COMPILERS, Case, Linked, plans, with_choice

from zerotap.firmware import plan
from zerotap.firmware.generation.model_code import generate_plan
from zerotap.firmware.graph import Graph, Operator
from zerotap.firmware.operators.board_code.text import immediate
from zerotap.firmware.operators.depthwise_pairs.runs import fewest_runs, is_legal, runs_in_order
from zerotap.firmware.options import Budget, BuildOptions

SEEDS = [12, pytest.param(32, marks=pytest.mark.thorough)]


@pytest.fixture(scope="module", params=SEEDS)
def seeds(request) -> int:
    return request.param


@pytest.fixture(scope="module")
def cases(seeds) -> dict[str, Case]:
    found = {}
    for seed in range(seeds):
        graph = depthwise(seed)
        planned, given = plan(graph), samples(seed, graph)
        (layer,) = planned.layers
        expected = np.array([layer.reference(graph, each).ravel() for each in given])
        for way in layer.implementations:
            if way.kernel.startswith("depthwise_pairs"):
                name = f"pairs_{seed}_{'unrolled' in way.kernel:d}"
                found[name] = Case(with_choice(planned, 0, way), given, expected)
    return found


def test_nearly_every_layer_has_both_ways(cases, seeds):
    assert len(cases) >= 2 * seeds - 6 * seeds // 32


def beyond_counted(cases: dict[str, Case], compiler: str) -> dict[str, int]:
    """Cycles stated less those taken, after outputs, constant time and the stack have been held."""
    linked, found = Linked(plans(cases), compiler), {}
    bounds = linked.stack_bounds()
    for name, case in cases.items():
        ran = linked.run(name, case.samples)
        assert np.array_equal(ran.outputs, case.expected), name
        assert len(set(ran.cycles)) == 1, name
        assert ran.stack_bytes <= bounds[name] <= case.planned.stack_bytes, name
        found[name] = case.planned.cycles - ran.cycles[0]
    return found


@pytest.mark.parametrize("compiler", COMPILERS)
def test_on_the_board_outputs_are_exact_and_cycles_are_as_counted(cases, compiler):
    beyond, names = {}, sorted(cases, key=lambda name: cases[name].planned.arena_bytes)
    for batch in (names[place::4] for place in range(4)):
        beyond |= beyond_counted({name: cases[name] for name in batch}, compiler)
    # What is around the assembly differs by its number of arguments alone.
    assert max(beyond.values()) - min(beyond.values()) <= 12, beyond
    assert -12 <= min(beyond.values()) <= max(beyond.values()) <= 30


def test_its_plain_c_gives_the_same(cases, build_host):
    program = build_host({name: generate_plan(case.planned, name) for name, case in cases.items()})
    for name, case in cases.items():
        assert np.array_equal(program.run(name, case.samples), case.expected), name


def test_a_run_is_as_long_as_int16_allows():
    one = np.array([[127, 127, 3]])
    assert not is_legal(one), "127 * 257 is more than 32,767"
    assert is_legal(np.array([[127, 127, 2]]))
    assert not is_legal(np.array([[-128, -128]])), "of -128 each they give 32,768"
    assert len(fewest_runs(np.array([[127, 1, 127, 127, 1]]))) == 2
    assert fewest_runs(np.array([[-9, 127, -8, 127, -7]])) == ((0, 1), (2, 3, 4)), "none is all negative"
    assert len(runs_in_order(np.array([[127, 127, 127], [1, 1, 127]]))) == 2


@pytest.mark.parametrize("value", [0, 1, 255, 256, 257, 0x12345, -1, -128, 0x7F000000, -(0x1234 << 8)])
def test_a_number_is_set_without_a_literal(value):
    held = 0
    for line in immediate("r3", value):
        name, operands = line.split(" ", 1)
        amount = int(operands.rsplit("#", 1)[1])
        assert name == "rsbs" or 0 <= amount < 256
        held = {"movs": amount, "adds": held + amount, "lsls": held << amount % 32, "rsbs": -held}[name]
    assert held == value


def two_layers() -> Graph:
    """A pointwise convolution, then a depthwise one of every second row and column."""
    rng = np.random.default_rng(3)
    options = {"padding": 0, "stride_h": 1, "stride_w": 1, "dilation_h_factor": 1, "dilation_w_factor": 1}
    pointwise = rng.integers(-127, 128, (8, 1, 1, 8)).astype(np.int8)
    depthwise = rng.integers(-127, 128, (1, 3, 3, 8)).astype(np.int8)
    tensors = (
        tensor(0, (1, 24, 24, 8), 0.05, 3),
        tensor(1, pointwise.shape, [0.01] * 8, 0, pointwise),
        tensor(2, (1, 24, 24, 8), 0.2, -128),
        tensor(3, depthwise.shape, [0.01] * 8, 0, depthwise, 3),
        tensor(4, (1, 12, 12, 8), 0.7, -5),
    )
    every = {"stride_h": 2, "stride_w": 2, "depth_multiplier": 1, "fused_activation_function": 0}
    first = Operator("CONV_2D", (0, 1, -1), (2,), options | {"fused_activation_function": 1})
    return Graph(tensors, (first, Operator("DEPTHWISE_CONV_2D", (2, 3, -1), (4,), options | every)), 0, 4)


def test_where_layers_run_by_rows_its_assembly_goes_with_them():
    graph = two_layers()
    whole = plan(graph, BuildOptions(optimise="size"))
    planned = plan(graph, BuildOptions(budget=Budget(1 << 18, whole.ram_total_bytes - 2000)))
    (layer,) = planned.layers
    given = np.random.default_rng(4).integers(-128, 128, (3, 1, 24, 24, 8)).astype(np.int8)
    expected = np.array([layer.reference(graph, each).ravel() for each in given])
    assert layer.is_by_rows
    assert layer.choice.code_bytes > 0, "the depthwise layer has assembly of its own"
    beyond_counted({"rows": Case(planned, given, expected)}, "zig")

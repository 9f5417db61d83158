"""Choosing kernels under a budget, against every combination tried one by one."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zerotap.errors import DoesNotFitError
from zerotap.firmware.board import MKR_ZERO
from zerotap.firmware.operators import Emission, Implementation
from zerotap.firmware.options import Budget, BuildOptions
from zerotap.firmware.planning import cost_model
from zerotap.firmware.planning.choosing.choice import MOST_COMBINATIONS, Problem, choose
from zerotap.firmware.planning.fitting import check_plan
from zerotap.firmware.planning.plan import plan
from zerotap.firmware.planning.runtime_costs import RUNTIME
from zerotap.firmware.tflite.reader import read_tflite

BOARD = Budget.of(MKR_ZERO)

KERNELS = sorted(RUNTIME)[:4]


@st.composite
def implementations(draw, kernel: str):
    constants, cycles = draw(st.integers(0, 400)), draw(st.integers(1, 4000))
    scratch = draw(st.sampled_from([0, 0, 64]))
    return Implementation(kernel, (kernel,), constants, cycles, lambda _: Emission("", ""), scratch)


@st.composite
def problems(draw, most_layers: int):
    """Each layer's options, and a budget anywhere between nothing and all that they could take."""
    layers = draw(st.integers(1, most_layers))
    options = []
    for _ in range(layers):
        kernels = draw(st.lists(st.sampled_from(KERNELS), min_size=1, max_size=3, unique=True))
        options.append(tuple(draw(implementations(kernel)) for kernel in kernels))
    budget = Budget(draw(st.integers(0, 1500)), draw(st.integers(0, 300)), "the budget allows")
    return options, draw(st.sampled_from(["speed", "size"])), budget


def ram_bytes(choices) -> int:
    return max(each.scratch_bytes for each in choices) + cost_model.stack_bytes(choices, several_ends=False)


def excess(choices, budget: Budget) -> int:
    flash = cost_model.flash_bytes(choices) - budget.flash_bytes
    return max(0, flash) + max(0, ram_bytes(choices) - budget.ram_bytes)


def rank(choices, optimise: str, budget: Budget) -> tuple[int, int]:
    cost = cost_model.cycles if optimise == "speed" else cost_model.flash_bytes
    return excess(choices, budget), cost(choices)


@given(problems(4))
@settings(max_examples=80, deadline=None)
def test_of_few_combinations_the_best_is_found(problem) -> None:
    options, optimise, budget = problem
    chosen = choose(options, optimise, budget, ram_bytes)
    ranks = [rank(each, optimise, budget) for each in itertools.product(*options)]
    assert rank(chosen, optimise, budget) == min(ranks)


@given(problems(5))
@settings(max_examples=150, deadline=None)
def test_the_search_finds_what_all_combinations_have_of_best(problem) -> None:
    options, optimise, budget = problem
    solver = Problem(options, optimise, budget, ram_bytes)
    found = rank(solver.choices(solver.searched()), optimise, budget)
    best = min(rank(each, optimise, budget) for each in itertools.product(*options))
    assert (found[0] == 0) == (best[0] == 0)
    assert found == best or best[0] > 0


def test_many_layers_go_into_the_budget() -> None:
    fast = Implementation("fast", (KERNELS[0],), 300, 100, lambda _: Emission("", ""))
    small = Implementation("small", (KERNELS[1],), 50, 400, lambda _: Emission("", ""))
    options = [(fast, small)] * 30
    assert Problem(options, "speed", BOARD, ram_bytes).combinations > MOST_COMBINATIONS
    everything_fast = choose(options, "speed", BOARD, ram_bytes)
    assert {each.kernel for each in everything_fast} == {"fast"}
    half = cost_model.flash_bytes(everything_fast) // 2
    chosen = choose(options, "speed", Budget(half, 1000, "x"), ram_bytes)
    assert half - 250 <= cost_model.flash_bytes(chosen) <= half
    assert {each.kernel for each in choose(options, "size", BOARD, ram_bytes)} == {"small"}


def test_where_ram_is_short_scratch_and_stack_are_weighed_together() -> None:
    """Ten layers: the fastest option wants scratch, the next a deep stack; there is room for one of both."""
    kernels = sorted(RUNTIME, key=lambda name: RUNTIME[name].stack_bytes)
    shallow, deep = kernels[0], kernels[-1]

    def of(runtime: str, cycles: int, scratch: int) -> Implementation:
        return Implementation(runtime, (runtime,), 8, cycles, lambda _: Emission("", ""), scratch)

    layer = (of(shallow, 100, 300), of(deep, 200, 0), of(shallow, 900, 0))
    depth = RUNTIME[deep].stack_bytes - RUNTIME[shallow].stack_bytes

    def ram(choices) -> int:
        stack = max(RUNTIME[each.kernel].stack_bytes for each in choices)
        return max(each.scratch_bytes for each in choices) + stack - RUNTIME[shallow].stack_bytes

    def cycles(most_ram: int) -> set[int]:
        budget = Budget(BOARD.flash_bytes, most_ram)
        return {each.cycles for each in choose([layer] * 10, "speed", budget, ram)}

    assert cycles(300 + depth) == {100} and cycles(300) == {100}
    assert cycles(299) == ({200} if depth <= 299 else {900})
    assert cycles(depth - 1) == {900}


def test_where_ram_is_short_the_stack_of_own_functions_is_left_out_with_them(dense_file) -> None:
    """The leanest layers in straight line want more stack together than loops without scratch do."""
    graph = read_tflite(dense_file)
    for most in (134, 140, 160):
        planned = plan(graph, BuildOptions(budget=Budget(1850, most)))
        assert planned.ram_total_bytes <= most and planned.flash_bytes <= 1850


def test_shared_code_counts_once() -> None:
    one = Implementation("a", (KERNELS[0],), 10, 1, lambda _: Emission("", ""))
    assert cost_model.flash_bytes([one, one]) - cost_model.flash_bytes([one]) == cost_model.own_bytes(one)
    assert cost_model.flash_bytes([one]) >= RUNTIME[KERNELS[0]].code_bytes + 10


def test_a_budget_that_nothing_fits_names_the_layer_and_what_would(dense_file) -> None:
    graph = read_tflite(dense_file)
    smallest = plan(graph, BuildOptions(optimise="size"))
    for limits, named in (
        (Budget(smallest.flash_bytes - 100, MKR_ZERO.ram_bytes), r"100 B more flash .* 0 FULLY_CONNECTED "),
        (Budget(MKR_ZERO.flash_bytes, 60), r"B more RAM than the budget allows \(60 B\)"),
    ):
        planned = plan(graph, BuildOptions(budget=limits))
        with pytest.raises(DoesNotFitError, match=named) as caught:
            check_plan(planned)
        assert "fits" in str(caught.value)
    check_plan(plan(graph, BuildOptions(budget=Budget(smallest.flash_bytes, MKR_ZERO.ram_bytes))))

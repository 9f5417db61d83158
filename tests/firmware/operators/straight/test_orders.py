"""Runs stay in their half of a word; orders are the cheapest there are; every output has its group."""

import itertools

import numpy as np
import pytest

from zerotap.firmware.operators.straight.grouping import REACH, groups
from zerotap.firmware.operators.straight.orders import (
    ADD_CYCLES,
    HALF_MAX,
    INPUT_MAX,
    RUN_MAX,
    START_CYCLES,
    row_order,
)

ALL_ALIKE = (INPUT_MAX,) * 16


def walked(weights, steps, close_cycles: int, reaches=ALL_ALIKE) -> tuple[int, int]:
    """(cycles, how far a run can reach) of steps."""
    cycles = used = longest = 0
    is_negative = False
    for step in itertools.chain(*steps):
        weight = weights[step.input]
        if step.closes:
            assert used, "nothing to close"
            cycles, used = cycles + close_cycles + is_negative, 0
        cycles += (ADD_CYCLES if used else START_CYCLES)[abs(weight)]
        is_negative = weight < 0 and (is_negative or used == 0)
        used += abs(weight) * reaches[step.input]
        longest = max(longest, used)
    return cycles + is_negative, longest


def brute_force(weights, groups, close_cycles: int, reaches=ALL_ALIKE) -> int:
    """The fewest cycles over every order in the groups, and every place to close at."""
    best = 10**9
    orders = [itertools.permutations([index for index in group if weights[index]]) for group in groups]
    for way in itertools.product(*orders):
        listed = list(itertools.chain(*way))
        states = {(0, False): 0}
        for index in listed:
            after: dict[tuple[int, bool], int] = {}
            for (used, sign), cycles in states.items():
                magnitude, minus = abs(weights[index]), weights[index] < 0
                reach = magnitude * reaches[index]
                ways = [
                    (
                        (reach, minus),
                        cycles + START_CYCLES[magnitude] + (close_cycles + sign) * (used > 0),
                    )
                ]
                if used and used + reach <= HALF_MAX:
                    ways.append(((used + reach, sign and minus), cycles + ADD_CYCLES[magnitude]))
                for key, cost in ways:
                    after[key] = min(cost, after.get(key, cost))
            states = after
        best = min(best, *(cycles + sign for (_, sign), cycles in states.items()))
    return best


@pytest.mark.parametrize("seed", range(30))
def test_the_order_is_the_cheapest_and_no_run_is_too_long(seed):
    rng = np.random.default_rng(seed)
    limit = int(rng.choice([127, 127, 60, 7]))
    weights = rng.integers(-limit, limit + 1, int(rng.integers(1, 9))).tolist()
    if not any(weights):
        weights[0] = -128
    pairs = [tuple(range(at, min(at + 2, len(weights)))) for at in range(0, len(weights), 2)]
    close_cycles = int(rng.integers(3, 5))
    steps = row_order(weights, pairs, close_cycles)
    cycles, longest = walked(weights, steps, close_cycles)
    assert sorted(step.input for step in itertools.chain(*steps)) == list(np.flatnonzero(weights))
    assert longest <= RUN_MAX * INPUT_MAX
    assert cycles <= brute_force(weights, pairs, close_cycles) + (limit > 100)  # not all early ends are tried


@pytest.mark.parametrize("seed", range(20))
def test_inputs_that_reach_further_fill_a_run_sooner(seed):
    rng = np.random.default_rng(seed)
    weights = rng.choice([-1, 1], 8) * rng.integers(1, 129, 8)
    reaches = rng.choice([INPUT_MAX, 255], 8).tolist()
    pairs = [(at, at + 1) for at in range(0, 8, 2)]
    steps = row_order(weights.tolist(), pairs, 3, reaches)
    cycles, longest = walked(weights.tolist(), steps, 3, reaches)
    assert sorted(step.input for step in itertools.chain(*steps)) == list(range(8))
    assert longest <= HALF_MAX
    assert cycles <= brute_force(weights.tolist(), pairs, 3, reaches) + 1  # not all early ends are tried


@pytest.mark.parametrize("outputs", [1, 2, 3, 4, 5, 16, 40, 70])
@pytest.mark.parametrize("size", [2, 3])
def test_every_output_is_in_one_group_of_neighbours(outputs, size):
    weights = np.random.default_rng(outputs).integers(-127, 128, (outputs, 9))
    found = groups(weights, size)
    assert sorted(itertools.chain(*found)) == list(range(outputs))
    assert all(list(group) == sorted(group) and group[-1] - group[0] <= REACH for group in found)
    assert max(map(len, found)) <= 3
    assert sum(len(group) == 1 for group in found) <= (outputs == 1) + outputs // (REACH + 1)


def test_equal_outputs_share_their_products():
    weights = np.random.default_rng(3).integers(5, 120, (6, 12))
    weights[4] = -weights[1]
    assert (1, 4) in groups(weights, 2)
